//! Claims in a sentence about a draw: invitations, cut-off, tie-break, date.

use std::ops::Range;

use crate::fact_check::dates::ParsedDate;
use crate::fact_check::invitations::is_invitations;
use crate::fact_check::labels;
use crate::fact_check::scores::is_crs;
use crate::fact_check::sentence::Sentence;
use crate::fact_check::table::Header;

/// A figure of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Figure {
    Invitations,
    Crs,
    TieBreak,
    Date,
}

/// A figure claimed by a sentence.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub figure: Figure,
    pub value: Value,
    pub tokens: Range<usize>,
    /// The column of its table.
    pub column: Option<usize>,
    /// Whether a label says what it is.
    pub is_labelled: bool,
    /// Whether it can only be of a round that the sentence names, as in a table of several.
    pub needs_name: bool,
}

/// What is claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Number(i64),
    /// Which of the sentence’s dates.
    Date(usize),
}

/// The claims about days: tie-breaks, and days on which a round was held.
pub(super) fn of_dates(sentence: &Sentence, header: Option<&Header>) -> Vec<Claim> {
    let mut found = labels::claims(sentence, header);
    found.retain(|claim| matches!(claim.value, Value::Date(_)));
    if header.is_none() && found.is_empty() {
        found.extend(tie_break(sentence));
        found.extend(held_on(sentence));
    }
    found
}

/// The claims about numbers. `taken` are tokens that are known to mean something else.
pub(super) fn of_numbers(sentence: &Sentence, header: Option<&Header>, taken: &[Range<usize>]) -> Vec<Claim> {
    let mut found = labels::claims(sentence, header);
    found.retain(|claim| matches!(claim.value, Value::Number(_)));
    let marked = |ranges: &mut dyn Iterator<Item = Range<usize>>| {
        let mut marks = vec![false; sentence.tokens.len()];
        ranges.for_each(|tokens| marks[tokens].fill(true));
        marks
    };
    let is_taken = marked(&mut taken.iter().cloned());
    let is_labelled = marked(&mut found.iter().map(|claim| claim.tokens.clone()));
    let skips = |at: usize| sentence.is_in_date(at) || is_taken[at];
    for (at, token) in sentence.tokens.iter().enumerate() {
        let Some(number) = token.number().and_then(|number| number.plain()) else { continue };
        if skips(at) || is_labelled[at] || is_half_of_range(sentence, at) {
            continue;
        }
        let figure = if is_invitations(sentence, at, number, skips) {
            Figure::Invitations
        } else if is_crs(sentence, at, number, skips) {
            Figure::Crs
        } else {
            continue;
        };
        let value = Value::Number(number);
        found.push(Claim { figure, value, tokens: at..at + 1, column: None, is_labelled: false, needs_name: false });
    }
    found
}

/// The date after the words "tie-break", or before them where none comes after.
fn tie_break(sentence: &Sentence) -> Option<Claim> {
    let word = (0..sentence.tokens.len()).find(|at| is_tie_break(sentence, *at))?;
    // The rule itself has dates too.
    if sentence.has(&["introduced", "announced", "changed", "adopted"]) {
        return None;
    }
    let dates = || sentence.dates.iter().enumerate().filter(|(_, date)| !is_of_round(sentence, date));
    let after = dates().find(|(_, date)| date.tokens.start > word);
    let (index, date) = after.or_else(|| dates().rfind(|(_, date)| date.tokens.end <= word))?;
    Some(date_claim(Figure::TieBreak, index, date))
}

/// Whether the words for a tie-break begin here.
pub(super) fn is_tie_break(sentence: &Sentence, at: usize) -> bool {
    let word = sentence.word(at);
    let is_compound = ["tie-break", "tiebreak"].iter().any(|start| word.starts_with(start));
    is_compound || (word == "tie" && sentence.word(at + 1).starts_with("break"))
}

/// Whether a date only says which round is meant: the draw of June 28, the June 28 round.
fn is_of_round(sentence: &Sentence, date: &ParsedDate) -> bool {
    let weekday = date.weekday.map_or(date.tokens.start, |(_, at)| at.min(date.tokens.start));
    let links = (0..weekday).rev().take_while(|at| matches!(sentence.word(*at), "of" | "on" | "the")).count();
    let before = (weekday - links).checked_sub(1).map_or("", |at| sentence.word(at));
    let is_round = |word: &str| matches!(word, "round" | "draw");
    is_round(before) || before == "held" || is_round(sentence.word(date.tokens.end))
}

/// `was held on June 28, 2023`, `took place on …`
fn held_on(sentence: &Sentence) -> Vec<Claim> {
    let is_held = |date: &ParsedDate| {
        let weekday = date.weekday.map_or(date.tokens.start, |(_, at)| at.min(date.tokens.start));
        let on = weekday.saturating_sub(3)..weekday;
        let has_on = on.clone().any(|at| matches!(sentence.word(at), "on" | "dated"));
        let before = on.start.saturating_sub(3)..weekday;
        let is_verb = |at: usize| matches!(sentence.word(at), "held" | "place" | "conducted" | "happened" | "dated");
        let is_aside = before.clone().any(|at| matches!(sentence.word(at), "after" | "before" | "not" | "until"));
        (has_on && before.into_iter().any(is_verb) && !is_aside) || is_of_number(sentence, weekday)
    };
    let dates = sentence.dates.iter().enumerate().filter(|(_, date)| is_held(date));
    dates.map(|(index, date)| date_claim(Figure::Date, index, date)).collect()
}

/// `Round 252 of June 28, 2023`, `draw 252 (June 28)`: whether what begins here is the day of a numbered round.
fn is_of_number(sentence: &Sentence, date: usize) -> bool {
    let is_link = |at: &usize| matches!(sentence.word(*at), "of" | "on") || sentence.is_punctuation(*at, '(');
    let links = (0..date).rev().take_while(is_link).count();
    let Some(number) = (date - links).checked_sub(1).filter(|_| links > 0) else { return false };
    let before = number.saturating_sub(2)..number;
    let is_round = before.into_iter().any(|at| matches!(sentence.word(at), "round" | "draw"));
    let times = number.saturating_sub(5)..number;
    let is_aside = times.into_iter().any(|at| {
        matches!(sentence.word(at), "after" | "since" | "before" | "until" | "following" | "between" | "unlike")
    });
    sentence.tokens[number].number().is_some() && is_round && !is_aside
}

fn date_claim(figure: Figure, index: usize, date: &ParsedDate) -> Claim {
    Claim {
        figure,
        value: Value::Date(index),
        tokens: date.tokens.clone(),
        column: None,
        is_labelled: false,
        needs_name: false,
    }
}

/// `500–1,500`, `from 4,800 to 500`: neither end is a figure of one round.
fn is_half_of_range(sentence: &Sentence, at: usize) -> bool {
    let is_number = |at: usize| sentence.tokens.get(at).is_some_and(|token| token.number().is_some());
    let is_joint = |at: usize| {
        let joint = sentence.tokens.get(at);
        joint.is_some_and(|token| token.is_punctuation('–') || token.is_punctuation('-') || token.word() == "to")
    };
    let before = at.checked_sub(2).is_some_and(|before| is_joint(at - 1) && is_number(before));
    before || (is_joint(at + 1) && is_number(at + 2)) || (sentence.word(at.wrapping_sub(1)) == "from")
}
