//! Issues within lines: images, HTML, links and emphasis that are not rendered as intended.

use std::collections::HashMap;
use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

use crate::web::markdown::issues::issue::{Edit, RawIssue};
use crate::web::markdown::options::text_options;
use crate::web::markdown::sanitize::is_allowed_element;
use crate::web::picture_hash;

const PICTURE: &str = "Only pictures from Media are shown. Add the picture to Media, or use a link.";
const HTML: &str = "This HTML is not allowed and is removed.";
const WORD_IN_BRACKETS: &str = "Text between < and > is treated as HTML and is removed.";
const LINK: &str = "This is not a valid link, so it appears as typed.";
const ADDRESS: &str = "The link does not work without https://.";
const SCHEME: &str = "Links of this type are not allowed. The link is removed, and its text is kept.";
const BARE: &str = "A web address on its own does not become a link. Put it between < and >.";
const EMPHASIS: &str = "The ** appear as typed, because they are not closed or have a space inside.";
const INDENTED: &str = "Lines that start with four spaces or a tab appear as code.";

/// HTML elements that are removed while their text is kept.
const ELEMENTS: &[&str] = &[
    "font", "big", "form", "input", "button", "select", "option", "textarea", "label", "iframe", "object", "embed",
    "img", "video", "audio", "source", "svg", "path", "html", "head", "body", "meta", "link", "title", "base", "main",
    "section", "script", "style", "noscript", "canvas", "picture", "fieldset", "legend", "marquee", "blink", "o:p",
    "template",
];
/// Elements that are removed together with their content.
const DROPPED_WITH_CONTENT: &[&str] = &["script", "style", "svg", "head", "template"];

/// Ranges of fenced code and tables, where lines have no issues.
pub fn skipped_ranges(text: &str) -> Vec<Range<usize>> {
    let events = Parser::new_ext(text, text_options()).into_offset_iter();
    events
        .filter_map(|(event, range)| match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_)) | Tag::Table(_)) => Some(range),
            _ => None,
        })
        .collect()
}

/// Finds the inline issues.
pub fn issues(text: &str) -> Vec<RawIssue> {
    let mut found = vec![];
    let mut shown = HashMap::new();
    let (mut in_code, mut in_link) = (false, false);
    let mut dropped_until = 0;
    // Merged, because the parser emits brackets that are not links as separate texts.
    let mut piece: Option<Range<usize>> = None;
    for (event, range) in Parser::new_ext(text, text_options()).into_offset_iter() {
        let is_text = matches!(event, Event::Text(_)) && !in_code && !in_link;
        match &mut piece {
            Some(open) if is_text && open.end <= range.start && text[open.end..range.start].len() < 3 => {
                open.end = range.end
            }
            _ => {
                if let Some(done) = piece.take() {
                    find_in_text(text, done, &mut found);
                }
                piece = is_text.then(|| range.clone());
            }
        }
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Indented)) => {
                in_code = true;
                found.push((range.start, INDENTED, unindent(text, range)));
            }
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            // The form reports a missing alternative text.
            Event::Start(Tag::Image { dest_url, .. }) if picture_hash(&dest_url).is_some() => in_link = true,
            Event::Start(Tag::Image { dest_url, .. }) => {
                let (start, end) = (range.start, range.end);
                let words = text[start..end].strip_prefix("![").and_then(|rest| rest.split_once(']'));
                let words = words.map_or("", |(words, _)| words.trim());
                let words = if words.is_empty() { "Picture" } else { words };
                let is_data = dest_url.starts_with("data:");
                let replacement =
                    if is_data { String::new() } else { format!("[{words}]({})", dest_url.replace(' ', "%20")) };
                found.push((start, PICTURE, vec![(range, replacement)]));
                in_link = true;
            }
            Event::Start(Tag::Link { dest_url, .. }) => {
                in_link = true;
                let scheme = dest_url.split_once(':').map(|(scheme, _)| scheme.to_lowercase());
                let is_scheme = scheme.as_ref().is_some_and(|scheme| !scheme.contains(['/', '?', '#', '.']));
                if is_scheme && !scheme.is_some_and(|scheme| matches!(&*scheme, "http" | "https" | "mailto" | "tel")) {
                    found.push((range.start, SCHEME, vec![]));
                } else if dest_url.to_lowercase().starts_with("www.")
                    && let Some(at) = text[range.clone()].rfind(&*dest_url)
                {
                    let at = range.start + at;
                    found.push((range.start, ADDRESS, vec![(at..at, "https://".into())]));
                }
            }
            Event::End(TagEnd::Link | TagEnd::Image) => in_link = false,
            Event::Html(_) | Event::InlineHtml(_) if range.start >= dropped_until => {
                dropped_until = find_in_html(text, range, &mut shown, &mut found);
            }
            _ => {}
        }
    }
    if let Some(done) = piece {
        find_in_text(text, done, &mut found);
    }
    found
}

fn unindent(text: &str, range: Range<usize>) -> Vec<Edit> {
    // The range of a code block starts after the indent of its first line.
    let mut start = text[..range.start].rfind('\n').map_or(0, |end| end + 1);
    let mut edits = vec![];
    for line in text[start..range.end].split_inclusive('\n') {
        let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
        if indent > 0 && !line.trim().is_empty() {
            edits.push((start..start + indent, String::new()));
        }
        start += line.len();
    }
    edits
}

