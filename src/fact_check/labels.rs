//! Figures with a label: table rows, and entries such as `Invitations issued: 500`.

use std::ops::Range;

use crate::fact_check::claims::{Claim, Figure, Value, is_tie_break};
use crate::fact_check::draw_mentions::{cells, is_people};
use crate::fact_check::sentence::Sentence;
use crate::fact_check::table::Header;
use crate::fact_check::text_block::BlockKind;

/// The claims of a labelled sentence or of a row; none where nothing is labelled.
pub(super) fn claims(sentence: &Sentence, header: Option<&Header>) -> Vec<Claim> {
    if !matches!(sentence.block.kind, BlockKind::Row { .. }) {
        return entry(sentence).into_iter().collect();
    }
    let cells = cells(sentence);
    let label = cells.first().and_then(|cell| figure(sentence, cell.clone()));
    let mut found = vec![];
    for (column, cell) in cells.iter().enumerate() {
        let by_head = header.and_then(|header| header.columns.get(column)?.figure);
        let is_pair = cells.len() == 2;
        let (figure, needs_name) = match (by_head, label) {
            (Some(figure), _) => (figure, true),
            (None, Some(figure)) if column > 0 => (figure, !is_pair),
            _ => continue,
        };
        let value = value(sentence, cell.clone(), figure);
        found.extend(value.map(|(value, tokens)| Claim {
            figure,
            value,
            tokens,
            column: Some(column),
            is_labelled: true,
            needs_name,
        }));
    }
    found
}

/// `**CRS score of lowest-ranked candidate invited:** 476`
fn entry(sentence: &Sentence) -> Option<Claim> {
    let colon =
        (0..sentence.tokens.len().min(16)).find(|at| sentence.is_punctuation(*at, ':') && !sentence.is_in_date(*at))?;
    let figure = figure(sentence, 0..colon)?;
    let (value, tokens) = value(sentence, colon + 1..sentence.tokens.len(), figure)?;
    Some(Claim { figure, value, tokens, column: None, is_labelled: true, needs_name: false })
}

/// What a label announces.
pub(super) fn figure(sentence: &Sentence, label: Range<usize>) -> Option<Figure> {
    let words: Vec<&str> = label.clone().map(|at| sentence.word(at)).filter(|word| !word.is_empty()).collect();
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    // Of a year, of the round before, or of many rounds together.
    let is_other = label.clone().any(|at| sentence.tokens[at].number().is_some_and(|number| number.year().is_some()))
        || has(&[
            "total",
            "average",
            "highest",
            "maximum",
            "year",
            "month",
            "far",
            "previous",
            "next",
            "last",
            "earlier",
            "rank",
            "change",
            "difference",
            "median",
            "planned",
            "expected",
            "rounds",
            "draws",
            "all",
            "share",
            "your",
            "percent",
        ]);
    if words.is_empty() || is_other {
        return None;
    }
    if label.clone().any(|at| is_tie_break(sentence, at)) {
        return Some(Figure::TieBreak);
    }
    if has(&["crs", "cut-off", "cutoff"]) || (has(&["score"]) && has(&["lowest", "minimum"])) {
        return Some(Figure::Crs);
    }
    if has(&["date", "held"]) {
        let is_plain = words.iter().all(|word| {
            matches!(
                *word,
                "date" | "held" | "of" | "the" | "round" | "draw" | "and" | "time" | "on" | "express" | "entry"
            )
        });
        return is_plain.then_some(Figure::Date);
    }
    has(&["invitations", "itas", "invited"]).then_some(Figure::Invitations)
}

/// The value, where nothing but it stands there.
fn value(sentence: &Sentence, mut cell: Range<usize>, figure: Figure) -> Option<(Value, Range<usize>)> {
    while !cell.is_empty() && (sentence.is_punctuation(cell.end - 1, '.') || sentence.is_punctuation(cell.end - 1, ')'))
    {
        cell.end -= 1;
    }
    if matches!(figure, Figure::TieBreak | Figure::Date) {
        let is_date = |weekday: Option<usize>, tokens: &Range<usize>| {
            let start = weekday.unwrap_or(tokens.start).min(tokens.start);
            cell.start == start && cell.end == tokens.end
        };
        let mut dates = sentence.dates.iter().enumerate();
        let (index, date) = dates.find(|(_, date)| is_date(date.weekday.map(|(_, at)| at), &date.tokens))?;
        return Some((Value::Date(index), date.tokens.clone()));
    }
    let number = sentence.tokens.get(cell.start)?.number()?.plain()?;
    let is_unit = |at: usize| match figure {
        Figure::Crs => matches!(sentence.word(at), "points" | "or" | "above" | "higher" | "more" | "and" | "crs"),
        _ => {
            let word = sentence.word(at);
            is_people(word) || matches!(word, "invitations" | "itas" | "to" | "apply" | "healthcare" | "issued")
        }
    };
    let is_alone = !cell.is_empty() && !sentence.is_in_date(cell.start) && (cell.start + 1..cell.end).all(is_unit);
    is_alone.then(|| (Value::Number(number), cell.start..cell.start + 1))
}
