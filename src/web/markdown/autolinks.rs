//! Bare web addresses in Markdown, which become links.

use std::borrow::Cow;
use std::ops::Range;

use linkify::{LinkFinder, LinkKind};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, TextMergeWithOffset};

use crate::web::markdown::options::text_options;

/// Encloses bare `http` and `https` addresses in `<` and `>`, which makes them links.
///
/// The source is changed instead of the parsed text, because smart punctuation would replace characters of the address.
/// Addresses in code, links, pictures and HTML stay as they are, and those with placeholders or escapes.
pub fn with_autolinks(markdown: &str) -> Cow<'_, str> {
    if !markdown.contains("://") {
        return Cow::Borrowed(markdown);
    }
    let mut linked = String::with_capacity(markdown.len() + 64);
    let mut end = 0;
    for address in bare_addresses(markdown) {
        linked.push_str(&markdown[end..address.start]);
        linked.push('<');
        linked.push_str(&markdown[address.clone()]);
        linked.push('>');
        end = address.end;
    }
    linked.push_str(&markdown[end..]);
    Cow::Owned(linked)
}

fn bare_addresses(markdown: &str) -> Vec<Range<usize>> {
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]);
    let options = text_options() - Options::ENABLE_SMART_PUNCTUATION;
    // Number of open elements whose text is not linked.
    let mut depth = 0_usize;
    let mut found = vec![];
    for (event, range) in TextMergeWithOffset::new(Parser::new_ext(markdown, options).into_offset_iter()) {
        match event {
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::CodeBlock(_)) => depth += 1,
            Event::End(TagEnd::Link | TagEnd::Image | TagEnd::CodeBlock) => depth = depth.saturating_sub(1),
            Event::InlineHtml(html) if starts_with_tag(&html, "<a") => depth += 1,
            Event::InlineHtml(html) if starts_with_tag(&html, "</a") => depth = depth.saturating_sub(1),
            Event::Text(_) if depth == 0 => {
                let text = &markdown[range.clone()];
                // A backslash would escape the angle bracket.
                let is_escaped = |start: usize| markdown[..range.start + start].ends_with('\\');
                let links = finder.links(text).filter(|link| is_linkable(link.as_str()) && !is_escaped(link.start()));
                found.extend(links.map(|link| range.start + link.start()..range.start + link.end()));
            }
            _ => {}
        }
    }
    found
}

fn starts_with_tag(html: &str, tag: &str) -> bool {
    let rest = html.get(..tag.len()).filter(|start| start.eq_ignore_ascii_case(tag)).map(|_| &html[tag.len()..]);
    rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
}

fn is_linkable(address: &str) -> bool {
    let has_scheme = ["http://", "https://"]
        .iter()
        .any(|scheme| address.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
    let has_entity = address.contains('&') && address.contains(';');
    has_scheme && !has_entity && !address.contains("{{") && !address.contains(['\\', '<', '>'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::{no_replacement, render_markdown};

    #[test]
    fn bare_addresses_become_links() {
        for (typed, linked) in [
            ("See https://example.com.", "See <https://example.com>."),
            ("(https://example.com/a_(b))", "(<https://example.com/a_(b)>)"),
            ("https://example.com/a_b_c?x=1&y=2#z, and", "<https://example.com/a_b_c?x=1&y=2#z>, and"),
            ("HTTP://EXAMPLE.COM", "<HTTP://EXAMPLE.COM>"),
            (
                "- https://example.com/1\n- **https://example.com/2**",
                "- <https://example.com/1>\n- **<https://example.com/2>**",
            ),
            ("| a |\n|---|\n| https://example.com/x |", "| a |\n|---|\n| <https://example.com/x> |"),
        ] {
            assert_eq!(with_autolinks(typed), linked, "{typed}");
        }
    }

    #[test]
    fn code_links_html_and_other_schemes_stay_unchanged() {
        for text in [
            "`https://example.com`",
            "    https://example.com",
            "```\nhttps://example.com\n```",
            "[https://example.com](https://example.org)",
            "<https://example.com>",
            "![https://example.com](/x)",
            "<a href=\"https://example.com\">https://example.com</a>",
            "[a]: https://example.com",
            "ftp://example.com javascript://example.com example.com",
            "https://example.com/{{draw 252 crs}}",
            "https://example.com/a\\_b",
            "C:\\https://example.com",
            "no address",
        ] {
            assert_eq!(with_autolinks(text), text);
        }
    }

    #[test]
    fn rendered_addresses_keep_every_character() {
        let html = render_markdown("Read https://example.com/a--b'c?x=1&y=2 today -- “now”.", &no_replacement);
        let address = "https://example.com/a--b'c?x=1&amp;y=2";
        assert!(
            html.contains(&format!("href=\"{address}\"")) && html.contains(&format!(">{address}</a> today –")),
            "{html}"
        );
    }
}
