//! Check of counts and totals: number and order of the draws of a year, and the sum of their invitations.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::draws::{Draw, DrawKind};
use crate::fact_check::claim::{Claim, Quantity, Value};
use crate::fact_check::claims::Statement;
use crate::fact_check::finding::{MAX_FINDINGS, RawFinding, Rule};
use crate::fact_check::verdict::Comparison;
use crate::fact_check::word_classes::class;
use crate::web::{DisplayDate, with_thousands};

/// Wrong counts and totals. Only numbers that speak of a whole year, or of a year so far, are compared.
pub(super) fn findings(comparison: &Comparison) -> Vec<RawFinding> {
    let each = |statement: &Statement| wrong_totals(statement, comparison);
    comparison.statements.iter().flat_map(each).take(MAX_FINDINGS + 1).collect()
}

fn wrong_totals(statement: &Statement, comparison: &Comparison) -> Vec<RawFinding> {
    if statement.is_row() || statement.is_provincial || statement.has("future") {
        return vec![];
    }
    let Some(year) = Year::of(statement, comparison) else { return vec![] };
    let counts = (0..statement.sentence.tokens.len()).filter_map(|at| year.wrong_count(at));
    counts.chain(year.wrong_sums()).collect()
}

/// Draws that are counted.
type Scope<'s> = Box<dyn Fn(&Draw) -> bool + 's>;

/// A statement about the draws of one year.
struct Year<'y, 's, 'a, 'r> {
    statement: &'y Statement<'s, 'a>,
    comparison: &'y Comparison<'y, 's, 'a, 'r>,
    year: i16,
    /// Days up to which the statement may count: of the draws that the text names and of its publication.
    days: BTreeSet<Date>,
    /// Whether the statement limits the year to a week, a month or days.
    is_part: bool,
}

impl<'y, 's, 'a, 'r> Year<'y, 's, 'a, 'r> {
    fn of(statement: &'y Statement<'s, 'a>, comparison: &'y Comparison<'y, 's, 'a, 'r>) -> Option<Self> {
        // "So far this year, 59 draws (2025 as a whole: 58)"
        let named: BTreeSet<i16> = statement.years_outside_brackets().collect();
        let around = comparison.around;
        let published = comparison.calendar.reference_day;
        let year = match named.len() {
            0 if statement.has("period") => around.topic.first().map_or(published, |draw| draw.date).year(),
            1 => *named.first()?,
            _ => return None,
        };
        let named_days = around.topic.iter().chain(&around.named).map(|draw| draw.date);
        let days: BTreeSet<Date> = named_days
            .chain([published])
            .filter(|day| day.year() == year)
            .flat_map(|day| [day, day.saturating_sub(1.days())])
            .collect();
        let is_part =
            !statement.months.is_empty() || ["part", "since", "compare"].iter().any(|name| statement.has(name));
        Some(Self { statement, comparison, year, days, is_part })
    }

