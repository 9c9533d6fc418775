//! Table headers, parsed once for all rows.

use std::ops::Range;

use crate::fact_check::claims::Figure;
use crate::fact_check::draw_mentions::{DrawIndex, DrawMention, by_link, by_number, cells};
use crate::fact_check::labels;
use crate::fact_check::sentence::Sentence;
use crate::fact_check::text_block::BlockKind;

/// Rounds that one column is taken to be of, at most.
const MAX_DRAWS_PER_COLUMN: usize = 10;

/// The header of a table.
pub(super) struct Header<'s, 'a, 'r> {
    pub sentence: &'s Sentence<'a>,
    pub columns: Vec<Column<'r>>,
}

/// What the header says of a column.
pub(super) struct Column<'r> {
    /// Which figure of a round stands in it.
    pub figure: Option<Figure>,
    /// Whether the numbers in it are those of rounds.
    pub is_of_rounds: bool,
    /// Rounds that the header names.
    pub named: Vec<DrawMention<'r>>,
}

impl<'s, 'a, 'r> Header<'s, 'a, 'r> {
    fn of(sentence: &'s Sentence<'a>, rounds: &DrawIndex<'r>) -> Self {
        let named: Vec<DrawMention> =
            by_number(sentence, rounds).into_iter().chain(by_link(sentence, rounds)).collect();
        let column = |cell: Range<usize>| Column {
            figure: labels::figure(sentence, cell.clone()),
            is_of_rounds: is_of_rounds(sentence, cell.clone()),
            named: named
                .iter()
                .filter(|mention| cell.contains(&mention.tokens.start))
                .take(MAX_DRAWS_PER_COLUMN)
                .cloned()
                .collect(),
        };
        Self { sentence, columns: cells(sentence).into_iter().map(column).collect() }
    }
}

fn is_of_rounds(sentence: &Sentence, cell: Range<usize>) -> bool {
    let is_word =
        |at| matches!(sentence.word(at), "round" | "draw" | "no" | "number" | "express" | "entry" | "of" | "the" | "");
    cell.clone().all(is_word) && cell.clone().any(|at| matches!(sentence.word(at), "round" | "draw"))
}

/// The headers of a text, and which of them stands above which sentence.
pub(super) struct Headers<'s, 'a, 'r> {
    read: Vec<Header<'s, 'a, 'r>>,
    above: Vec<Option<usize>>,
}

impl<'s, 'a, 'r> Headers<'s, 'a, 'r> {
    pub fn of(sentences: &'s [Sentence<'a>], rounds: &DrawIndex<'r>) -> Self {
        let mut read = vec![];
        let above = sentences.iter().map(|sentence| match sentence.block.kind {
            BlockKind::Row { header: 0, .. } => {
                read.push(Header::of(sentence, rounds));
                None
            }
            BlockKind::Row { .. } => read.len().checked_sub(1),
            _ => None,
        });
        let above = above.collect();
        Self { read, above }
    }

    /// The header above the sentence at this place.
    pub fn above(&self, place: usize) -> Option<&Header<'s, 'a, 'r>> {
        self.above.get(place).copied().flatten().map(|header| &self.read[header])
    }
}