/// Finds tags and comments that are removed. Returns the offset up to which the text was checked.
fn find_in_html(
    text: &str,
    range: Range<usize>,
    shown: &mut HashMap<String, bool>,
    found: &mut Vec<RawIssue>,
) -> usize {
    let mut at = range.start;
    while let Some(open) = text[at..range.end].find('<').map(|place| at + place) {
        let rest = &text[open..];
        if rest.starts_with("<!--") {
            let end = rest.find("-->").map_or(range.end, |place| open + place + 3);
            found.push((open, HTML, vec![(open..end, String::new())]));
            at = end;
            if at >= range.end {
                return at;
            }
            continue;
        }
        let name = rest.trim_start_matches(['<', '/']);
        let name: String = name.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == ':' || *c == '-').collect();
        let name = name.to_lowercase();
        let end = rest.find('>').map_or(range.end, |place| open + place + 1).min(range.end.max(open + 1));
        at = end;
        if name.is_empty() || *shown.entry(name.clone()).or_insert_with(|| is_allowed_element(&name)) {
            continue;
        }
        if !ELEMENTS.contains(&name.as_str()) {
            found.push((open, WORD_IN_BRACKETS, vec![(open..open + 1, "\\<".into())]));
            continue;
        }
        let whole = DROPPED_WITH_CONTENT.contains(&name.as_str()) && !rest.starts_with("</");
        let closing = whole.then(|| text[end..].to_lowercase().find(&format!("</{name}"))).flatten();
        let end = match closing.and_then(|place| text[end + place..].find('>').map(|last| end + place + last + 1)) {
            Some(closed) => closed,
            None => end,
        };
        found.push((open, HTML, vec![(open..end, String::new())]));
        at = end;
        if at >= range.end {
            return at;
        }
    }
    range.end
}

/// Finds links and emphasis that remain plain text.
fn find_in_text(text: &str, range: Range<usize>, found: &mut Vec<RawIssue>) {
    let piece = &text[range.clone()];
    let mut taken = 0;
    // `[words](address with spaces)` and `[words] (address)`
    for (place, _) in piece.match_indices(']') {
        if place < taken {
            continue;
        }
        let Some(open) = piece[taken..place].rfind('[').map(|open| taken + open) else { continue };
        let after = &piece[place + 1..];
        let gap = after.len() - after.trim_start_matches(' ').len();
        let Some(address) = after[gap..].strip_prefix('(') else { continue };
        let Some(close) = address.find([')', '\n']).filter(|close| address[*close..].starts_with(')')) else {
            continue;
        };
        let typed = address[..close].trim();
        let is_address =
            ["http://", "https://", "mailto:", "tel:", "/", "www."].iter().any(|start| typed.starts_with(start));
        if !is_address {
            continue;
        }
        let start = range.start + place + 1;
        let end = start + gap + 1 + close + 1;
        let whole = if typed.starts_with("www.") { format!("https://{typed}") } else { typed.to_owned() };
        found.push((range.start + open, LINK, vec![(start..end, format!("({})", whole.replace(' ', "%20")))]));
        taken = place + 1 + gap + 1 + close + 1;
    }
    // Bare URLs.
    for (place, _) in piece.match_indices("http").filter(|(place, _)| *place >= taken) {
        let rest = &piece[place..];
        let is_start =
            !piece[..place].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '<' | '(' | '['));
        if !is_start || !(rest.starts_with("http://") || rest.starts_with("https://")) {
            continue;
        }
        let end = rest
            .find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '{' | ')' | ']'))
            .unwrap_or(rest.len());
        let address = rest[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '”', '’', '*']);
        if address.len() > "https://".len() {
            let start = range.start + place;
            found.push((start, BARE, vec![(start..start + address.len(), format!("<{address}>"))]));
        }
    }
    emphasis(text, range, found);
}

fn emphasis(text: &str, range: Range<usize>, found: &mut Vec<RawIssue>) {
    let piece = &text[range.clone()];
    let is_mark = |place: usize| {
        !piece[..place].ends_with(['\\', '*'])
            && !piece[place + 2..].starts_with('*')
            && !text[..range.start + place].ends_with('\\')
    };
    let marks: Vec<usize> = piece.match_indices("**").map(|(place, _)| place).filter(|place| is_mark(*place)).collect();
    let mut at = 0;
    while at < marks.len() {
        let open = marks[at];
        let close = marks.get(at + 1).copied().filter(|close| !piece[open..*close].contains('\n'));
        let start = range.start + open;
        let edits = match close {
            Some(close) if !piece[open + 2..close].trim().is_empty() => {
                at += 1;
                let words = piece[open + 2..close].trim();
                vec![(start..range.start + close + 2, format!("**{words}**"))]
            }
            Some(_) => {
                at += 1;
                vec![]
            }
            None => {
                let rest = &piece[open + 2..];
                let line = rest.split('\n').next().unwrap_or_default();
                let words = line.trim();
                // A marker without text before it closes nothing.
                if words.is_empty() {
                    vec![(start..start + 2, String::new())]
                } else {
                    vec![(start..start + 2 + line.len(), format!("**{words}**"))]
                }
            }
        };
        found.push((start, EMPHASIS, edits));
        at += 1;
    }
}
