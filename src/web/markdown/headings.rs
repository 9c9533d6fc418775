//! IDs and anchor links for headings.

use std::collections::{HashMap, HashSet};

use scraper::Html;

use pulldown_cmark::{CowStr, Event, HeadingLevel, Tag, TagEnd};

/// IDs that the surrounding pages use.
const RESERVED_IDS: [&str; 18] = [
    "site-search",
    "content",
    "title",
    "summary",
    "body",
    "correction",
    "author",
    "topics",
    "slug",
    "post-actions",
    "post-contents",
    "post-figures",
    "post-link",
    "post-related",
    "post-share",
    "preview-title",
    "summary-title",
    "conflict-title",
];

/// Beginning of the anchor link of a heading.
const ANCHOR: &str = " <a class=\"anchor\" ";

/// Rendered Markdown without the anchor links of its headings, which make sense only on the page itself.
pub fn without_anchors(html: &str) -> String {
    let mut parts = html.split(ANCHOR);
    let first = parts.next().unwrap_or_default();
    let rest = parts.map(|part| part.split_once("</a>").map_or(part, |(_, rest)| rest));
    std::iter::once(first).chain(rest).collect()
}

/// Heading of a section of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    pub id: String,
    pub title: String,
}

/// Second-level headings of rendered Markdown, for a table of contents.
pub fn sections(html: &str) -> Vec<Section> {
    let starts = html.match_indices("<h2 id=\"").map(|(start, tag)| &html[start + tag.len()..]);
    let section = |rest: &str| {
        let (id, rest) = rest.split_once("\">")?;
        let (heading, _) = rest.split_once(ANCHOR)?;
        let title = Html::parse_fragment(heading).root_element().text().collect::<String>();
        Some(Section { id: id.to_owned(), title: title.trim().to_owned() })
    };
    starts.filter_map(section).collect()
}

/// Adds IDs and anchor links to headings. First-level headings become second-level ones.
pub fn with_heading_ids(events: Vec<Event<'_>>) -> Vec<Event<'_>> {
    let mut used = UsedIds::default();
    let mut ids = HashMap::new();
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
                    ids.insert(start, unique_id(&words, &mut used));
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
                current = ids.remove(&index).unwrap_or_default();
                let id = Some(CowStr::from(current.clone()));
                out.push(Event::Start(Tag::Heading { level: below_title(level), id, classes: vec![], attrs: vec![] }));
            }
            Event::End(TagEnd::Heading(level)) => {
                let link = format!("{ANCHOR}href=\"#{current}\" aria-label=\"Link to this section\">#</a>");
                out.push(Event::InlineHtml(link.into()));
                out.push(Event::End(TagEnd::Heading(below_title(level))));
            }
            other => out.push(other),
        }
    }
    out
}

/// IDs in use, and for each base the number of the last attempt.
struct UsedIds {
    ids: HashSet<String>,
    counters: HashMap<String, usize>,
}

impl Default for UsedIds {
    fn default() -> Self {
        Self { ids: RESERVED_IDS.map(String::from).into(), counters: HashMap::new() }
    }
}

fn unique_id(heading: &str, used: &mut UsedIds) -> String {
    let base = crate::web::slug(heading);
    let mut id = base.clone();
    // The counter keeps the time linear for thousands of equal headings.
    let count = used.counters.entry(base.clone()).or_insert(1);
    while !used.ids.insert(id.clone()) {
        *count += 1;
        id = format!("{base}-{count}");
    }
    id
}
