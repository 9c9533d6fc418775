//! How deep things may lie within each other in a text of ours.

use pulldown_cmark::Event;

/// Nobody writes things that lie deeper within each other.
const MAX_DEPTH: usize = 50;

/// Takes away what lies too deep, so that its words stand in what is around it, and shows HTML that opens too much as it
/// was typed: to clean a page takes time by the square of its depth.
pub fn limit_nesting(events: Vec<Event<'_>>) -> Vec<Event<'_>> {
    let mut depth = 0;
    let mut open = vec![];
    let mut out = Vec::with_capacity(events.len());
    for event in events {
        match event {
            Event::Start(_) => {
                depth += 1;
                out.extend((depth <= MAX_DEPTH).then_some(event));
            }
            Event::End(_) => {
                out.extend((depth <= MAX_DEPTH).then_some(event));
                depth -= 1;
            }
            Event::Html(html) | Event::InlineHtml(html) if exceeds_depth(&html, &mut open) => {
                out.push(Event::Text(html));
            }
            other => out.push(other),
        }
    }
    out
}

/// Whether more would be open at once than may be, in or after this piece. `open` holds what was left open before it.
fn exceeds_depth(html: &str, open: &mut Vec<String>) -> bool {
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
        if open.len() > MAX_DEPTH {
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
    use crate::web::{no_replacement, render_markdown};

    #[test]
    fn text_below_the_maximum_depth_is_kept_without_nesting() {
        let quoted = render_markdown(&format!("{}words", "> ".repeat(20_000)), &no_replacement);
        assert!(quoted.contains("words") && quoted.matches("<blockquote>").count() == MAX_DEPTH, "{}", quoted.len());
        for (piece, tag) in
            [("<div>", "<div>"), ("<ul><li>", "<li>"), ("<b>", "<b>"), ("<div title=\"</div>\">", "<div ")]
        {
            let html = render_markdown(&format!("{}words", piece.repeat(3_000)), &no_replacement);
            assert!(html.contains("words") && html.matches(tag).count() < 2 * MAX_DEPTH, "{piece}: {}", html.len());
        }
        let flat = "<div>a</div><p>b<br>\n\n- c\n\n".repeat(40);
        assert!(!render_markdown(&flat, &no_replacement).contains("&lt;"));
    }
}
