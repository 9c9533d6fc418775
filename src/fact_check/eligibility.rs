//! Check of the occupations that were eligible on the day of a draw: their codes and their number.

use std::ops::Range;

use crate::categories::DatedList;
use crate::draws::Draw;
use crate::fact_check::DrawRecord;
use crate::fact_check::claims::Statement;
use crate::fact_check::finding::{MAX_FINDINGS, RawFinding, Rule};
use crate::fact_check::noc_codes::codes;
use crate::fact_check::phrases::phrase;
use crate::fact_check::tokens::Number;

/// What is wrong about the lists of the draws that each statement may be about.
pub(super) fn findings(statements: &[Statement], record: &DrawRecord, draws_at_hand: &[Vec<&Draw>]) -> Vec<RawFinding> {
    let each = |(statement, draws): (&Statement, &Vec<&Draw>)| in_statement(statement, record, draws);
    statements.iter().zip(draws_at_hand).flat_map(each).take(MAX_FINDINGS + 1).collect()
}

fn in_statement(statement: &Statement, record: &DrawRecord, draws: &[&Draw]) -> Vec<RawFinding> {
    let sentence = statement.sentence;
    let code_claims = code_claims(statement);
    let counts: Vec<_> = (0..sentence.tokens.len()).filter_map(|at| Some((at, count(statement, at)?))).collect();
    if code_claims.is_empty() && counts.is_empty() || sentence.plain.has("others") {
        return vec![];
    }
    let Some(lists) = Lists::of(statement, record, draws) else { return vec![] };
    let wrong_codes = code_claims.into_iter().filter_map(|(at, is_eligible)| {
        let previous = at.checked_sub(2).map(|previous| sentence.typed(previous));
        Some((at, lists.wrong_code(sentence.typed(at), is_eligible, previous)?))
    });
    let wrong_counts = counts.into_iter().filter_map(|(at, count)| Some((at, lists.wrong_count(count)?)));
    let finding = |(at, reason): (usize, String)| {
        sentence.finding(Rule::Eligibility, sentence.tokens[at].range.clone(), reason, None)
    };
    wrong_codes.chain(wrong_counts).map(finding).collect()
}

/// Codes, each with whether its clause calls it eligible or not eligible.
fn code_claims(statement: &Statement) -> Vec<(usize, bool)> {
    let sentence = statement.sentence;
    let codes = codes(sentence);
    if codes.is_empty() {
        return vec![];
    }
    let ends = sentence.plain.find("clause end").map(|end| end.start).chain([sentence.tokens.len()]);
    let mut start = 0;
    let clauses: Vec<Range<usize>> = ends.map(|end| std::mem::replace(&mut start, end)..end).collect();
    let claims = clauses.into_iter().filter_map(|clause| {
        let is_eligible = claims_eligibility(sentence.plain.part(clause.clone()))?;
        Some(codes.iter().filter(move |at| clause.contains(*at)).map(move |at| (*at, is_eligible)))
    });
    claims.flatten().collect()
}

/// Whether a clause says that its codes are eligible, or that they are not; `None` if it says neither.
fn claims_eligibility(clause: &str) -> Option<bool> {
    let has = |name| phrase(name).is_match(clause);
    let is_negated = has("negation");
    match (has("added"), has("removed")) {
        (true, true) => None,
        (false, false) => {
            // "eligible for the Federal Skilled Worker Program" is about something else.
            let is_about_draw = !has("eligible for") || has("eligible for draw");
            (has("eligible") && is_about_draw).then_some(!is_negated)
        }
        (is_added, _) => (!is_negated).then_some(is_added),
    }
}

