//! What staff write, as clean HTML: CommonMark with tables and footnotes, an address for every heading,
//! and nothing in it that could run or lead astray.

use std::collections::{HashMap, HashSet};

use ammonia::Builder;
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// Addresses that the pages around a text use themselves.
const TAKEN: [&str; 12] = [
    "content",
    "title",
    "summary",
    "body",
    "correction",
    "author",
    "topics",
    "slug",
    "deeds",
    "preview-title",
    "summary-title",
    "conflict-title",
];

/// Renders Markdown. Headings of the first level become second-level ones: the page's title is the first.
pub fn render_markdown(markdown: &str) -> String {
    let events = with_heading_addresses(Parser::new_ext(markdown, options() | Options::ENABLE_FOOTNOTES).collect());
    clean(with_scrolling_tables(events))
}

/// Renders a note that stands on the same page as a text: without addresses of its own, which could clash.
pub fn render_note(markdown: &str) -> String {
    clean(with_scrolling_tables(Parser::new_ext(markdown, options()).collect()))
}

fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_SMART_PUNCTUATION
}

fn clean(events: Vec<Event<'_>>) -> String {
    let mut raw = String::new();
    html::push_html(&mut raw, events.into_iter());
    // Columns are aligned by a class: the site's policy forbids styles in the text.
    for side in ["center", "right"] {
        raw = raw.replace(&format!(" style=\"text-align: {side}\""), &format!(" class=\"{side}\""));
    }
    // A feed is XML, which forbids some characters even when written as numbers.
    raw.retain(|c| matches!(c, '\n' | '\t') || !(c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}')));
    cleaner().clean(&raw).to_string()
}

fn with_heading_addresses(events: Vec<Event<'_>>) -> Vec<Event<'_>> {
    let mut taken: HashSet<String> = TAKEN.map(String::from).into();
    let mut addresses = HashMap::new();
    let mut open: Option<(usize, String)> = None;
    for (index, event) in events.iter().enumerate() {
        match event {
            Event::Start(Tag::Heading { .. }) => open = Some((index, String::new())),
            Event::Text(text) | Event::Code(text) => {
                if let Some((_, words)) = &mut open {
                    words.push_str(text);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                if let Some((start, words)) = open.take() {
                    addresses.insert(start, free_address(&words, &mut taken));
                }
            }
            _ => {}
        }
    }
    let below_title = |level| {
        if level == HeadingLevel::H1 { HeadingLevel::H2 } else { level }
    };
    let mut current = String::new();
    let mut out = Vec::with_capacity(events.len());
    for (index, event) in events.into_iter().enumerate() {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                current = addresses.remove(&index).unwrap_or_default();
                let id = Some(CowStr::from(current.clone()));
                out.push(Event::Start(Tag::Heading { level: below_title(level), id, classes: vec![], attrs: vec![] }));
            }
            Event::End(TagEnd::Heading(level)) => {
                let link =
                    format!(" <a class=\"anchor\" href=\"#{current}\" aria-label=\"Link to this section\">#</a>");
                out.push(Event::InlineHtml(link.into()));
                out.push(Event::End(TagEnd::Heading(below_title(level))));
            }
            other => out.push(other),
        }
    }
    out
}

fn free_address(words: &str, taken: &mut HashSet<String>) -> String {
    let base = crate::web::slug(words);
    let mut address = base.clone();
    let mut count = 1;
    while !taken.insert(address.clone()) {
        count += 1;
        address = format!("{base}-{count}");
    }
    address
}

/// A wide table scrolls inside itself, and can be reached and scrolled by keyboard.
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

fn cleaner() -> Builder<'static> {
    let mut cleaner = Builder::default();
    cleaner
        .add_tag_attributes("h2", ["id"])
        .add_tag_attributes("h3", ["id"])
        .add_tag_attributes("h4", ["id"])
        .add_tag_attributes("h5", ["id"])
        .add_tag_attributes("h6", ["id"])
        .add_tag_attributes("a", ["aria-label"])
        .add_tag_attributes("div", ["id", "tabindex", "role", "aria-label"])
        .add_allowed_classes("td", ["center", "right"])
        .add_allowed_classes("th", ["center", "right"])
        .add_allowed_classes("a", ["anchor"])
        .add_allowed_classes("div", ["scroll", "footnote-definition"])
        .add_allowed_classes("sup", ["footnote-reference", "footnote-definition-label"])
        // A page fetches nothing from elsewhere, and there is no picture of our own to show yet.
        .rm_tags(["img"])
        .link_rel(Some("noopener"))
        .url_schemes(["http", "https", "mailto", "tel"].into());
    cleaner
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_get_addresses_that_do_not_clash() {
        let html = render_markdown("# The round\n\n## The *round*\n\n## Été 2023");
        assert!(html.contains("<h2 id=\"the-round\">The round"), "{html}");
        assert!(html.contains("<h2 id=\"the-round-2\">"), "{html}");
        assert!(html.contains("<h2 id=\"ete-2023\">"), "{html}");
        assert!(html.contains("href=\"#the-round\""), "{html}");
    }

    #[test]
    fn tables_and_footnotes_are_rendered() {
        let html = render_markdown("| a | b |\n|---|--:|\n| 1 | 2 |\n\nNote[^1].\n\n[^1]: The source.");
        assert!(
            html.contains("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table 1\"><table>"),
            "{html}"
        );
        assert!(html.contains("<td class=\"right\">2</td>"), "{html}");
        assert!(html.contains("href=\"#1\"") && html.contains("id=\"1\""), "{html}");
    }

    #[test]
    fn nothing_that_runs_or_hides_survives() {
        for bad in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "[x](javascript:alert(1))",
            "<a href=\"data:text/html,x\">x</a>",
            "<p style=\"position:fixed\" onclick=\"x()\">x</p>",
            "<iframe src=\"https://example.com\"></iframe>",
            "<form action=\"/admin\"><input name=x></form>",
        ] {
            let html = render_markdown(bad);
            for word in ["script", "onerror", "javascript:", "data:", "style", "onclick", "iframe", "<form", "<input"] {
                assert!(!html.contains(word), "{bad} → {html}");
            }
        }
    }
}
