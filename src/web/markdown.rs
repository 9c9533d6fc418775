//! What staff write, as clean HTML: CommonMark with tables and footnotes, an address for every heading,
//! and nothing in it that could run or lead astray.

mod shallow;

use std::collections::{HashMap, HashSet};

use ammonia::Builder;
use pulldown_cmark::{
    CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, TextMergeStream, TextMergeWithOffset, html,
};

use crate::web::markdown::shallow::shallow;
use crate::web::placeholder::{Fill, Filling, Part, Placeholder, fill_line, found_in, inside, parts};

/// Addresses that the pages around a text use themselves.
const TAKEN: [&str; 13] = [
    "site-search",
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
pub fn render_markdown(markdown: &str, fill: &Fill) -> String {
    let events = Parser::new_ext(markdown, text_options());
    clean(with_scrolling_tables(with_heading_addresses(shallow(filled(TextMergeStream::new(events), fill)))))
}

/// Renders a note that stands on the same page as a text: without addresses of its own, which could clash.
pub fn render_note(markdown: &str, fill: &Fill) -> String {
    let events = Parser::new_ext(markdown, options());
    clean(with_scrolling_tables(shallow(filled(TextMergeStream::new(events), fill))))
}

/// The words of a Markdown text alone, with its places as they were typed.
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

fn is_inline(end: TagEnd) -> bool {
    matches!(end, TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link)
}

/// For texts whose places nobody fills.
pub fn no_fill(_: &str) -> Option<Filling> {
    None
}

/// The places in a Markdown text that [`render_markdown`] would ask to fill. Code is printed as typed, and has none.
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
fn filled<'a>(events: impl Iterator<Item = Event<'a>>, fill: &Fill) -> Vec<Event<'a>> {
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

fn text_options() -> Options {
    options() | Options::ENABLE_FOOTNOTES
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
    let mut taken = Taken::default();
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

/// Addresses that are given away, and of those that several headings wanted, how many were tried.
struct Taken {
    addresses: HashSet<String>,
    tried: HashMap<String, usize>,
}

impl Default for Taken {
    fn default() -> Self {
        Self { addresses: TAKEN.map(String::from).into(), tried: HashMap::new() }
    }
}

fn free_address(words: &str, taken: &mut Taken) -> String {
    let base = crate::web::slug(words);
    let mut address = base.clone();
    // Of thousands of the same name, each would else ask for all before it.
    let count = taken.tried.entry(base.clone()).or_insert(1);
    while !taken.addresses.insert(address.clone()) {
        *count += 1;
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
        .add_allowed_classes("dl", ["score"])
        .add_allowed_classes("dd", ["words"])
        .add_allowed_classes("ol", ["occupations"])
        .add_allowed_classes("p", ["small"])
        .add_allowed_classes("span", ["code"])
        .add_tag_attributes("time", ["datetime"])
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
        let html = render_markdown("# The round\n\n## The *round*\n\n## Été 2023", &no_fill);
        assert!(html.contains("<h2 id=\"the-round\">The round"), "{html}");
        assert!(html.contains("<h2 id=\"the-round-2\">"), "{html}");
        assert!(html.contains("<h2 id=\"ete-2023\">"), "{html}");
        assert!(html.contains("href=\"#the-round\""), "{html}");
    }

    #[test]
    fn tables_and_footnotes_are_rendered() {
        let html = render_markdown("| a | b |\n|---|--:|\n| 1 | 2 |\n\nNote[^1].\n\n[^1]: The source.", &no_fill);
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
            let html = render_markdown(bad, &no_fill);
            for word in ["script", "onerror", "javascript:", "data:", "style", "onclick", "iframe", "<form", "<input"] {
                assert!(!html.contains(word), "{bad} → {html}");
            }
        }
    }

    fn fill(what: &str) -> Option<Filling> {
        match what {
            "words" => Some(Filling::Words("5 < *6* |".into())),
            "block" => Some(Filling::Block("<dl class=\"score\"><div><dt>CRS</dt><dd>476</dd></div></dl>".into())),
            _ => None,
        }
    }

    #[test]
    fn places_are_filled_with_words_that_are_not_markdown() {
        for (typed, html) in [
            ("a {{words}} b", "<p>a 5 &lt; *6* | b</p>\n"),
            ("**{{words}}**", "<p><strong>5 &lt; *6* |</strong></p>\n"),
            ("`{{words}}`", "<p><code>{{words}}</code></p>\n"),
            ("{{unknown}}", "<p>{{unknown}}</p>\n"),
            ("<b>{{words}}</b>", "<p><b>5 &lt; *6* |</b></p>\n"),
            ("<div>{{words}}</div>", "<div>5 &lt; *6* |</div>"),
            ("a {{block}}", "<p>a {{block}}</p>\n"),
        ] {
            assert_eq!(render_markdown(typed, &fill), html, "{typed}");
        }
        assert!(render_markdown("| a |\n|---|\n| {{words}} |", &fill).contains("<td>5 &lt; *6* |</td>"));
        assert!(render_markdown("    {{words}}", &fill).contains("<code>{{words}}"));
        assert!(render_markdown("## {{words}}", &fill).contains("<h2 id=\"5-6\">5 &lt; *6* |"));
    }

    #[test]
    fn a_block_takes_the_place_of_its_paragraph() {
        let html = render_markdown("Before.\n\n{{ block }}\n\nAfter.", &fill);
        assert_eq!(
            html,
            "<p>Before.</p>\n<dl class=\"score\"><div><dt>CRS</dt><dd>476</dd></div></dl>\n<p>After.</p>\n"
        );
    }

    #[test]
    fn headings_of_one_name_are_numbered_in_their_order() {
        let html = render_markdown("# A 2\n\n# A\n\n# A\n\n# A\n\n# A 2", &no_fill);
        let ids: Vec<&str> = html.split("id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert_eq!(ids, ["a-2", "a", "a-3", "a-4", "a-2-2"]);
        let many = render_markdown(&"# A\n".repeat(5_000), &no_fill);
        assert!(many.contains("id=\"a-5000\""));
    }

    #[test]
    fn places_are_found_with_their_lines_and_not_in_code() {
        let found = placeholders("{{a}}\n\nx {{b}} `{{no}}`\n\n    {{no}}\n\n- {{c}}\n- **{{d}}** {{e\n");
        let found: Vec<(usize, &str, bool, bool)> =
            found.iter().map(|place| (place.line, place.what.as_str(), place.alone, place.closed)).collect();
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
