//! Conversion of a Markdown field into text blocks, without code and HTML.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::fact_check::text_block::{Block, BlockKind, Segment, Span};

/// Stands for what is no prose, such as code, so that the words around it do not meet.
const NON_PROSE: &str = "\u{FFFC}";

/// Table cells that are read in a field: several times as many as the longest table of draws has.
const MAX_CELLS: usize = 10_000;
/// Cells that are read in a row.
const MAX_CELLS_PER_ROW: usize = 50;
/// Bytes that are read of a row: as many as of a sentence.
const MAX_ROW_LEN: usize = 4_000;

/// What the reader makes of a field.
pub(super) struct Contents<'a> {
    pub blocks: Vec<Block<'a>>,
    /// Where in the source the first table cell stands that was left out, since there are too many.
    pub truncated_at: Option<usize>,
}

/// Reads a field: titles and summaries are plain text, all others Markdown.
pub(super) fn read<'a>(field: &'static str, source: &'a str) -> Contents<'a> {
    let mut reader = MarkdownReader::new(field, source);
    if matches!(field, "title" | "summary" | "search_title" | "search_description") {
        reader.push(source, 0..source.len());
        reader.finish_block();
        return Contents { blocks: reader.blocks, truncated_at: None };
    }
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_FOOTNOTES;
    for (event, range) in Parser::new_ext(source, options).into_offset_iter() {
        reader.read(event, range);
    }
    reader.finish_block();
    Contents { blocks: reader.blocks, truncated_at: reader.truncated_at }
}

/// The blocks of a field.
#[cfg(test)]
pub(super) fn blocks<'a>(field: &'static str, source: &'a str) -> Vec<Block<'a>> {
    read(field, source).blocks
}

/// Whether a line begins with a label, as in `Date: June 28, 2023`.
fn is_labelled(line: &str) -> bool {
    const MAX_LABEL_LEN: usize = 80;
    line.find(": ").is_some_and(|end| end <= MAX_LABEL_LEN)
}

/// Whether a line begins like an entry: with a capital letter or a digit, and is shorter than wrapped text.
fn is_line(line: &str) -> bool {
    const MAX_LEN: usize = 70;
    line.chars().count() <= MAX_LEN && line.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit() || c == '*')
}

struct MarkdownReader<'a> {
    field: &'static str,
    source: &'a str,
    blocks: Vec<Block<'a>>,
    open: Block<'a>,
    open_spans: Vec<Span>,
    lists: Vec<usize>,
    lists_seen: usize,
    header_at: usize,
    cells: Vec<Range<usize>>,
    cells_read: usize,
    truncated_at: Option<usize>,
    is_cell_skipped: bool,
    /// How deep we are in what is no prose.
    skip_depth: usize,
}

impl<'a> MarkdownReader<'a> {
    fn new(field: &'static str, source: &'a str) -> Self {
        let open = Block {
            field,
            kind: BlockKind::Paragraph,
            text: String::new(),
            is_french: false,
            section: 0,
            spans: vec![],
            source_text: source,
            segments: vec![],
        };
        Self {
            field,
            source,
            blocks: vec![],
            open,
            open_spans: vec![],
            lists: vec![],
            lists_seen: 0,
            header_at: 0,
            cells: vec![],
            cells_read: 0,
            truncated_at: None,
            is_cell_skipped: false,
            skip_depth: 0,
        }
    }

    fn read(&mut self, event: Event, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(end) => self.end(end),
            Event::Text(text) => self.push(&text, range),
            Event::Code(_) | Event::InlineMath(_) | Event::DisplayMath(_) => self.push(NON_PROSE, range),
            Event::SoftBreak => {
                let next = self.source[range.end..].lines().next().unwrap_or_default().trim_start();
                let before = self.source[..range.start].lines().next_back().unwrap_or_default();
                let is_symbol = |c: char| !c.is_alphanumeric() && !c.is_ascii_punctuation() && !"“‘«".contains(c);
                let is_entry = next.chars().next().is_some_and(is_symbol)
                    || is_labelled(before) && is_labelled(next)
                    || is_line(before) && is_line(next);
                self.push(if is_entry { "\n" } else { " " }, range);
            }
            Event::HardBreak => self.push("\n", range),
            Event::InlineHtml(html) if html.starts_with("<br") => self.push("\n", range),
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag, range: Range<usize>) {
        match tag {
            Tag::Emphasis | Tag::Strong => self.open_span(range, None),
            Tag::Link { dest_url, .. } => self.open_span(range, Some(dest_url.into_string())),
            Tag::TableCell if self.is_table_full() => {
                self.truncated_at.get_or_insert(range.start);
                self.is_cell_skipped = true;
                self.skip_depth += 1;
            }
            Tag::TableCell => {
                self.cells_read += 1;
                if !self.cells.is_empty() {
                    self.push(" | ", range.start..range.start);
                }
                self.cells.push(self.open.text.len()..self.open.text.len());
            }
            // What is struck out has been taken back, and pictures are not shown.
            Tag::Strikethrough | Tag::Image { .. } => {
                self.push(NON_PROSE, range);
                self.skip_depth += 1;
            }
            Tag::CodeBlock(_) | Tag::HtmlBlock | Tag::MetadataBlock(_) => {
                self.finish_block();
                self.skip_depth += 1;
            }
            Tag::List(_) => {
                self.finish_block();
                self.lists_seen += 1;
                self.lists.push(self.lists_seen);
            }
            Tag::Heading { .. } => {
                self.finish_block();
                self.open.section += 1;
                self.open.kind = BlockKind::Heading;
            }
            Tag::TableHead => {
                self.finish_block();
                self.header_at = self.blocks.len();
            }
            _ => self.finish_block(),
        }
    }

