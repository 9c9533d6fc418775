//! The places in a text where figures of the record go: where they are, and what stands in them.

use pulldown_cmark::{Event, Parser, Tag, TagEnd, TextMergeWithOffset};

use crate::web::markdown::text_options;
use crate::web::placeholder::{Fill, Filling, Part, Placeholder, fill_line, found_in, inside, parts};

/// The places in a Markdown text that [`render_markdown`](super::render_markdown) would ask to fill. Code is printed as typed, and has none.
pub fn placeholders(markdown: &str) -> Vec<Placeholder> {
    let mut found = vec![];
    let mut in_code = false;
    let mut opened_paragraph = false;
    let mut lines = Lines { text: markdown, place: 0, line: 1 };
    let events: Vec<_> =
        TextMergeWithOffset::new(Parser::new_ext(markdown, text_options()).into_offset_iter()).collect();
    for (index, (event, range)) in events.iter().enumerate() {
        match event {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::Text(text) if !in_code && text.contains("{{") => {
                let ends = matches!(events.get(index + 1), Some((Event::End(TagEnd::Paragraph), _)));
                let line = lines.up_to(range.start);
                found.extend(found_in(text, line, opened_paragraph && ends));
            }
            Event::Html(text) | Event::InlineHtml(text) if text.contains("{{") => {
                let line = lines.up_to(range.start);
                found.extend(found_in(text, line, false));
            }
            // An address is not filled, so that nothing may wait for it there.
            Event::Start(Tag::Link { dest_url, title, .. }) if format!("{dest_url}{title}").contains("{{") => {
                let line = lines.up_to(range.start);
                let what = format!("{dest_url} {title}").trim().to_owned();
                found.push(Placeholder { what, line, alone: false, closed: true });
            }
            _ => {}
        }
        opened_paragraph = matches!(event, Event::Start(Tag::Paragraph));
    }
    found
}

/// Counts lines on the way through a text. To begin anew for each place would take time by the square of its length.
struct Lines<'a> {
    text: &'a str,
    place: usize,
    line: usize,
}

impl Lines<'_> {
    /// The line of a place, from 1.
    fn up_to(&mut self, place: usize) -> usize {
        if place < self.place {
            (self.place, self.line) = (0, 1);
        }
        self.line += self.text[self.place..place].matches('\n').count();
        self.place = place;
        self.line
    }
}

/// Fills the places in a text: words where they stand, a block instead of the paragraph that holds nothing else.
pub fn filled<'a>(events: impl Iterator<Item = Event<'a>>, fill: &Fill) -> Vec<Event<'a>> {
    let mut out: Vec<Event<'a>> = vec![];
    let mut in_code = false;
    let mut leaves_paragraph = false;
    let mut events = events.peekable();
    while let Some(event) = events.next() {
        match event {
            Event::End(TagEnd::Paragraph) if leaves_paragraph => leaves_paragraph = false,
            Event::Text(text) if !in_code && text.contains("{{") => {
                let opened = matches!(out.last(), Some(Event::Start(Tag::Paragraph)));
                let ends = matches!(events.peek(), Some(Event::End(TagEnd::Paragraph)));
                match block_in(&text, fill).filter(|_| opened && ends) {
                    Some(block) => {
                        out.pop();
                        out.push(Event::Html(block.into()));
                        leaves_paragraph = true;
                    }
                    None => out.push(Event::Text(fill_line(&text, fill).into())),
                }
            }
            Event::Html(text) if text.contains("{{") => out.push(Event::Html(fill_html(&text, fill).into())),
            Event::InlineHtml(text) if text.contains("{{") => {
                out.push(Event::InlineHtml(fill_html(&text, fill).into()));
            }
            other => {
                match &other {
                    Event::Start(Tag::CodeBlock(_)) => in_code = true,
                    Event::End(TagEnd::CodeBlock) => in_code = false,
                    _ => {}
                }
                out.push(other);
            }
        }
    }
    out
}

fn block_in(text: &str, fill: &Fill) -> Option<String> {
    match parts(text.trim()).as_slice() {
        [Part::Place(place)] => match fill(inside(place)) {
            Some(Filling::Block(html)) => Some(html),
            _ => None,
        },
        _ => None,
    }
}

fn fill_html(text: &str, fill: &Fill) -> String {
    fill_line(text, &|what: &str| match fill(what) {
        Some(Filling::Words(words)) => Some(Filling::Words(ammonia::clean_text(&words))),
        other => other,
    })
}
