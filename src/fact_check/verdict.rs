//! Verdict: compares the claims of a group with the draws that it may refer to.

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::draws::{Draw, DrawNumber};
use crate::fact_check::calendar::Calendar;
use crate::fact_check::claim::{Claim, Quantity, Value};
use crate::fact_check::claims::Statement;
use crate::fact_check::dates::ParsedDate;
use crate::fact_check::draw_index::DrawIndex;
use crate::fact_check::groups::{Group, Surroundings};
use crate::fact_check::word_classes::class;

/// Result of a comparison that contradicts a claim.
pub(super) enum Verdict<'r> {
    /// No draw on that day, up to the newest draw.
    NoDraw { claim: Claim },
    /// No draw with that number yet.
    NoNumber { statement: usize, token: usize, number: DrawNumber },
    /// Day and figures are those of another draw: its number is wrong.
    WrongNumber { statement: usize, token: usize, named: &'r Draw, right: &'r Draw },
    /// The figures are those of another draw: its date is wrong.
    WrongDate { claim: Claim, figures: Vec<Claim>, named: Option<&'r Draw>, right: &'r Draw },
    /// The draw of that day was of another category than the text says.
    WrongCategory { claim: Claim, draw: &'r Draw, right: &'r Draw },
    /// The figure differs from the draw's. The fix is certain if no other draw can be meant.
    Differs { claim: Claim, draw: &'r Draw, other: Option<&'r Draw>, is_certain: bool },
}

impl Verdict<'_> {
    /// Statement that is contradicted.
    pub fn statement(&self) -> usize {
        match self {
            Self::NoDraw { claim }
            | Self::WrongDate { claim, .. }
            | Self::WrongCategory { claim, .. }
            | Self::Differs { claim, .. } => claim.statement,
            Self::NoNumber { statement, .. } | Self::WrongNumber { statement, .. } => *statement,
        }
    }
}

pub(super) struct Comparison<'c, 's, 'a, 'r> {
    pub statements: &'c [Statement<'s, 'a>],
    pub index: &'c DrawIndex<'r>,
    pub calendar: &'c Calendar,
    pub around: &'c Surroundings<'r>,
}

/// Draws after the newest of the record that a text can speak of.
const MAX_NEW_NUMBERS: u32 = 30;
/// Days around a claimed date in which another draw with these figures is looked for.
pub(super) const MAX_DAYS_OFF: i64 = 45;

