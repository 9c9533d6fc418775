//! Figures that no draw has which the text can mean.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::draws::{Draw, DrawNumber};
use crate::fact_check::claim::{Claim, Quantity, Value};
use crate::fact_check::claims::Statement;
use crate::fact_check::groups::Group;
use crate::fact_check::references::{Reference, ReferenceKind};
use crate::fact_check::tokens::Token;
use crate::fact_check::verdict::{Comparison, Verdict, is_close, is_day_of};
use crate::fact_check::word_classes::class;

/// Smallest number without words that can be a figure of a draw.
const MIN_BARE: i64 = 70;
/// Sum of weights at which the words alone say what a number is.
const CLEAR_SCORE: i64 = 4;
/// Sum at which no figure beside it needs to be right.
const VERY_CLEAR_SCORE: i64 = 7;

impl<'r> Comparison<'_, '_, '_, 'r> {
    /// Figures that belong to no draw of the days, months, years and categories that the text speaks of. Those whose
    /// words do not say what they are must be close to a draw at hand, or stand beside figures that are right.
    pub fn unexplained(&self, group: &Group<'r>) -> Vec<Verdict<'r>> {
        let statement = &self.statements[group.first];
        if statement.is_provincial || group.is_aside && group.figures.is_empty() {
            return vec![];
        }
        let on_day = self.draws_on(group);
        let draws = if group.named.is_empty() { &on_day } else { &group.named };
        let is_right = |claim: &Claim| draws.iter().any(|draw| self.fits(claim, draw));
        let claims: Vec<&Claim> = group.figures.iter().chain(&group.weak).filter(|claim| !is_right(claim)).collect();
        if claims.is_empty() {
            return vec![];
        }
        let known = self.known_draws(group);
        claims.into_iter().filter_map(|claim| self.unexplained_claim(claim, group, &known)).collect()
    }

    fn unexplained_claim(&self, claim: &Claim, group: &Group<'r>, known: &[&'r Draw]) -> Option<Verdict<'r>> {
        let statement = &self.statements[claim.statement];
        let Value::Number(number) = claim.value else { return None };
        let on_day = self.draws_on(group);
        let draws = if group.named.is_empty() { &on_day } else { &group.named };
        let is_explained =
            |claim: &Claim| known.iter().chain(draws).any(|draw| self.fits(claim, draw) || is_next(claim, draw));
        let both = [Quantity::CutOff, Quantity::Invitations].map(|quantity| Claim { quantity, ..claim.clone() });
        if is_explained(claim)
            || claim.score < CLEAR_SCORE && both.iter().any(is_explained)
            || claim.score < CLEAR_SCORE && known.iter().any(|draw| i64::from(draw.round.number()) == number)
            || !self.is_about_draw(claim, group)
            || self.is_extreme(claim, group)
            || claim.quantity == Quantity::Invitations && known.iter().any(|draw| self.index.is_sum(number, draw.date))
        {
            return None;
        }
        let is_compound =
            statement.sentence.block.text[statement.sentence.tokens[claim.tokens.end - 1].range.end..].starts_with('-');
        if claim.is_weak && (number < MIN_BARE || is_compound) {
            return None;
        }
        let is_confirmed = self.stands_beside(claim, group, is_explained);
        let subject = draws.first().copied().or(self.subject(group));
        let has_cue = is_confirmed || self.has_cue(claim, group);
        let is_very_clear = has_cue && !self.around.is_topic_assumed && claim.score > VERY_CLEAR_SCORE;
        let is_plausible_size = claim.quantity == Quantity::CutOff || number <= self.most_of_one_draw();
        let is_clear = if claim.is_weak { is_confirmed && is_plausible_size } else { is_confirmed || is_very_clear };
        let may_be_close = has_cue && (!draws.is_empty() || claim.score > 0 || is_confirmed);
        let near = |claim: &Claim| draws.iter().copied().chain(subject).find(|draw| is_close(claim, draw));
        let close = [claim, &both[0], &both[1]].into_iter().find_map(|claim| Some((claim, near(claim)?)));
        let (claim, draw, is_weak) = match close.filter(|_| may_be_close) {
            Some((close, draw)) => (close, draw, !is_confirmed),
            None if is_clear => (claim, subject.or(known.last().copied())?, false),
            None => return None,
        };
        Some(Verdict::Differs { claim: Claim { is_weak, ..claim.clone() }, draw, other: None, is_certain: false })
    }

    /// Whether another figure of the sentence, or of those beside it for clear words, is right.
    fn stands_beside(&self, claim: &Claim, group: &Group<'r>, is_right: impl Fn(&Claim) -> bool) -> bool {
        let reach = usize::from(claim.score > 1 && self.has_cue(claim, group));
        let (first, last) = (claim.statement.saturating_sub(reach), claim.statement + reach + 1);
        let place = |statement: &Statement| (statement.sentence.block.field, statement.sentence.block.section);
        let own = place(&self.statements[claim.statement]);
        let near = self.statements[first..last.min(self.statements.len())].iter();
        let mut figures = near.filter(|other| place(other) == own).flat_map(|other| &other.claims).filter(|other| {
            matches!(other.quantity, Quantity::CutOff | Quantity::Invitations)
                && (other.statement, &other.tokens) != (claim.statement, &claim.tokens)
        });
        figures.any(is_right)
    }

    /// More invitations than a draw near the text can have had.
    fn most_of_one_draw(&self) -> i64 {
        self.around.most_invitations * 6 / 5
    }

    /// Whether a figure can be one of a single draw, not of a person, of the pool, of a period or of the future.
    fn is_about_draw(&self, claim: &Claim, group: &Group<'r>) -> bool {
        let has = |name: &str| claim.clause.has(class(name));
        let is_invitations = claim.quantity == Quantity::Invitations;
        !claim.is_from_header
            && !self.statements[claim.statement].has("mistake")
            && !self.is_personal(claim)
            && !self.is_of_pool(claim)
            && !claim.near.has(class("advice"))
            && !claim.near.has(class("future"))
            && self.has_draw_label(claim)
            && !(is_invitations && (self.is_of_period(claim) || has("together") || has("draws")))
            && !(self.around.is_of_year && claim.is_labelled && is_invitations)
            && !(group.is_aside && claim.is_weak)
    }

    /// Whether another draw may be meant: the figure is right for one, and its reference is not the only one near it.
    pub fn is_open(&self, verdict: &Verdict<'r>, group: &Group<'r>) -> bool {
        match verdict {
            Verdict::Differs { claim, .. } if self.is_of_several(claim, group) => true,
            Verdict::Differs { claim, .. } if !self.has_draw_label(claim) => true,
            Verdict::Differs { claim, draw, .. } if is_next(claim, draw) => true,
            Verdict::Differs { claim, .. } if !self.is_tight(claim, group) && self.is_plain_sum(claim, group) => true,
            Verdict::Differs { claim, .. } if matches!(claim.quantity, Quantity::CutOff | Quantity::Invitations) => {
                !self.is_tight(claim, group) && self.close_draws(group).iter().any(|other| self.fits(claim, other))
            }
            Verdict::NoDraw { claim } | Verdict::WrongDate { claim, .. } if self.is_no_day_of_draw(claim, group) => {
                true
            }
            Verdict::WrongDate { named: None, .. } => false,
            Verdict::WrongDate { claim, figures, named, right } => {
                let is_other_kind =
                    self.is_of_category(group, right) && named.is_none_or(|named| !self.is_of_category(group, named));
                let is_tight =
                    || figures.iter().all(|figure| self.is_tight(figure, group)) || self.is_tight(claim, group);
                !is_other_kind && (!is_tight() || figures.iter().any(|figure| self.is_apart(figure, claim)))
            }
            _ => false,
        }
    }

    /// Whether a date may be the tie-break of a draw, the day of a snapshot of the pool or a day of an open month.
    fn is_no_day_of_draw(&self, claim: &Claim, group: &Group<'r>) -> bool {
        let statement = &self.statements[claim.statement];
        let Some(date) = claim.date(statement.sentence) else { return false };
        let is_tie_break = |draw: &&Draw| draw.tie_break.is_some_and(|at| date.matches(at));
        let is_large = |claim: &Claim| matches!(claim.value, Value::Number(number) if number > self.most_of_one_draw());
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
            && (number > self.most_of_one_draw() || (has("together") || has("draws")) && !has("onedraw"))
    }

    /// Whether a number of invitations is the sum of consecutive draws.
    fn is_plain_sum(&self, claim: &Claim, group: &Group<'r>) -> bool {
        let (Quantity::Invitations, Value::Number(number)) = (claim.quantity, claim.value) else { return false };
        !claim.clause.has(class("onedraw"))
            && self.known_draws(group).iter().any(|draw| self.index.is_sum(number, draw.date))
    }

    /// Whether a day of the week stands without a date.
    fn has_lone_weekday(&self, statement: &Statement) -> bool {
        let sentence = statement.sentence;
        let is_of_date =
            |at: usize| sentence.dates.iter().any(|date| date.weekday.is_some_and(|(_, token)| token == at));
        (0..sentence.tokens.len()).any(|at| statement.has_at(at, "weekday") && !is_of_date(at))
    }

    /// Whether a figure can only be that of the draw named beside it.
    fn is_tight(&self, claim: &Claim, group: &Group<'r>) -> bool {
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
            ReferenceKind::Previous => vec![],
        };
        let mut numbers: Vec<DrawNumber> = statement.references.iter().flat_map(numbers).collect();
        numbers.sort();
        numbers.dedup();
        let is_open = if group.named.is_empty() {
            ["compare", "later", "previous", "yesterday"].iter().any(|name| statement.has(name))
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
        let tokens = &self.statements[figure.statement].sentence.tokens;
        let is_in_brackets = |token: usize| {
            let is_bracket = |token: &&Token| token.is_punctuation('(') || token.is_punctuation(')');
            tokens[..token].iter().rev().find(is_bracket).is_some_and(|token| token.is_punctuation('('))
        };
        let is_outside = || is_in_brackets(figure.tokens.start) && !is_in_brackets(date.tokens.start);
        date.statement == figure.statement
            && date.tokens.start > figure.tokens.start
            && (date.clause_tokens != figure.clause_tokens || is_outside())
    }

    /// Whether the label of a figure, if there is one, is about draws: "Age: 110 points" is not.
    fn has_draw_label(&self, claim: &Claim) -> bool {
        const ABOUT: [&str; 9] =
            ["score", "cutoff", "minimum", "invitation", "invite", "draw", "count", "person", "weekday"];
        let statement = &self.statements[claim.statement];
        let is_figure = matches!(claim.quantity, Quantity::CutOff | Quantity::Invitations);
        !claim.is_labelled
            || !is_figure
            || !statement.categories.is_empty()
            || ABOUT.iter().any(|name| claim.near.has(class(name)))
    }

    /// Draws that the figures of a group may be those of: around the days, months, years and categories that its
    /// statement names, else around any that the text names.
    fn known_draws(&self, group: &Group<'r>) -> Vec<&'r Draw> {
        let (around, statement) = (self.around, &self.statements[group.first]);
        let mut found = self.close_draws(group);
        if statement.claims.iter().all(|claim| self.days(claim).is_empty()) {
            found.extend(&around.wide);
        }
        found
    }

    /// Draws that the text names, and those of the days, months, years and categories of the statement.
    fn close_draws(&self, group: &Group<'r>) -> Vec<&'r Draw> {
        let (around, statement) = (self.around, &self.statements[group.first]);
        let named = [&around.current, &around.topic, &around.named, &around.mentioned, &around.nearby];
        let mut found: Vec<&Draw> = named.into_iter().flatten().copied().collect();
        let days: Vec<Date> = statement.claims.iter().flat_map(|claim| self.days(claim)).collect();
        found.extend(days.iter().flat_map(|day| self.index.around(*day, 14)));
        for year in statement.years().chain(around.title_years.iter().copied()) {
            found.extend(self.index.of_year(year, Date::MAX));
        }
        let of_months = self.of_months(group);
        // "More than the 400 of an earlier draw" may be any.
        let is_any = ["compare", "othertime"].iter().any(|name| statement.has(name))
            && !["previous", "weekday", "yesterday", "duration", "latest"].iter().any(|name| statement.has(name))
            && days.is_empty()
            && of_months.is_empty()
            && statement.categories.is_empty();
        if is_any {
            found.extend(self.index.between(Date::MIN, around.last_known));
        }
        found.extend(of_months);
        let last = around.last_known;
        for category in &statement.categories {
            let recent = self.index.between(last.saturating_sub(200.days()), last).iter();
            found.extend(recent.filter(|draw| draw.category.as_deref() == Some(category)));
        }
        found.extend(self.previous(group));
        found
    }
}

/// Whether a score is one point above a cut-off: "453 or more did not need the tie-break".
fn is_next(claim: &Claim, draw: &Draw) -> bool {
    claim.quantity == Quantity::CutOff
        && claim.near.has(class("orhigher"))
        && claim.value == Value::Number(draw.crs + 1)
}
