//! Verdicts that another draw may make right, because the text does not name only one.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::draws::{Draw, DrawNumber};
use crate::fact_check::claim::{Claim, Quantity, Value};
use crate::fact_check::claims::Statement;
use crate::fact_check::groups::Group;
use crate::fact_check::references::{Reference, ReferenceKind};
use crate::fact_check::verdict::{Comparison, Verdict, is_day_of};
use crate::fact_check::word_classes::class;

impl<'r> Comparison<'_, '_, '_, 'r> {
    /// Whether another draw may be meant: the figure is right for one, and its reference is not the only one near it.
    pub fn is_ambiguous(&self, verdict: &Verdict<'r>, group: &Group<'r>) -> bool {
        match verdict {
            Verdict::Differs { claim, .. } if self.is_of_several(claim, group) => true,
            Verdict::Differs { claim, .. } if !self.has_draw_label(claim) => true,
            Verdict::Differs { claim, draw, .. } if is_next(claim, draw) || is_other_figure(claim, draw) => true,
            Verdict::Differs { claim, .. } if self.is_plain_difference(claim, group) => true,
            Verdict::Differs { claim, .. } if !self.names_one_draw(claim, group) && self.is_plain_sum(claim, group) => {
                true
            }
            Verdict::Differs { claim, .. } if matches!(claim.quantity, Quantity::CutOff | Quantity::Invitations) => {
                !self.names_one_draw(claim, group)
                    && self.close_draws(group).iter().any(|other| self.fits(claim, other))
            }
            Verdict::Differs { claim, .. } if claim.quantity == Quantity::TieBreak => {
                let has_it = |other: &&Draw| other.tie_break.is_some() && self.fits(claim, other);
                group.named.is_empty() && group.dates.is_empty() && self.close_draws(group).iter().any(has_it)
            }
            Verdict::NoDraw { claim } | Verdict::WrongDate { claim, .. } if self.is_no_day_of_draw(claim, group) => {
                true
            }
            Verdict::WrongDate { named: None, .. } => false,
            Verdict::WrongDate { claim, figures, named, right } => {
                let is_other_kind =
                    self.is_of_category(group, right) && named.is_none_or(|named| !self.is_of_category(group, named));
                let is_clear = || {
                    figures.iter().all(|figure| self.names_one_draw(figure, group)) || self.names_one_draw(claim, group)
                };
                !is_other_kind && (!is_clear() || figures.iter().any(|figure| self.is_apart(figure, claim)))
            }
            _ => false,
        }
    }

    /// Whether a date may be the tie-break of a draw, the day of a snapshot of the pool or a day of an open month.
    fn is_no_day_of_draw(&self, claim: &Claim, group: &Group<'r>) -> bool {
        let statement = &self.statements[claim.statement];
        let Some(date) = claim.date(statement.sentence) else { return false };
        let is_tie_break = |draw: &&Draw| draw.tie_break.is_some_and(|at| date.matches(at));
        let is_large = |claim: &Claim| matches!(claim.value, Value::Number(number) if number > self.max_invitations());
        let is_of_draw = statement.has("onedraw") || statement.has("invite");
        let may_be_tie_break = claim.is_soft || statement.has("tiebreak") || statement.has("profile");
        date.is_day_only
            || may_be_tie_break && self.known_draws(group).iter().any(is_tie_break)
            || !is_of_draw && statement.claims.iter().any(is_large)
    }

    /// Whether a number of invitations is larger than any draw near it, or its clause counts draws.
    fn is_of_several(&self, claim: &Claim, group: &Group<'r>) -> bool {
        let (Quantity::Invitations, Value::Number(number)) = (claim.quantity, claim.value) else { return false };
        let statement = &self.statements[claim.statement];
        let has = |name: &str| claim.clause.has(class(name));
        !statement.is_row()
            && !group.is_labelled
            && (number > self.max_invitations() || (has("together") || has("draws")) && !has("onedraw"))
    }

    /// Whether a number of invitations is the sum of consecutive draws.
    fn is_plain_sum(&self, claim: &Claim, group: &Group<'r>) -> bool {
        let (Quantity::Invitations, Value::Number(number)) = (claim.quantity, claim.value) else { return false };
        !claim.clause.has(class("onedraw"))
            && self.known_draws(group).iter().any(|draw| self.index.is_sum(number, draw.date))
    }

    /// Whether a number of more or fewer invitations is the difference of two draws: "despite 500 more ITAs".
    pub fn is_plain_difference(&self, claim: &Claim, group: &Group<'r>) -> bool {
        let (Quantity::Invitations, Value::Number(number)) = (claim.quantity, claim.value) else { return false };
        let statement = &self.statements[claim.statement];
        let is_more = ["more", "extra", "difference"].iter().any(|name| statement.has_at(claim.tokens.end, name));
        is_more && {
            let known: BTreeSet<i64> = self.close_draws(group).iter().map(|draw| draw.invitations()).collect();
            known.iter().any(|invitations| known.contains(&(invitations + number)))
        }
    }

    /// Whether a day of the week stands without a date.
    fn has_lone_weekday(&self, statement: &Statement) -> bool {
        let sentence = statement.sentence;
        let is_of_date =
            |at: usize| sentence.dates.iter().any(|date| date.weekday.is_some_and(|(_, token)| token == at));
        (0..sentence.tokens.len()).any(|at| statement.has_at(at, "weekday") && !is_of_date(at))
    }

    /// Whether the text names only one draw for a figure.
    fn names_one_draw(&self, claim: &Claim, group: &Group<'r>) -> bool {
        let statement = &self.statements[claim.statement];
        if statement.is_row() || group.is_labelled {
            return true;
        }
        let mut places: Vec<Option<Date>> = vec![];
        for date in statement.claims.iter().filter(|claim| matches!(claim.quantity, Quantity::Date | Quantity::Aside)) {
            let days = self.days(date);
            let is_named = days.iter().any(|day| group.named.iter().any(|draw| is_day_of(draw, *day)));
            places.extend(Some(days.first().copied()).filter(|_| !is_named));
        }
        let numbers = |reference: &Reference| match &reference.kind {
            ReferenceKind::Numbers(numbers) => numbers.clone(),
            ReferenceKind::Previous | ReferenceKind::Day(_) => vec![],
        };
        let mut numbers: Vec<DrawNumber> = statement.references.iter().flat_map(numbers).collect();
        numbers.sort();
        numbers.dedup();
        let is_open = if group.named.is_empty() {
            statement.has("compare")
                || ["later", "previous", "yesterday"].iter().any(|name| statement.has_apart_from_days(name))
                || self.has_lone_weekday(statement)
        } else {
            claim.clause.has(class("compare")) || claim.clause.has(class("previous"))
        };
        let figures = statement.claims.iter().filter(|other| other.quantity == claim.quantity).count();
        if group.named.is_empty() && group.dates.iter().any(|date| self.is_apart(claim, date)) {
            return false;
        }
        let is_named = !group.dates.is_empty()
            || !group.named.is_empty()
            || statement.has("latest") && !statement.categories.is_empty()
            || self.around.is_current_named
            || self.around.current.len() == 1
            || self.around.current.is_empty() && self.around.is_topic_named;
        is_named && places.len() + numbers.len() <= 1 && !is_open && figures <= 1
    }

    /// Whether a date after a figure belongs to another clause, or stands outside of the brackets of the figure.
    fn is_apart(&self, figure: &Claim, date: &Claim) -> bool {
        let sentence = self.statements[figure.statement].sentence;
        let is_outside = || sentence.is_in_brackets(figure.tokens.start) && !sentence.is_in_brackets(date.tokens.start);
        date.statement == figure.statement
            && date.tokens.start > figure.tokens.start
            && (date.clause_tokens != figure.clause_tokens || is_outside())
    }
}

/// Whether a number whose words do not say much is the other figure of the draw.
fn is_other_figure(claim: &Claim, draw: &Draw) -> bool {
    const CLEAR_SCORE: i64 = 7;
    let other = match claim.quantity {
        Quantity::Invitations => draw.crs,
        Quantity::CutOff => draw.invitations(),
        _ => return false,
    };
    claim.score < CLEAR_SCORE && !claim.is_labelled && claim.column.is_none() && claim.value == Value::Number(other)
}

/// Whether a score is one point above a cut-off: "453 or more did not need the tie-break".
pub(super) fn is_next(claim: &Claim, draw: &Draw) -> bool {
    claim.quantity == Quantity::CutOff
        && claim.near.has(class("orhigher"))
        && claim.value == Value::Number(draw.crs + 1)
}
