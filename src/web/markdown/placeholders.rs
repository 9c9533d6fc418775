//! Placeholders in Markdown: search and replacement.

use pulldown_cmark::{Event, Parser, Tag, TagEnd, TextMergeWithOffset};

use crate::web::markdown::options::text_options;
use crate::web::placeholders::{Part, Placeholder, Replacement, Resolver, expand_line, find_all, inner, parts};

/// Placeholders that [`render_markdown`](super::render_markdown) would resolve. Code contains none.
pub fn find_placeholders(markdown: &str) -> Vec<Placeholder> {
    let mut found = vec![];
    let mut in_code = false;
    let mut opened_paragraph = false;
    let mut lines = LineCounter { text: markdown, offset: 0, line: 1 };
    let events: Vec<_> =
        TextMergeWithOffset::new(Parser::new_ext(markdown, text_options()).into_offset_iter()).collect();
    for (index, (event, range)) in events.iter().enumerate() {
        match event {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::Text(text) if !in_code && text.contains("{{") => {
                let ends = matches!(events.get(index + 1), Some((Event::End(TagEnd::Paragraph), _)));
                let line = lines.line_at(range.start);
                found.extend(find_all(text, line, opened_paragraph && ends));
            }
            Event::Html(text) | Event::InlineHtml(text) if text.contains("{{") => {
                let line = lines.line_at(range.start);
                found.extend(find_all(text, line, false));
            }
            // Placeholders in URLs are reported, although they are not replaced.
            Event::Start(Tag::Link { dest_url, title, .. }) if format!("{dest_url}{title}").contains("{{") => {
                let line = lines.line_at(range.start);
                let what = format!("{dest_url} {title}").trim().to_owned();
                found.push(Placeholder { key: what, line, is_paragraph: false, is_closed: true });
            }
            _ => {}
        }
        opened_paragraph = matches!(event, Event::Start(Tag::Paragraph));
    }
    found
}

/// Counts lines incrementally, so that the time stays linear.
struct LineCounter<'a> {
    text: &'a str,
    offset: usize,
    line: usize,
}

impl LineCounter<'_> {
    /// Line number of an offset, from 1.
    fn line_at(&mut self, offset: usize) -> usize {
        if offset < self.offset {
            (self.offset, self.line) = (0, 1);
        }
        self.line += self.text[self.offset..offset].matches('\n').count();
        self.offset = offset;
        self.line
    }
}

/// Replaces placeholders: text in place, HTML instead of a paragraph that contains nothing else.
pub fn expand_placeholders<'a>(events: impl Iterator<Item = Event<'a>>, resolve: &Resolver) -> Vec<Event<'a>> {
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
                match html_replacement(&text, resolve).filter(|_| opened && ends) {
                    Some(block) => {
                        out.pop();
                        out.push(Event::Html(block.into()));
                        leaves_paragraph = true;
                    }
                    None => out.push(Event::Text(expand_line(&text, resolve).into())),
                }
            }
            Event::Html(text) if text.contains("{{") => out.push(Event::Html(expand_in_html(&text, resolve).into())),
            Event::InlineHtml(text) if text.contains("{{") => {
                out.push(Event::InlineHtml(expand_in_html(&text, resolve).into()));
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

fn html_replacement(text: &str, fill: &Resolver) -> Option<String> {
    match parts(text.trim()).as_slice() {
        [Part::Placeholder(place)] => match fill(inner(place)) {
            Some(Replacement::Html(html)) => Some(html),
            _ => None,
        },
        _ => None,
    }
}

fn expand_in_html(text: &str, fill: &Resolver) -> String {
    expand_line(text, &|what: &str| match fill(what) {
        Some(Replacement::Text(words)) => Some(Replacement::Text(ammonia::clean_text(&words))),
        other => other,
    })
}