impl<'r> Comparison<'_, '_, '_, 'r> {
    /// Compares the claims of a group; right and uncertain claims give nothing.
    pub fn verdicts(&self, group: &Group<'r>) -> Vec<Verdict<'r>> {
        let mut found = self.clear_verdicts(group);
        found.retain(|verdict| !self.is_corrected(verdict) && !self.is_ambiguous(verdict, group));
        for check in [Self::bound, Self::unexplained] {
            if found.is_empty() {
                found = check(self, group);
                found.retain(|verdict| !self.is_corrected(verdict));
            }
        }
        found
    }

    fn clear_verdicts(&self, group: &Group<'r>) -> Vec<Verdict<'r>> {
        let mut group = group.clone();
        group.dates.retain(|date| !self.is_personal(date) && !self.is_known_tie_break(date));
        let is_named = !group.named.is_empty();
        group.figures.retain(|claim| !self.is_personal(claim) && (is_named || !self.is_of_pool(claim)));
        if group.figures.is_empty() && !group.dates.is_empty() {
            let near = self.near(&self.draws_on(&group));
            let fits = |claim: &&Claim| near.iter().any(|draw| self.fits(claim, draw));
            group.figures = group.weak.iter().filter(fits).cloned().collect();
        }
        let group = &group;
        if self.statements[group.first].is_provincial {
            return vec![];
        }
        if let Some((statement, token, number)) = group.unknown.clone().filter(|_| group.named.is_empty()) {
            let newest = self.index.newest().map_or(0, |draw| draw.round.number());
            // In "the highest score in a draw: 538" the number is a cut-off.
            let is_score = number.number() > newest + MAX_NEW_NUMBERS
                && ["score", "cutoff"].iter().any(|name| self.statements[statement].has(name));
            let is_new = number.number() > newest && !is_score && !self.statements[statement].has("future");
            return if is_new { vec![Verdict::NoNumber { statement, token, number }] } else { vec![] };
        }
        if group.is_aside {
            return vec![];
        }
        if group.is_comparison {
            return self.comparison(group);
        }
        if !group.named.is_empty() {
            return self.with_number(group);
        }
        // Beside a label the day is a figure like the others, if the subject is named.
        let subject = if self.around.is_current_named { &self.around.current } else { &self.around.topic };
        let is_named = self.around.is_current_named || self.around.current.is_empty() && self.around.is_topic_named;
        let is_subject_named = group.is_labelled && is_named && subject.len() == 1;
        match group.dates.first() {
            Some(_)
                if is_subject_named
                    && (group.figures.is_empty()
                        || !self.draws_on(group).iter().any(|draw| self.fits_all(group, draw))) =>
            {
                let named = subject.clone();
                self.with_number(&Group { named, ..group.clone() })
            }
            Some(date) => self.with_date(group, date),
            None => self.without_reference(group),
        }
    }

    /// Figures of a draw that is named for comparison may be those of any draw that the text speaks of.
    fn comparison(&self, group: &Group<'r>) -> Vec<Verdict<'r>> {
        let on_day = self.draws_on(group);
        let mut named = if group.named.is_empty() { &on_day } else { &group.named }.clone();
        if named.is_empty() && group.figures.iter().any(|claim| self.names_previous(claim)) {
            named.extend(self.subject(group));
        }
        if named.is_empty() {
            let of_months = self.of_months(group);
            named.extend(of_months.iter().filter(|draw| self.is_of_category(group, draw)));
            named.extend(of_months);
        }
        if named.is_empty() {
            let is_dated = group
                .dates
                .first()
                .filter(|date| !date.is_soft && self.is_in_record(date) && !group.figures.is_empty());
            return is_dated.map(|date| Verdict::NoDraw { claim: date.clone() }).into_iter().collect();
        }
        let pool = self.possible_draws(group);
        let is_right =
            |claim: &Claim| named.iter().chain(&pool).chain(&self.near(&named)).any(|draw| self.fits(claim, draw));
        let draw = first_max(&named, |draw| self.rights(group, draw));
        let wrong = group.figures.iter().filter(|claim| !is_right(claim) && !self.is_sum(claim, &named));
        self.differing(wrong, draw, false)
    }

    fn with_number(&self, group: &Group<'r>) -> Vec<Verdict<'r>> {
        let claims: Vec<&Claim> = group.dates.iter().chain(&group.figures).collect();
        let right = |draw: &Draw| claims.iter().filter(|claim| self.fits(claim, draw)).count();
        let is_near = |draw: &Draw| group.figures.iter().filter(|claim| is_close(claim, draw)).count();
        if let Some(verdict) = self.wrong_number(group, &claims) {
            return vec![verdict];
        }
        let draw = first_max(&group.named, |draw| (right(draw), is_near(draw)));
        let wrong: Vec<&Claim> =
            claims.iter().copied().filter(|claim| !self.is_excused(claim, group, &group.named)).collect();
        let is_only = group.named.iter().all(|other| std::ptr::eq(*other, draw) || is_near(other) == 0);
        // "Draw 406 – trades – April 2": the draw of that day is of the category, so the number may be wrong.
        let is_of_day = self.draws_on(group).iter().any(|other| self.is_of_category(group, other));
        let is_unique = is_only && (self.is_of_category(group, draw) || !is_of_day);
        // If the text also gives the other figure of another draw, the number may be wrong instead.
        let is_unique = is_unique && !wrong.iter().any(|claim| self.may_describe_another_draw(claim, &claims, draw));
        self.differing(wrong.into_iter(), draw, is_unique)
    }

    fn with_date(&self, group: &Group<'r>, date: &Claim) -> Vec<Verdict<'r>> {
        // A row with a range of scores states what is expected.
        let statement = &self.statements[date.statement];
        if statement.is_row() && statement.has_range() {
            return vec![];
        }
        let on_day = self.draws_on(group);
        let has_right_figure = |draw: &Draw| group.figures.iter().any(|claim| self.fits(claim, draw));
        if !group.figures.is_empty() && self.draws_of_list(date).iter().any(|draw| self.fits_all_figures(group, draw)) {
            return vec![];
        }
        if on_day.iter().any(|draw| self.fits_all(group, draw)) {
            return self.wrong_category(group, date, &on_day).into_iter().collect();
        }
        let has_named = self.statement_draws(group);
        if !group.figures.is_empty()
            && group.figures.iter().all(|claim| has_named.iter().any(|draw| self.fits(claim, draw)))
        {
            // Several draws in one sentence: which figure belongs to which day is open.
            if on_day.iter().any(|draw| has_named.iter().any(|named| std::ptr::eq(*named, *draw))) {
                return vec![];
            }
        }
        let other = self.other_draw(group, date).filter(|_| !on_day.iter().any(|draw| has_right_figure(draw)));
        if let Some(right) = other {
            let (figures, named) = (group.figures.clone(), on_day.first().copied());
            let differs = self.differing(group.figures.iter().filter(|claim| !self.fits(claim, right)), right, false);
            let wrong_date = Verdict::WrongDate { claim: date.clone(), figures, named, right };
            return std::iter::once(wrong_date).chain(differs).collect();
        }
        let Some(draw) = (!on_day.is_empty())
            .then(|| first_max(&on_day, |draw| (self.rights(group, draw), self.is_of_category(group, draw))))
        else {
            if date.is_soft {
                return self.without_reference(group);
            }
            let days = self.days(date);
            let is_past = self.is_in_record(date);
            let is_about_draw =
                || ["draw", "invite", "invitation", "cutoff"].iter().any(|name| date.clause.has(class(name)));
            let has_future = date.clause.has(class("future")) && (group.figures.is_empty() || !is_about_draw());
            let is_topic = |day: &Date| {
                self.around.topic.iter().any(|draw| day.since(draw.date).is_ok_and(|span| span.get_days().abs() < 15))
            };
            let is_named = !self.around.is_topic_inferred && days.iter().any(is_topic);
            let mut found = if is_named { self.without_reference(group) } else { vec![] };
            let near = days.iter().flat_map(|day| self.index.around(day.saturating_add(60.days()), 120)).copied();
            let is_tie_break = |draw: &Draw| {
                draw.tie_break.is_some_and(|at| {
                    date.date(self.statements[date.statement].sentence).is_some_and(|date| date.matches(at))
                })
            };
            if near.chain(self.possible_draws(group)).any(is_tie_break) {
                return vec![];
            }
            if is_past && !has_future && (!group.figures.is_empty() || self.is_day_of_draw(date)) {
                found.push(Verdict::NoDraw { claim: date.clone() });
            }
            return found;
        };
        let wrong = group.dates.iter().filter(|claim| on_day.iter().all(|draw| !self.fits(claim, draw)));
        let wrong = wrong.chain(group.figures.iter().filter(|claim| !self.is_excused(claim, group, &on_day)));
        // A figure of another draw near the day leaves open whether the day or the figure is wrong.
        let near = self.near(&on_day);
        let is_far = date.date(statement.sentence).is_some_and(|date| date.year.is_none()) && {
            let near = self.around.topic.first().map_or(self.calendar.reference_day, |draw| draw.date);
            draw.date.since(near).is_ok_and(|span| span.get_days().abs() > 370)
        };
        let is_unique = on_day.len() == 1
            && !is_far
            && !group.figures.iter().any(|claim| {
                let is_other_kind =
                    |other: &Draw| self.is_of_category(group, draw) && !self.is_of_category(group, other);
                !self.fits(claim, draw) && near.iter().any(|other| self.fits(claim, other) && !is_other_kind(other))
            });
        self.differing(wrong, draw, is_unique)
    }

    fn without_reference(&self, group: &Group<'r>) -> Vec<Verdict<'r>> {
        /// Sum of weights at which the words alone are clear.
        const CLEAR_SCORE: i64 = 8;
        if group.figures.is_empty() {
            return vec![];
        }
        let is_recent =
            || ["latest", "today", "yesterday", "weekday"].iter().any(|name| self.statements[group.first].has(name));
        if self.around.is_topic_assumed && self.around.current.is_empty() && !is_recent() {
            return vec![];
        }
        let pool = self.possible_draws(group);
        // What the record does not have proves nothing for a draw that is not named.
        let is_proof = |claim: &Claim, draw: &Draw| claim.quantity != Quantity::TieBreak || draw.tie_break.is_some();
        let is_right = |claim: &Claim| pool.iter().any(|draw| is_proof(claim, draw) && self.fits(claim, draw));
        let Some(draw) = self.subject(group) else { return vec![] };
        let wrong: Vec<&Claim> = group
            .figures
            .iter()
            .filter(|claim| !is_right(claim) && !self.is_loose(claim) && !self.is_sum(claim, &[draw]))
            .filter(|claim| {
                (self.has_cue(claim, group) || is_close(claim, draw) && claim.score >= CLEAR_SCORE)
                    && !self.is_extreme(claim, group)
            })
            .collect();
        let is_other = |claim: &&Claim| {
            claim.quantity != Quantity::TieBreak
                && ["compare", "othertime"].iter().any(|name| claim.clause.has(class(name)))
                || self.names_previous(claim)
        };
        let is_only = self.index.between(draw.date, draw.date).len() == 1
            || self.is_of_category(group, draw)
            || self.around.is_topic_named;
        let is_subject = self.around.topic.iter().any(|topic| std::ptr::eq(*topic, draw));
        let is_unique = is_subject
            && is_only
            && !wrong.iter().any(is_other)
            && !wrong.iter().any(|claim| self.may_describe_another_draw(claim, &[], draw))
            && !self.around.is_topic_inferred;
        self.differing(wrong.into_iter(), draw, is_unique)
    }

    /// Verdicts of wrong claims. With two wrong figures the draw itself may be another, so there is no certain fix.
    fn differing<'c>(
        &self,
        wrong: impl Iterator<Item = &'c Claim>,
        draw: &'r Draw,
        is_unique: bool,
    ) -> Vec<Verdict<'r>> {
        let wrong: Vec<&Claim> = wrong.collect();
        let is_sum = |claim: &&Claim| claim.clause.has(class("sum"));
        let is_certain = is_unique && wrong.len() == 1 && !wrong.iter().any(is_sum);
        let differs = |claim: &Claim| {
            let other = self.other_with_figure(claim, draw);
            Verdict::Differs { claim: claim.clone(), draw, other, is_certain }
        };
        wrong.into_iter().map(differs).collect()
    }

    /// Whether a claim is right for a named draw, or for another one that its words may mean.
    fn is_excused(&self, claim: &Claim, group: &Group<'r>, named: &[&'r Draw]) -> bool {
        let fits = |draws: &[&'r Draw]| draws.iter().any(|draw| self.fits(claim, draw));
        let may_be_other = claim.clause.has(class("compare")) || self.names_previous(claim);
        fits(named)
            || group.figures.len() + group.dates.len() > 0 && fits(&self.statement_draws(group))
            || !self.statements[claim.statement].months.is_empty() && fits(&self.of_months(group))
            || may_be_other && (fits(&self.around.nearby) || fits(&self.around.named) || fits(&self.near(named)))
            || self.is_sum(claim, named)
            || claim.quantity == Quantity::Invitations
                && claim.statement != group.statement_of_reference()
                && self.is_of_period(claim)
            || claim.clause.has(class("period")) && !claim.clause.has(class("onedraw"))
    }

    pub fn fits_all(&self, group: &Group, draw: &Draw) -> bool {
        group.dates.iter().all(|claim| self.fits(claim, draw)) && self.fits_all_figures(group, draw)
    }

    pub fn fits_all_figures(&self, group: &Group, draw: &Draw) -> bool {
        group.figures.iter().all(|claim| self.fits(claim, draw))
    }

    pub fn rights(&self, group: &Group, draw: &Draw) -> usize {
        group.figures.iter().filter(|claim| self.fits(claim, draw)).count()
    }

    /// Whether the record says of this draw what the claim says. What the record does not have is not contradicted.
    pub fn fits(&self, claim: &Claim, draw: &Draw) -> bool {
        let date = |index: usize| -> &ParsedDate { &self.statements[claim.statement].sentence.dates[index] };
        match (claim.quantity, claim.value) {
            (Quantity::Invitations, Value::Number(number)) => {
                let is_published =
                    number == draw.invitations_published && self.statements[claim.statement].has("published");
                number == draw.invitations() || is_published
            }
            (Quantity::CutOff, Value::Number(number)) => number == draw.crs,
            (Quantity::TieBreak, Value::Date(index)) => match draw.tie_break {
                Some(at) => date(index).matches(at),
                None => date(index).date().is_none_or(|day| day <= draw.date),
            },
            (Quantity::Date, Value::Date(index)) => is_instant_of(draw, date(index)),
            _ => true,
        }
    }
}

/// Whether a figure is about as large as the draw's.
pub(super) fn is_close(claim: &Claim, draw: &Draw) -> bool {
    const MAX_SCORE: i64 = 1200;
    const MAX_SCORE_DIFFERENCE: u64 = 12;
    const MAX_INVITATIONS_PERCENT: i64 = 15;
    match (claim.quantity, claim.value) {
        (Quantity::CutOff, Value::Number(number)) if number <= MAX_SCORE => {
            number.abs_diff(draw.crs) <= MAX_SCORE_DIFFERENCE
        }
        (Quantity::Invitations, Value::Number(number)) => {
            number.saturating_sub(draw.invitations()).saturating_abs().saturating_mul(100)
                <= draw.invitations() * MAX_INVITATIONS_PERCENT
        }
        _ => false,
    }
}

/// The first of the best.
fn first_max<'r, K: Ord>(draws: &[&'r Draw], key: impl Fn(&Draw) -> K) -> &'r Draw {
    let mut best = draws[0];
    for draw in draws {
        if key(draw) > key(best) {
            best = draw;
        }
    }
    best
}