    fn end(&mut self, end: TagEnd) {
        match end {
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Link => {
                if let Some(mut span) = self.open_spans.pop() {
                    span.text.end = self.open.text.len();
                    self.open.spans.push(span);
                }
            }
            TagEnd::TableCell if self.is_cell_skipped => {
                self.is_cell_skipped = false;
                self.skip_depth = self.skip_depth.saturating_sub(1);
            }
            TagEnd::TableCell => {
                let end = self.open.text.len();
                if let Some(cell) = self.cells.last_mut() {
                    cell.end = end;
                }
            }
            TagEnd::TableRow if self.cells.is_empty() && self.truncated_at.is_some() => self.finish_block(),
            TagEnd::TableHead | TagEnd::TableRow => {
                let header = self.blocks.len() - self.header_at;
                self.open.kind = BlockKind::Row { cells: std::mem::take(&mut self.cells), header };
                self.push_block();
            }
            TagEnd::Strikethrough | TagEnd::Image => self.skip_depth = self.skip_depth.saturating_sub(1),
            TagEnd::CodeBlock | TagEnd::HtmlBlock | TagEnd::MetadataBlock(_) => {
                self.skip_depth = self.skip_depth.saturating_sub(1);
            }
            TagEnd::List(_) => {
                self.finish_block();
                self.lists.pop();
                self.open.kind = self.kind_here();
            }
            _ => self.finish_block(),
        }
    }

    fn is_table_full(&self) -> bool {
        self.cells_read >= MAX_CELLS || self.cells.len() >= MAX_CELLS_PER_ROW || self.open.text.len() >= MAX_ROW_LEN
    }

    fn open_span(&mut self, source: Range<usize>, destination: Option<String>) {
        let start = self.open.text.len();
        self.open_spans.push(Span { text: start..start, source, destination });
    }

    fn push(&mut self, mut text: &str, mut source: Range<usize>) {
        if self.skip_depth > 0 || text.is_empty() {
            return;
        }
        let is_literal = self.source.get(source.clone()) == Some(text);
        let room = MAX_ROW_LEN.saturating_sub(self.open.text.len());
        if !self.cells.is_empty() && text.len() > room {
            text = &text[..text.floor_char_boundary(room)];
            let read = if is_literal { source.start + text.len() } else { source.end };
            self.truncated_at.get_or_insert(read);
            source.end = read;
            if text.is_empty() {
                return;
            }
        }
        let start = self.open.text.len();
        self.open.text.push_str(text);
        self.open.segments.push(Segment { text: start..self.open.text.len(), source, is_literal });
    }

    fn finish_block(&mut self) {
        if self.open.text.trim().is_empty() {
            self.open.text.clear();
            self.open.segments.clear();
            self.open.spans.clear();
            self.open.kind = self.kind_here();
        } else {
            self.push_block();
        }
    }

    fn push_block(&mut self) {
        self.split_labels();
        self.open.spans.sort_by_key(|span| span.text.start);
        let next = Block { section: self.open.section, ..Self::new(self.field, self.source).open };
        self.blocks.push(std::mem::replace(&mut self.open, next));
        self.open.kind = self.kind_here();
    }

    /// Lines that each begin with a bold label are sentences of their own, though the paragraph runs on.
    fn split_labels(&mut self) {
        let Block { text, spans, segments, .. } = &mut self.open;
        for span in spans.iter().filter(|span| span.destination.is_none()) {
            let is_label = text[span.text.clone()].ends_with(':') || text[span.text.end..].starts_with(':');
            let place = segments.partition_point(|segment| segment.text.end < span.text.start);
            let broken = segments.get(place).filter(|segment| segment.text.end == span.text.start);
            let is_new_line = broken.is_some_and(|segment| self.source[segment.source.clone()].contains('\n'));
            if is_label && is_new_line && text[..span.text.start].ends_with(' ') {
                text.replace_range(span.text.start - 1..span.text.start, "\n");
            }
        }
    }

    fn kind_here(&self) -> BlockKind {
        self.lists.last().map_or(BlockKind::Paragraph, |list| BlockKind::Item(*list))
    }
}

#[cfg(test)]
#[path = "tests/markdown_reader.rs"]
mod tests;
