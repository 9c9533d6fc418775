//! Text blocks: plain text with a mapping to positions in the source.

use std::ops::Range;

use crate::web::split_words;

/// What a block is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum BlockKind {
    Heading,
    Paragraph,
    /// An entry of the list with this number.
    Item(usize),
    /// A row: its cells within the text, and how many blocks before it its header stands (0: it is the header).
    Row {
        cells: Vec<Range<usize>>,
        header: usize,
    },
}

/// A paragraph, a heading, a list entry or a table row.
#[derive(Clone, Debug)]
pub(super) struct Block<'a> {
    pub field: &'static str,
    pub kind: BlockKind,
    pub text: String,
    /// Whether the text is in French, which writes numbers and times differently.
    pub is_french: bool,
    /// Rises with every heading.
    pub section: usize,
    /// In the order in which they begin.
    pub spans: Vec<Span>,
    /// The field’s source.
    pub source_text: &'a str,
    /// Which part of the text came from where.
    pub segments: Vec<Segment>,
}

/// Something bold, emphasised or linked.
#[derive(Clone, Debug)]
pub(super) struct Span {
    /// Within the block's text.
    pub text: Range<usize>,
    /// With its markup, within the field's source.
    pub source: Range<usize>,
    /// Where it leads, if it is a link.
    pub destination: Option<String>,
}

/// A stretch of text that came from one place.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    pub text: Range<usize>,
    pub source: Range<usize>,
    /// Whether text and source are the same, letter by letter.
    pub is_literal: bool,
}

/// Number of French function words in a text minus the English ones.
pub(super) fn french_balance(text: &str) -> i64 {
    const FRENCH: [&str; 20] = [
        "le", "la", "les", "des", "du", "de", "et", "pour", "dans", "une", "un", "au", "aux", "en", "est", "sont",
        "par", "qui", "ont", "à",
    ];
    const ENGLISH: [&str; 20] = [
        "the", "of", "and", "to", "in", "for", "with", "was", "were", "is", "are", "by", "that", "this", "from", "on",
        "at", "it", "have", "has",
    ];
    let balance = |word: &str| {
        let is_in = |words: &[&str]| words.iter().any(|known| word.eq_ignore_ascii_case(known));
        i64::from(is_in(&FRENCH)) - i64::from(is_in(&ENGLISH))
    };
    split_words(text).map(balance).sum()
}

impl Block<'_> {
    /// The place of the source from which this place of the text came.
    pub fn source_start(&self, at: usize) -> usize {
        let place = self.segments.partition_point(|segment| segment.text.end <= at);
        let Some(segment) = self.segments.get(place).or(self.segments.last()) else { return 0 };
        let into =
            if segment.is_literal { at.clamp(segment.text.start, segment.text.end) - segment.text.start } else { 0 };
        segment.source.start + into
    }

    /// The place of the source where the text up to here ends.
    pub fn source_end(&self, at: usize) -> usize {
        let place = self.segments.partition_point(|segment| segment.text.end < at);
        let Some(segment) = self.segments.get(place) else {
            return self.source_text.len();
        };
        if segment.is_literal {
            segment.source.start + at.saturating_sub(segment.text.start)
        } else {
            segment.source.end
        }
    }

    /// The spans that begin within a part of the text.
    pub fn spans_in(&self, text: &Range<usize>) -> &[Span] {
        let first = self.spans.partition_point(|span| span.text.start < text.start);
        let count = self.spans[first..].partition_point(|span| span.text.start < text.end);
        &self.spans[first..first + count]
    }

    /// The source as it was typed.
    pub fn source(&self, range: Range<usize>) -> &str {
        self.source_text.get(range).unwrap_or_default()
    }

    /// The part of the source that can be replaced to replace this part of the text; `None` where that would
    /// tear markup apart, as half of something bold.
    pub fn replaceable(&self, text: &Range<usize>) -> Option<Range<usize>> {
        let mut range = self.source_start(text.start)..self.source_end(text.end);
        for span in &self.spans {
            let is_outside = span.text.end <= text.start || text.end <= span.text.start;
            let is_around = span.text.start <= text.start && text.end <= span.text.end;
            let is_inside = text.start <= span.text.start && span.text.end <= text.end;
            if is_outside || is_around {
                continue;
            }
            if !is_inside {
                return None;
            }
            range = range.start.min(span.source.start)..range.end.max(span.source.end);
        }
        Some(range)
    }
}