/// Number of occupations that a list is said to have.
fn count(statement: &Statement, at: usize) -> Option<i64> {
    let sentence = statement.sentence;
    let number = sentence.tokens[at].number().filter(|number| !number.is_grouped).and_then(Number::plain);
    let value = number.or(statement.spelled_numbers[at]).filter(|value| (2..=150).contains(value))?;
    let plain = &sentence.plain;
    let (before, after) = (plain.part(at.saturating_sub(4)..at), plain.part(at + 1..at + 9));
    let has = |name, text| phrase(name).is_match(text);
    let has_list = plain.has("list");
    let noun = phrase(if has_list { "counts in list" } else { "counts occupations" }).find(after)?;
    // "We describe 12 occupations" is not about a list.
    let is_about_list = has_list || has("list before", before) || has("list after", after);
    let is_other =
        has("other before", before) || has("between", noun.as_str()) || has("other after", &after[noun.end()..]);
    (is_about_list && !is_other && !plain.has("sum") && !sentence.is_in_date(at)).then_some(value)
}

/// The lists against which the claims of a statement are checked.
struct Lists<'r> {
    draw: &'r Draw,
    /// The list of the draw, and others that the statement may mean.
    list: &'r DatedList,
    possible: Vec<&'r DatedList>,
    /// Possible numbers of occupations; none if a draw at hand has no list.
    counts: Vec<usize>,
}

impl<'r> Lists<'r> {
    fn of(statement: &Statement, record: &DrawRecord<'r>, draws: &[&'r Draw]) -> Option<Self> {
        let on_day = |draw: &Draw| {
            let day = draw.date;
            record.lists.iter().filter(move |list| list.is_active_on(day) && !list.codes.is_empty())
        };
        let own = |draw: &Draw| on_day(draw).find(|list| draw.category.as_ref() == Some(&list.category_key));
        let (draw, list) = draws.iter().find_map(|draw| Some((*draw, own(draw)?)))?;
        let is_named = |list: &&DatedList| statement.categories.contains(&list.category_key.as_str());
        let mut possible: Vec<&DatedList> = draws.iter().filter_map(|draw| own(draw)).collect();
        if statement.sentence.plain.has("versions") {
            let keys: Vec<&str> = possible.iter().map(|list| list.category_key.as_str()).collect();
            possible.extend(record.lists.iter().filter(|list| keys.contains(&list.category_key.as_str())));
        }
        possible.extend(draws.iter().flat_map(|draw| on_day(draw)).filter(is_named));
        let length = |list: &DatedList| list.codes.len();
        let mut counts: Vec<usize> = possible.iter().map(|list| length(list)).collect();
        counts.extend(draws.iter().flat_map(|draw| on_day(draw)).map(length));
        counts.extend(draws.iter().map(|draw| on_day(draw).map(length).sum::<usize>()));
        if draws.iter().any(|draw| own(draw).is_none()) {
            counts.clear();
        }
        Some(Self { draw, list, possible, counts })
    }

    /// What is wrong about a code, which follows the code `previous`.
    fn wrong_code(&self, code: &str, is_eligible: bool, previous: Option<&str>) -> Option<String> {
        let (round, day) = (&self.draw.round, self.draw.day().text);
        let has = |list: &&DatedList| list.codes.iter().any(|listed| listed == code);
        if is_eligible && !self.possible.iter().any(has) {
            let codes = &self.list.codes;
            let all = if codes.len() > 12 { String::new() } else { format!(" These were: {}.", codes.join(", ")) };
            return Some(format!("{code} was not eligible in draw {round} of {day}.{all}"));
        }
        if !is_eligible && self.possible.iter().all(has) {
            return Some(format!("{code} was eligible in draw {round} of {day}."));
        }
        (previous == Some(code)).then(|| format!("{code} is named twice."))
    }

    fn wrong_count(&self, value: i64) -> Option<String> {
        let (count, round, day) = (self.list.codes.len(), &self.draw.round, self.draw.day().text);
        let is_right = self.counts.iter().any(|count| i64::try_from(*count) == Ok(value));
        let reason = || format!("{count} occupations were eligible in draw {round} of {day}, not {value}.");
        (!self.counts.is_empty() && !is_right).then(reason)
    }
}
