//! Limit on the nesting depth of a text.

use pulldown_cmark::Event;

/// Deeper than any real text.
const MAX_DEPTH: usize = 50;

/// Removes elements below the maximum depth but keeps their text, and shows HTML that is nested too deeply as text.
///
/// The time to sanitize a page grows with the square of its depth.
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

/// Whether the HTML exceeds the depth limit. `open` lists the elements that earlier HTML left open.
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
            // Elements opened after it may remain open.
            if let Some(index) = open.iter().rposition(|opened| *opened == name) {
                open.remove(index);
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

/// End of a tag: the first `>` outside quotes.
fn end_of_tag(tag: &str) -> usize {
    let mut quote = None;
    for (index, c) in tag.char_indices() {
        match (quote, c) {
            (None, '>') => return index,
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
