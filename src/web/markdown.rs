//! Markdown to sanitized HTML: CommonMark with tables, footnotes, heading IDs and links for bare addresses.

mod autolinks;
mod depth_limit;
mod headings;
mod issues;
mod links;
mod options;
mod pictures;
mod placeholders;
mod sanitize;

pub(super) use autolinks::with_autolinks;
pub use headings::{Section, sections, without_anchors};
pub use issues::{Issue, fix_markdown, markdown_issues, plain_line_issue};
pub use links::find_empty_links;
pub use pictures::picture_problems;
pub use placeholders::find_placeholders;

use std::ops::Range;

use depth_limit::limit_nesting;
use headings::with_heading_ids;
use options::{note_options, text_options};
use pictures::expand_pictures;
use placeholders::expand_placeholders;
use pulldown_cmark::{Event, Parser, Tag, TagEnd, TextMergeStream};
use sanitize::sanitize;

use crate::web::placeholders::{Replacement, Resolver};

/// Renders Markdown. First-level headings become second-level ones, because the page title is the first level.
pub fn render_markdown(markdown: &str, resolve: &Resolver) -> String {
    let markdown = with_autolinks(markdown);
    let events = Parser::new_ext(&markdown, text_options());
    let events = expand_pictures(TextMergeStream::new(events), resolve).into_iter();
    sanitize(with_scrolling_tables(with_heading_ids(limit_nesting(expand_placeholders(events, resolve)))))
}

/// Renders a note on the page of another text: without heading IDs and footnotes, which could clash.
pub fn render_note(markdown: &str, resolve: &Resolver) -> String {
    let markdown = with_autolinks(markdown);
    let events = Parser::new_ext(&markdown, note_options());
    let events = expand_pictures(TextMergeStream::new(events), resolve).into_iter();
    sanitize(with_scrolling_tables(limit_nesting(expand_placeholders(events, resolve))))
}

/// Plain text of a Markdown text, with its placeholders unchanged.
pub fn plain_text(markdown: &str) -> String {
    let mut plain = String::with_capacity(markdown.len());
    for event in Parser::new_ext(markdown, text_options()) {
        match event {
            Event::Text(text) | Event::Code(text) => plain.push_str(&text),
            Event::SoftBreak | Event::HardBreak => plain.push(' '),
            Event::End(end) if !is_inline(end) && !plain.ends_with(' ') => plain.push(' '),
            _ => {}
        }
    }
    plain
}

/// Text and place of the first heading of level 1 to `max_level`.
pub fn first_heading(markdown: &str, max_level: usize) -> Option<(String, Range<usize>)> {
    let mut events = Parser::new_ext(markdown, text_options()).into_offset_iter();
    let is_heading =
        |event: &Event| matches!(event, Event::Start(Tag::Heading { level, .. }) if *level as usize <= max_level);
    let (_, range) = events.find(|(event, _)| is_heading(event))?;
    Some((plain_text(&markdown[range.clone()]).trim().to_owned(), range))
}

fn is_inline(end: TagEnd) -> bool {
    matches!(end, TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link)
}

/// Resolver that leaves all placeholders unchanged.
pub fn no_replacement(_: &str) -> Option<Replacement> {
    None
}