/// Whether two draws were held at most some days apart.
pub(super) fn is_near(one: &Draw, other: &Draw, days: i64) -> bool {
    one.date >= other.date.saturating_sub(days.days()) && one.date <= other.date.saturating_add(days.days())
}

/// Whether a draw was held on a day, in Canada or in UTC, or was published with that day.
pub(super) fn is_day_of(draw: &Draw, day: Date) -> bool {
    let held = draw.held_at.map(|at| at.to_zoned(TimeZone::UTC).date());
    day == draw.date || Some(day) == held || Some(day) == draw.date_published
}

/// Whether a date is the day of a draw, and its time, if given in UTC, the draw's.
fn is_instant_of(draw: &Draw, date: &ParsedDate) -> bool {
    let held = draw.held_at.map(|at| at.to_zoned(TimeZone::UTC).datetime());
    let days = [Some(draw.date), held.map(|at| at.date()), draw.date_published];
    // A time without a zone may be that of the report.
    let time = date.time.filter(|time| time.is_utc && (time.has_zone || time.second.is_some()));
    days.into_iter().flatten().any(|day| date.is_day(day))
        && time.zip(held).is_none_or(|(time, held)| {
            (time.hour, time.minute) == (held.hour(), held.minute())
                && time.second.is_none_or(|second| second == held.second())
        })
}