    /// Draws of the year up to a day, in their order.
    fn draws(&self, day: Date) -> &'y [&'r Draw] {
        self.comparison.index.of_year(self.year, day)
    }

    /// Whether a draw belongs to one of the groups that may be counted: all, a category, or all category-based draws.
    fn scopes(&self) -> Vec<Scope<'_>> {
        let mut scopes: Vec<Scope<'_>> = vec![Box::new(|_| true)];
        let topics = self.comparison.around.topic.iter().filter_map(|draw| draw.category.as_deref());
        for key in self.statement.categories.iter().copied().chain(topics) {
            scopes.push(Box::new(move |draw| draw.category.as_deref() == Some(key)));
        }
        scopes.push(Box::new(|draw| draw.kind() == Some(DrawKind::Category)));
        scopes
    }

    /// A wrong number of draws, or a wrong order of the draw at hand.
    fn wrong_count(&self, at: usize) -> Option<RawFinding> {
        /// Smaller numbers often count some draws of the year.
        const MIN_COUNT: i64 = 11;
        let statement = self.statement;
        let sentence = statement.sentence;
        let (number, is_ordinal) = number_at(statement, at)?;
        let noun = (at + 1..at + 5).find(|at| statement.has_at(*at, "draw"))?;
        let is_between = |at: usize| statement.has_at(at, "invitation") || number_at(statement, at).is_some();
        if (at + 1..noun).any(is_between) {
            return None;
        }
        let is_plural = statement.has_at(noun, "draws");
        let place = sentence.tokens[at].range.clone();
        let typed = &sentence.block.text[place.clone()];
        if is_ordinal && !is_plural {
            let draws = &self.comparison.around.topic;
            let [draw] = draws.as_slice() else { return None };
            let named = &self.comparison.around.named;
            let is_open = self.statement.categories.is_empty() && named.len() > 1;
            let is_known = !self.comparison.around.is_topic_inferred && draw.date.year() == self.year && number > 1;
            let ranks: Vec<usize> = self
                .scopes()
                .iter()
                .map(|is_in| self.draws(Date::MAX).iter().filter(|other| is_in(other) && is_up_to(other, draw)).count())
                .collect();
            let is_of_day = self.statement.claims.iter().any(|claim| claim.quantity == Quantity::Aside);
            let is_odd = statement.has("record") || sentence.has(&["such", "telle"]);
            if !is_known
                || is_odd
                || is_open
                || is_of_day
                || ranks.iter().any(|rank| i64::try_from(*rank) == Ok(number))
            {
                return None;
            }
            let own = self.statement.categories.iter().position(|key| draw.category.as_deref() == Some(key));
            let (rank, what) = match own {
                Some(place) => (ranks[place + 1], " of its category"),
                None if self.statement.categories.is_empty() => (ranks[0], ""),
                None => return None,
            };
            let (round, day, year) = (&draw.round, draw.day().text, self.year);
            let reason =
                format!("Draw {round} of {day} was the {} draw{what} of {year}, not the {typed}.", ordinal(rank));
            return Some(sentence.finding(Rule::Total, place, reason, None));
        }
        let is_chosen = at > 0 && statement.has_at(at - 1, "chosen");
        let is_against = sentence.has(&["contre", "against", "versus", "vs"]);
        let is_compared = is_against || statement.has("more") || statement.has("difference");
        if is_ordinal || !is_plural || is_chosen || is_compared || self.is_part || number < MIN_COUNT {
            return None;
        }
        let count =
            |day: Date, is_in: &dyn Fn(&Draw) -> bool| self.draws(day).iter().filter(|draw| is_in(draw)).count();
        let counts = |is_in: &dyn Fn(&Draw) -> bool| self.ends().map(|day| count(day, is_in)).collect::<Vec<_>>();
        let counted = (0..sentence.tokens.len()).filter(|at| statement.has_at(*at, "draws")).count();
        let is_right = counted > 1
            || self.scopes().iter().any(|is_in| counts(is_in).iter().any(|count| i64::try_from(*count) == Ok(number)));
        if is_right || !self.is_known() {
            return None;
        }
        let (is_in, what) = self.reported_scope()?;
        let day = self.reported_day();
        let reason = format!("The record has {} draws{what} {}, not {typed}.", count(day, &is_in), self.period(day));
        Some(sentence.finding(Rule::Total, place, reason, None))
    }

    /// Wrong sums of the invitations of the year.
    fn wrong_sums(&self) -> impl Iterator<Item = RawFinding> {
        /// Sums of a year are larger than most draws.
        const MIN_SUM: i64 = 1000;
        let is_large = |claim: &&Claim| matches!(claim.value, Value::Number(number) if number >= MIN_SUM);
        let is_single = self.statement.claims.iter().filter(is_large).count() == 1;
        self.statement.claims.iter().filter_map(move |claim| {
            let Value::Number(number) = claim.value else { return None };
            let is_about = claim.clause.has(class("period")) || self.statement.names_year();
            let is_one_draw = claim.clause.has(class("onedraw"))
                || self.statement.claims.iter().any(|claim| claim.quantity == Quantity::Date);
            let is_invitations = claim.quantity == Quantity::Invitations && (claim.is_labelled || !claim.is_weak);
            if !is_single
                || !is_about
                || is_one_draw
                || !is_invitations
                || number < MIN_SUM
                || self.is_part
                || !self.is_known()
            {
                return None;
            }
            let sum = |day: Date, is_in: &dyn Fn(&Draw) -> bool| {
                self.draws(day).iter().filter(|draw| is_in(draw)).map(|draw| draw.invitations()).sum::<i64>()
            };
            let is_right = self.scopes().iter().any(|is_in| self.ends().any(|day| sum(day, is_in) == number));
            let is_draw = self.draws(Date::MAX).iter().any(|draw| draw.invitations() == number);
            let (is_in, what) = self.reported_scope()?;
            if is_right || is_draw {
                return None;
            }
            let sentence = self.statement.sentence;
            let place = sentence.span(claim.tokens.start, claim.tokens.end - 1);
            let typed = &sentence.block.text[place.clone()];
            let day = self.reported_day();
            let total = with_thousands(sum(day, &is_in));
            let reason = format!("The record has {total} invitations{what} {}, not {typed}.", self.period(day));
            Some(sentence.finding(Rule::Total, place, reason, None))
        })
    }

    /// Days up to which the statement may count, and the end of the year.
    fn ends(&self) -> impl Iterator<Item = Date> {
        self.days.iter().copied().chain([Date::MAX])
    }

    /// Whether the record covers what the statement counts.
    fn is_known(&self) -> bool {
        let newest = self.comparison.index.newest().map_or(Date::MIN, |draw| draw.date);
        let is_past = newest.year() > self.year;
        is_past
            || self.comparison.calendar.reference_day <= newest.saturating_add(7.days())
            || !self.comparison.around.is_topic_inferred && self.statement.has("period")
    }

    fn reported_scope(&self) -> Option<(impl Fn(&Draw) -> bool, &'static str)> {
        let key = match self.statement.categories.as_slice() {
            [] => None,
            [key] => Some(*key),
            _ => return None,
        };
        let what = if key.is_some() { " of this category" } else { "" };
        Some((move |draw: &Draw| key.is_none_or(|key| draw.category.as_deref() == Some(key)), what))
    }

    /// Last day of the reported period: the draw at hand, or the publication, if it lies in the year.
    fn reported_day(&self) -> Date {
        let around = self.comparison.around;
        let topic = around.topic.first().filter(|_| !around.is_topic_inferred).map(|draw| draw.date);
        let day = topic.unwrap_or(self.comparison.calendar.reference_day);
        if day.year() == self.year { day } else { Date::MAX }
    }

    fn period(&self, day: Date) -> String {
        let until = if day == Date::MAX { String::new() } else { format!(" up to {}", DisplayDate::from(day).text) };
        format!("in {}{until}", self.year)
    }
}

/// Whether a draw is the other one or was held before it.
fn is_up_to(draw: &Draw, last: &Draw) -> bool {
    draw.round.sort_key() <= last.round.sort_key()
}

/// A number in digits or in words, and whether it is an ordinal.
fn number_at(statement: &Statement, at: usize) -> Option<(i64, bool)> {
    let sentence = statement.sentence;
    if let Some(number) = sentence.tokens[at].number() {
        let is_ordinal = matches!(number.suffix.as_str(), "st" | "nd" | "rd" | "th" | "e" | "er" | "ème");
        let is_plain = number.suffix.is_empty() && number.year().is_none();
        return number
            .value
            .filter(|_| (is_ordinal || is_plain) && !sentence.is_in_date(at))
            .map(|value| (value, is_ordinal));
    }
    let word = sentence.word(at);
    let is_ordinal = ["th", "first", "second", "third", "ème"].iter().any(|end| word.ends_with(end));
    statement.spelled_numbers[at].map(|value| (value, is_ordinal))
}

/// `1st`, `2nd`, `13th`
fn ordinal(number: usize) -> String {
    let suffix = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{suffix}")
}
