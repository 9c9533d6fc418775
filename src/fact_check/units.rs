//! Units of a sentence: words, numbers, dates and marks, as the phrase shapes see them, and the clauses that they form.

use std::ops::Range;

use crate::fact_check::references::Reference;
use crate::fact_check::sentence::Sentence;
use crate::fact_check::shapes::{Unit, UnitKind};
use crate::fact_check::tokens::TokenKind;
use crate::fact_check::word_classes::{Classes, class};
use crate::web::month_number;

/// Words, numbers, dates and marks of a sentence.
pub(super) fn units(sentence: &Sentence, classes: &[Classes], references: &[Reference]) -> Vec<Unit> {
    let mut found = vec![];
    let mut at = 0;
    while at < sentence.tokens.len() {
        let date = sentence.dates.iter().position(|date| date.tokens.start == at);
        let token = &sentence.tokens[at];
        let (kind, end) = match (date, &token.kind) {
            (Some(index), _) => (UnitKind::Date(index), sentence.dates[index].tokens.end),
            (_, TokenKind::Word(_)) => (UnitKind::Word, at + 1),
            // "18th" is no figure.
            (_, TokenKind::Number(number)) if !number.suffix.is_empty() => (UnitKind::Word, at + 1),
            (_, TokenKind::Number(_)) => (UnitKind::Number, at + 1),
            (_, TokenKind::Placeholder(_)) => (UnitKind::Placeholder, at + 1),
            (_, TokenKind::Punctuation(mark)) => (UnitKind::Mark(*mark), at + 1),
        };
        let is_reference = references.iter().any(|reference| reference.tokens.contains(&at));
        let is_year = token.number().is_some_and(|number| number.year().is_some())
            && at > 0
            && (month_number(sentence.word(at - 1)).is_some()
                || matches!(
                    sentence.word(at - 1),
                    "in" | "of" | "en" | "de" | "noc" | "cnp" | "since" | "for" | "during" | "early" | "late"
                ));
        // The points of a nomination, in "without the 600 points of the nomination".
        let is_nomination = token.number().is_some_and(|number| number.value == Some(600))
            && classes.iter().any(|classes| classes.has(class("nomination")));
        let is_quote = matches!(kind, UnitKind::Mark('"' | '“' | '”' | '«' | '»' | '*'));
        found.push(Unit {
            kind,
            tokens: at..end,
            classes: if date.is_some() { Classes::default() } else { classes[at] },
            is_transparent: is_reference || is_year || is_nomination || is_quote,
        });
        at = end;
    }
    mark_acronyms(&mut found, sentence);
    mark_starts(&mut found);
    found
}

/// Makes `(CRS)` transparent: it repeats the words before it.
fn mark_acronyms(units: &mut [Unit], sentence: &Sentence) {
    for at in 2..units.len() {
        let [open, word, close] = &units[at - 2..=at] else { continue };
        let text = &sentence.block.text[sentence.tokens[word.tokens.start].range.clone()];
        let is_acronym = text.chars().filter(|c| c.is_uppercase()).count() > 1;
        if open.kind == UnitKind::Mark('(') && close.kind == UnitKind::Mark(')') && is_acronym {
            units[at - 2..=at].iter_mut().for_each(|unit| unit.is_transparent = true);
        }
    }
}

/// Lets the second number of "from 486 to 476" see the words before the first.
fn mark_starts(units: &mut [Unit]) {
    let (from, to) = (class("start"), class("to"));
    for at in 1..units.len() {
        let is_start = units[at].kind == UnitKind::Number && units[at - 1].classes.has(from);
        let goes_on = units[at + 1..].iter().take(2).any(|unit| unit.classes.has(to));
        units[at].is_transparent |= is_start && goes_on;
    }
}

/// Words of a label before a colon.
const MAX_LABEL_UNITS: usize = 8;

/// Splits a sentence where another statement begins: at `;`, dashes, and "which", "while", "than" and the like.
pub(super) fn clauses(units: &[Unit]) -> Vec<Range<usize>> {
    let starts_clause = class("clause");
    let mut found = vec![];
    let mut start = 0;
    for (at, unit) in units.iter().enumerate() {
        // "Two rounds on one day: 143 nominees …" counts draws before the colon only.
        let is_announced = unit.kind == UnitKind::Mark(':')
            && at - start > MAX_LABEL_UNITS
            && units[start..at].iter().any(|unit| unit.classes.has(class("draws")));
        let is_cut =
            matches!(unit.kind, UnitKind::Mark(';' | '—' | '|')) || is_announced || unit.classes.has(starts_clause);
        if is_cut && at > start {
            found.push(start..at);
            start = at;
        }
    }
    found.push(start..units.len());
    found
}
