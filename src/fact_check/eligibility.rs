//! Check of the occupations that were eligible on the day of a draw: their codes and their number.

use crate::categories::DatedList;
use crate::draws::Draw;
use crate::fact_check::DrawRecord;
use crate::fact_check::claims::Statement;
use crate::fact_check::finding::{MAX_FINDINGS, RawFinding, Rule};
use crate::fact_check::noc_codes::codes;
use crate::fact_check::phrases::phrase;
use crate::fact_check::sentence::Sentence;
use crate::fact_check::tokens::Number;

/// What is wrong about the lists of the draws that each statement may be about.
pub(super) fn findings(statements: &[Statement], record: &DrawRecord, draws_at_hand: &[Vec<&Draw>]) -> Vec<RawFinding> {
    let mut found = vec![];
    for (statement, draws) in statements.iter().zip(draws_at_hand) {
        let sentence = statement.sentence;
        let codes = code_claims(sentence);
        let counts: Vec<(usize, i64)> =
            (0..sentence.tokens.len()).filter_map(|at| Some((at, count(statement, at)?))).collect();
        if !(codes.is_empty() && counts.is_empty() || sentence.plain.has("others")) {
            let lists = Lists::of(statement, record, draws);
            found.extend(codes.into_iter().filter_map(|claim| lists.wrong_code(sentence, &claim)));
            found.extend(counts.into_iter().filter_map(|claim| lists.wrong_count(sentence, claim)));
        }
        if found.len() > MAX_FINDINGS {
            break;
        }
    }
    found
}

/// A code that the sentence calls eligible or not.
struct CodeClaim {
    at: usize,
    is_eligible: bool,
    /// Whether the same code stands directly before it.
    is_repeated: bool,
}

fn code_claims(sentence: &Sentence) -> Vec<CodeClaim> {
    let codes = codes(sentence);
    if codes.is_empty() {
        return vec![];
    }
    let (plain, all) = (&sentence.plain, sentence.tokens.len());
    let ends = plain.find("clause end").map(|end| end.start).chain([all]);
    let mut start = 0;
    let mut claims = vec![];
    for end in ends {
        let in_clause: Vec<usize> = codes.iter().copied().filter(|at| (start..end).contains(at)).collect();
        let is_eligible = claims_eligibility(plain.part(start..end)).filter(|_| !in_clause.is_empty());
        start = end;
        let is_repeated = |at: usize| {
            codes.iter().any(|other| *other < at && at - other <= 2 && sentence.typed(*other) == sentence.typed(at))
        };
        let claim = |at| Some(CodeClaim { at, is_eligible: is_eligible?, is_repeated: is_repeated(at) });
        claims.extend(in_clause.into_iter().filter_map(claim));
    }
    claims
}

/// Whether a clause says that its codes are eligible, or that they are not; `None` if it says neither.
fn claims_eligibility(clause: &str) -> Option<bool> {
    let has = |name| phrase(name).is_match(clause);
    match (has("added"), has("removed")) {
        (true, true) => None,
        (is_added, is_removed) if is_added || is_removed => (!has("negation")).then_some(is_added),
        // "eligible for the Federal Skilled Worker Program" is about something else.
        _ => {
            let is_about_draw = has("eligible") && (!has("eligible for") || has("eligible for draw"));
            is_about_draw.then(|| !has("negation"))
        }
    }
}

/// Number of occupations that a list is said to have.
fn count(statement: &Statement, at: usize) -> Option<i64> {
    let sentence = statement.sentence;
    let number = sentence.tokens[at].number().filter(|number| !number.is_grouped).and_then(Number::plain);
    let value = number.or(statement.spelled_numbers[at]).filter(|value| (2..=150).contains(value))?;
    let plain = &sentence.plain;
    let before = plain.part(at.saturating_sub(4)..at);
    let after = plain.part(at + 1..at + 9);
    let (is_before, is_after) = (|name| phrase(name).is_match(before), |name| phrase(name).is_match(after));
    let has_list = plain.has("list");
    let counts = is_after("counts occupations") || has_list && is_after("counts jobs");
    // "We describe 12 occupations" is not about a list.
    let is_about_list = has_list || is_before("list before") || is_after("list after");
    let is_other = is_before("other before") || is_after("other after") || plain.has("sum") || sentence.is_in_date(at);
    (counts && is_about_list && !is_other).then_some(value)
}

