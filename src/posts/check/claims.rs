//! What a sentence claims of a round: how many were invited, with which score, by which tie-break, on which day.

use std::ops::Range;

use crate::posts::check::dates::Dated;
use crate::posts::check::invitations::is_invitations;
use crate::posts::check::labels;
use crate::posts::check::scores::is_crs;
use crate::posts::check::sentence::Sentence;
use crate::posts::check::table::Header;

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
    pub pieces: Range<usize>,
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
        found.extend(held(sentence));
    }
    found
}

/// The claims about numbers. `taken` are pieces that are known to mean something else.
pub(super) fn of_numbers(sentence: &Sentence, header: Option<&Header>, taken: &[Range<usize>]) -> Vec<Claim> {
    let mut found = labels::claims(sentence, header);
    found.retain(|claim| matches!(claim.value, Value::Number(_)));
    let marked = |ranges: &mut dyn Iterator<Item = Range<usize>>| {
        let mut marks = vec![false; sentence.pieces.len()];
        ranges.for_each(|pieces| marks[pieces].fill(true));
        marks
    };
    let is_taken = marked(&mut taken.iter().cloned());
    let is_labelled = marked(&mut found.iter().map(|claim| claim.pieces.clone()));
    let skips = |at: usize| sentence.is_in_date(at) || is_taken[at];
    for (at, piece) in sentence.pieces.iter().enumerate() {
        let Some(number) = piece.number().and_then(|number| number.plain()) else { continue };
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
        found.push(Claim { figure, value, pieces: at..at + 1, column: None, is_labelled: false, needs_name: false });
    }
    found
}

/// The date after the words "tie-break", or before them where none comes after.
fn tie_break(sentence: &Sentence) -> Option<Claim> {
    let word = (0..sentence.pieces.len()).find(|at| is_tie_break(sentence, *at))?;
    // The rule itself has dates too.
    if sentence.has(&["introduced", "announced", "changed", "adopted"]) {
        return None;
    }
    let dates = || sentence.dates.iter().enumerate().filter(|(_, date)| !is_of_round(sentence, date));
    let after = dates().find(|(_, date)| date.pieces.start > word);
    let (index, date) = after.or_else(|| dates().rfind(|(_, date)| date.pieces.end <= word))?;
    Some(dated(Figure::TieBreak, index, date))
}

/// Whether the words for a tie-break begin here.
pub(super) fn is_tie_break(sentence: &Sentence, at: usize) -> bool {
    let word = sentence.word(at);
    let is_compound = ["tie-break", "tiebreak"].iter().any(|start| word.starts_with(start));
    is_compound || (word == "tie" && sentence.word(at + 1).starts_with("break"))
}

/// Whether a date only says which round is meant: the draw of June 28, the June 28 round.
fn is_of_round(sentence: &Sentence, date: &Dated) -> bool {
    let weekday = date.weekday.map_or(date.pieces.start, |(_, at)| at.min(date.pieces.start));
    let links = (0..weekday).rev().take_while(|at| matches!(sentence.word(*at), "of" | "on" | "the")).count();
    let before = (weekday - links).checked_sub(1).map_or("", |at| sentence.word(at));
    let is_round = |word: &str| matches!(word, "round" | "draw");
    is_round(before) || before == "held" || is_round(sentence.word(date.pieces.end))
}

/// `was held on June 28, 2023`, `took place on …`
fn held(sentence: &Sentence) -> Vec<Claim> {
    let is_held = |date: &Dated| {
        let weekday = date.weekday.map_or(date.pieces.start, |(_, at)| at.min(date.pieces.start));
        let on = weekday.saturating_sub(3)..weekday;
        let has_on = on.clone().any(|at| matches!(sentence.word(at), "on" | "dated"));
        let before = on.start.saturating_sub(3)..weekday;
        let is_verb = |at: usize| matches!(sentence.word(at), "held" | "place" | "conducted" | "happened" | "dated");
        let is_aside = before.clone().any(|at| matches!(sentence.word(at), "after" | "before" | "not" | "until"));
        (has_on && before.into_iter().any(is_verb) && !is_aside) || is_of_number(sentence, weekday)
    };
    let dates = sentence.dates.iter().enumerate().filter(|(_, date)| is_held(date));
    dates.map(|(index, date)| dated(Figure::Date, index, date)).collect()
}

/// `Round 252 of June 28, 2023`, `draw 252 (June 28)`: whether what begins here is the day of a numbered round.
fn is_of_number(sentence: &Sentence, date: usize) -> bool {
    let is_link = |at: &usize| matches!(sentence.word(*at), "of" | "on") || sentence.is_mark(*at, '(');
    let links = (0..date).rev().take_while(is_link).count();
    let Some(number) = (date - links).checked_sub(1).filter(|_| links > 0) else { return false };
    let before = number.saturating_sub(2)..number;
    let is_round = before.into_iter().any(|at| matches!(sentence.word(at), "round" | "draw"));
    let times = number.saturating_sub(5)..number;
    let is_aside = times.into_iter().any(|at| {
        matches!(sentence.word(at), "after" | "since" | "before" | "until" | "following" | "between" | "unlike")
    });
    sentence.pieces[number].number().is_some() && is_round && !is_aside
}

fn dated(figure: Figure, index: usize, date: &Dated) -> Claim {
    Claim {
        figure,
        value: Value::Date(index),
        pieces: date.pieces.clone(),
        column: None,
        is_labelled: false,
        needs_name: false,
    }
}

/// `500–1,500`, `from 4,800 to 500`: neither end is a figure of one round.
fn is_half_of_range(sentence: &Sentence, at: usize) -> bool {
    let is_number = |at: usize| sentence.pieces.get(at).is_some_and(|piece| piece.number().is_some());
    let is_joint = |at: usize| {
        let joint = sentence.pieces.get(at);
        joint.is_some_and(|piece| piece.is_mark('–') || piece.is_mark('-') || piece.word() == "to")
    };
    let before = at.checked_sub(2).is_some_and(|before| is_joint(at - 1) && is_number(before));
    before || (is_joint(at + 1) && is_number(at + 2)) || (sentence.word(at.wrapping_sub(1)) == "from")
}