/// Wraps tables in a scrollable region that is reachable by keyboard.
fn with_scrolling_tables(events: Vec<Event<'_>>) -> Vec<Event<'_>> {
    let mut out = Vec::with_capacity(events.len());
    let mut count = 0;
    for event in events {
        match event {
            Event::Start(Tag::Table(_)) => {
                count += 1;
                let open =
                    format!("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table {count}\">");
                out.push(Event::Html(open.into()));
                out.push(event);
            }
            Event::End(TagEnd::Table) => {
                out.push(event);
                out.push(Event::Html("</div>".into()));
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heading_ids_are_unique() {
        let html = render_markdown("# The round\n\n## The *round*\n\n## Été 2023", &no_replacement);
        assert!(html.contains("<h2 id=\"the-round\">The round"), "{html}");
        assert!(html.contains("<h2 id=\"the-round-2\">"), "{html}");
        assert!(html.contains("<h2 id=\"ete-2023\">"), "{html}");
        assert!(html.contains("href=\"#the-round\""), "{html}");
    }

    #[test]
    fn sections_are_the_second_level_headings() {
        let html = render_markdown("## First\n\nText.\n\n### Below\n\n## *Second* & `third` <2>", &no_replacement);
        let found: Vec<(String, String)> =
            sections(&html).into_iter().map(|section| (section.id, section.title)).collect();
        let expected = [("first", "First"), ("second-third-2", "Second & third <2>")];
        assert_eq!(found, expected.map(|(id, title)| (id.to_owned(), title.to_owned())), "{html}");
    }

    #[test]
    fn tables_and_footnotes_are_rendered() {
        let html =
            render_markdown("| a | b |\n|---|--:|\n| 1 | 2 |\n\nNote[^1].\n\n[^1]: The source.", &no_replacement);
        assert!(
            html.contains("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table 1\"><table>"),
            "{html}"
        );
        assert!(html.contains("<td class=\"right\">2</td>"), "{html}");
        assert!(html.contains("href=\"#1\"") && html.contains("id=\"1\""), "{html}");
    }

    #[test]
    fn scripts_and_styles_are_removed() {
        for bad in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "[x](javascript:alert(1))",
            "<a href=\"data:text/html,x\">x</a>",
            "<p style=\"position:fixed\" onclick=\"x()\">x</p>",
            "<iframe src=\"https://example.com\"></iframe>",
            "<form action=\"/admin\"><input name=x></form>",
        ] {
            let html = render_markdown(bad, &no_replacement);
            for word in ["script", "onerror", "javascript:", "data:", "style", "onclick", "iframe", "<form", "<input"] {
                assert!(!html.contains(word), "{bad} → {html}");
            }
        }
    }

    fn resolve(what: &str) -> Option<Replacement> {
        match what {
            "words" => Some(Replacement::Text("5 < *6* |".into())),
            "block" => Some(Replacement::Html("<dl class=\"score\"><div><dt>CRS</dt><dd>476</dd></div></dl>".into())),
            _ => None,
        }
    }

    #[test]
    fn replacements_are_not_parsed_as_markdown() {
        for (typed, html) in [
            ("a {{words}} b", "<p>a 5 &lt; *6* | b</p>\n"),
            ("**{{words}}**", "<p><strong>5 &lt; *6* |</strong></p>\n"),
            ("`{{words}}`", "<p><code>{{words}}</code></p>\n"),
            ("{{unknown}}", "<p>{{unknown}}</p>\n"),
            ("<b>{{words}}</b>", "<p><b>5 &lt; *6* |</b></p>\n"),
            ("<div>{{words}}</div>", "<div>5 &lt; *6* |</div>"),
            ("a {{block}}", "<p>a {{block}}</p>\n"),
        ] {
            assert_eq!(render_markdown(typed, &resolve), html, "{typed}");
        }
        assert!(render_markdown("| a |\n|---|\n| {{words}} |", &resolve).contains("<td>5 &lt; *6* |</td>"));
        assert!(render_markdown("    {{words}}", &resolve).contains("<code>{{words}}"));
        assert!(render_markdown("## {{words}}", &resolve).contains("<h2 id=\"5-6\">5 &lt; *6* |"));
    }

    #[test]
    fn an_html_replacement_replaces_its_paragraph() {
        let html = render_markdown("Before.\n\n{{ block }}\n\nAfter.", &resolve);
        assert_eq!(
            html,
            "<p>Before.</p>\n<dl class=\"score\"><div><dt>CRS</dt><dd>476</dd></div></dl>\n<p>After.</p>\n"
        );
    }

    #[test]
    fn equal_headings_get_numbered_ids() {
        let html = render_markdown("# A 2\n\n# A\n\n# A\n\n# A\n\n# A 2", &no_replacement);
        let ids: Vec<&str> = html.split("id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert_eq!(ids, ["a-2", "a", "a-3", "a-4", "a-2-2"]);
        let many = render_markdown(&"# A\n".repeat(5_000), &no_replacement);
        assert!(many.contains("id=\"a-5000\""));
    }

    #[test]
    fn placeholders_are_found_outside_code() {
        let found = find_placeholders("{{a}}\n\nx {{b}} `{{no}}`\n\n    {{no}}\n\n- {{c}}\n- **{{d}}** {{e\n");
        let found: Vec<(usize, &str, bool, bool)> =
            found.iter().map(|place| (place.line, place.key.as_str(), place.is_paragraph, place.is_closed)).collect();
        assert_eq!(
            found,
            [
                (1, "a", true, true),
                (3, "b", false, true),
                (7, "c", false, true),
                (8, "d", false, true),
                (8, "e", false, false)
            ]
        );
    }
}