/// The lists against which the claims of a sentence are checked.
struct Lists<'r> {
    /// Those of the draws at hand, each with its draw.
    of_draws: Vec<(&'r Draw, &'r DatedList)>,
    /// All others that the sentence may mean.
    others: Vec<&'r DatedList>,
    /// Possible numbers of occupations: of each list in effect on the day of a draw at hand, and of all of them.
    counts: Vec<usize>,
    /// Whether all draws at hand have a list.
    is_certain: bool,
}

impl<'r> Lists<'r> {
    fn of(statement: &Statement, record: &DrawRecord<'r>, draws: &[&'r Draw]) -> Self {
        let mut lists = Self { of_draws: vec![], others: vec![], counts: vec![], is_certain: true };
        for draw in draws {
            let on_day = || record.lists.iter().filter(|list| list.is_active_on(draw.date) && !list.codes.is_empty());
            let own = on_day().find(|list| draw.category.as_ref() == Some(&list.category_key));
            lists.is_certain &= own.is_some();
            lists.of_draws.extend(own.map(|list| (*draw, list)));
            lists.others.extend(on_day().filter(|list| statement.categories.contains(&list.category_key.as_str())));
            lists.counts.extend(on_day().map(|list| list.codes.len()));
            lists.counts.push(on_day().map(|list| list.codes.len()).sum());
        }
        if statement.sentence.plain.has("versions") {
            let is_version =
                |list: &&DatedList| lists.of_draws.iter().any(|(_, own)| own.category_key == list.category_key);
            lists.others.extend(record.lists.iter().filter(is_version));
        }
        lists
    }

    fn wrong_code(&self, sentence: &Sentence, claim: &CodeClaim) -> Option<RawFinding> {
        let code = sentence.typed(claim.at);
        let has = |list: &DatedList| list.codes.iter().any(|listed| listed == code);
        let mut all = self.of_draws.iter().map(|(_, list)| *list).chain(self.others.iter().copied());
        let is_wrong = if claim.is_eligible { !all.any(has) } else { all.all(has) };
        let (draw, list) = self.of_draws.first()?;
        let in_draw = format!("eligible in draw {} of {}.", draw.round, draw.day().text);
        let reason = match (claim.is_eligible, is_wrong) {
            (true, true) if list.codes.len() > 12 => format!("{code} was not {in_draw}"),
            (true, true) => format!("{code} was not {in_draw} These were: {}.", list.codes.join(", ")),
            (false, true) => format!("{code} was {in_draw}"),
            _ if claim.is_repeated => format!("{code} is named twice."),
            _ => return None,
        };
        Some(sentence.finding(Rule::Eligibility, sentence.tokens[claim.at].range.clone(), reason, None))
    }

    fn wrong_count(&self, sentence: &Sentence, (at, value): (usize, i64)) -> Option<RawFinding> {
        let (draw, list) = self.of_draws.first()?;
        let mut right = self.counts.iter().copied().chain(self.others.iter().map(|list| list.codes.len()));
        if !self.is_certain || right.any(|count| i64::try_from(count) == Ok(value)) {
            return None;
        }
        let (count, round, day) = (list.codes.len(), &draw.round, draw.day().text);
        let reason = format!("{count} occupations were eligible in draw {round} of {day}, not {value}.");
        Some(sentence.finding(Rule::Eligibility, sentence.tokens[at].range.clone(), reason, None))
    }
}
