//! How deep things may lie within each other in a text of ours.

use pulldown_cmark::Event;

/// Nobody writes things that lie deeper within each other.
const DEEPEST: usize = 50;

/// Takes away what lies too deep, so that its words stand in what is around it, and shows HTML that opens too much as it
/// was typed: to clean a page takes time by the square of its depth.
pub fn shallow(events: Vec<Event<'_>>) -> Vec<Event<'_>> {
    let mut depth = 0;
    let mut open = vec![];
    let mut out = Vec::with_capacity(events.len());
    for event in events {
        match event {
            Event::Start(_) => {
                depth += 1;
                out.extend((depth <= DEEPEST).then_some(event));
            }
            Event::End(_) => {
                out.extend((depth <= DEEPEST).then_some(event));
                depth -= 1;
            }
            Event::Html(html) | Event::InlineHtml(html) if opens_too_much(&html, &mut open) => {
                out.push(Event::Text(html));
            }
            other => out.push(other),
        }
    }
    out
}

/// Whether more would be open at once than may be, in or after this piece. `open` holds what was left open before it.
fn opens_too_much(html: &str, open: &mut Vec<String>) -> bool {
    const NEVER_OPEN: [&str; 7] = ["br", "hr", "img", "wbr", "input", "col", "source"];
    let before = open.clone();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        let is_end = rest.starts_with('/');
        let tag = rest.trim_start_matches('/');
        let name: String = tag.chars().take_while(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
        if name.is_empty() {
            continue;
        }
        if is_end {
            // What was opened after it may stay open.
            if let Some(place) = open.iter().rposition(|opened| *opened == name) {
                open.remove(place);
            }
        } else if !NEVER_OPEN.contains(&name.as_str()) {
            open.push(name);
        }
        if open.len() > DEEPEST {
            *open = before;
            return true;
        }
        rest = &tag[end_of_tag(tag)..];
    }
    false
}

/// Where a tag ends: a `>` in quotes is none of its own.
fn end_of_tag(tag: &str) -> usize {
    let mut quote = None;
    for (place, c) in tag.char_indices() {
        match (quote, c) {
            (None, '>') => return place,
            (None, '"' | '\'') => quote = Some(c),
            (Some(opened), _) if opened == c => quote = None,
            _ => {}
        }
    }
    tag.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::{no_fill, render_markdown};

    #[test]
    fn what_lies_too_deep_keeps_its_words_and_no_depth() {
        let quoted = render_markdown(&format!("{}words", "> ".repeat(20_000)), &no_fill);
        assert!(quoted.contains("words") && quoted.matches("<blockquote>").count() == DEEPEST, "{}", quoted.len());
        for (piece, tag) in
            [("<div>", "<div>"), ("<ul><li>", "<li>"), ("<b>", "<b>"), ("<div title=\"</div>\">", "<div ")]
        {
            let html = render_markdown(&format!("{}words", piece.repeat(3_000)), &no_fill);
            assert!(html.contains("words") && html.matches(tag).count() < 2 * DEEPEST, "{piece}: {}", html.len());
        }
        let flat = "<div>a</div><p>b<br>\n\n- c\n\n".repeat(40);
        assert!(!render_markdown(&flat, &no_fill).contains("&lt;"));
    }
}
