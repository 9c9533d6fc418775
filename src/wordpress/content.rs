//! Text of a WordPress post as Markdown: block markup, shortcodes, pictures and embedded content.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::web::{html_to_markdown, plain_text};
use crate::wordpress::paragraphs::add_paragraphs;

static IMAGE: LazyLock<Regex> = LazyLock::new(|| regex(r"(?is)<img\b[^>]*>"));
static ATTRIBUTE: LazyLock<Regex> =
    LazyLock::new(|| regex(r#"(?is)([a-z][a-z0-9_:-]*)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))"#));
static CAPTION: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(?is)\[caption\b[^\]]*\]\s*((?:<a\b[^>]*>\s*)?<img\b[^>]*>(?:\s*</a>)?)(.*?)\[/caption\]")
});
static EMBED: LazyLock<Regex> = LazyLock::new(|| regex(r"(?is)\[embed\b[^\]]*\](.*?)\[/embed\]"));
static SHORTCODE: LazyLock<Regex> =
    LazyLock::new(|| regex(r"\[(\[?)(/?)([A-Za-z][A-Za-z0-9_-]*)((?:\s[^\[\]<>]*)?)/?\]"));
static SHORTCODE_END: LazyLock<Regex> = LazyLock::new(|| regex(r"\[/([A-Za-z][A-Za-z0-9_-]*)\]"));
/// Block without content, which WordPress renders: `<!-- wp:latest-posts {"postsToShow":3} /-->`.
static DYNAMIC_BLOCK: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?s)<!--\s*wp:([a-z0-9/-]+)(?:\s+\{[^>]*?\})?\s*/-->"));
static EMBEDDED: LazyLock<Regex> = LazyLock::new(|| regex(r"(?is)<(iframe|video|audio|embed|object)\b[^>]*>"));
/// Elements that the conversion drops with their content, because they are not part of the text of a web page.
static DROPPED: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i)<(/?)(?:aside|nav|footer|button|textarea|select)\b[^>]*>"));
static SIZE_SUFFIX: LazyLock<Regex> = LazyLock::new(|| regex(r"(?:-\d+x\d+|-scaled|-rotated)(\.[A-Za-z]+)$"));
static FIGURE_TAG: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)</?figure\b[^>]*>"));
static IMAGE_CLASS: LazyLock<Regex> = LazyLock::new(|| regex(r"\bwp-image-(\d+)\b"));

static TAG: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)</?[a-z][^<>]*>"));

/// Compiles a pattern of this file; the tests use every pattern.
fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).unwrap_or_else(|error| panic!("{error}"))
}

/// Start of the text that names a missing picture.
const MISSING_PICTURE: &str = "[picture ";

/// Picture in a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PictureReference {
    pub address: String,
    /// ID of its attachment.
    pub attachment_id: Option<i64>,
    pub alt: String,
}

impl PictureReference {
    /// Address of the original file, without the suffix of a smaller size.
    pub fn original_address(&self) -> String {
        let path = self.address.split(['?', '#']).next().unwrap_or_default();
        SIZE_SUFFIX.replace(path, "$1").into_owned()
    }

    /// File name for the report.
    pub fn file_name(&self) -> &str {
        self.address.split(['?', '#']).next().unwrap_or_default().rsplit('/').next().unwrap_or_default()
    }
}

/// Address and alternative text of an imported picture.
pub type KnownPicture = (String, String);

/// Result of a conversion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConvertedText {
    pub markdown: String,
    /// Names of shortcodes and blocks that stay as text, with their numbers.
    pub shortcodes: BTreeMap<String, usize>,
    /// Embedded content, such as videos, that became links.
    pub embedded: usize,
    /// File names of pictures that were not found.
    pub missing: Vec<String>,
}

/// Pictures of a text, in their order.
pub fn pictures(html: &str) -> Vec<PictureReference> {
    IMAGE.find_iter(html).map(|tag| picture_reference(tag.as_str())).filter(|found| !found.address.is_empty()).collect()
}

/// Converts the text of a post. `site` is the address of the old site: links to it become paths.
///
/// `find` returns the imported picture. A picture that is not found stays as its name in square brackets.
pub fn to_markdown(html: &str, site: &str, find: &dyn Fn(&PictureReference) -> Option<KnownPicture>) -> ConvertedText {
    let mut converted = ConvertedText::default();
    let mut html = html.replace("\r\n", "\n").replace('\0', "");
    html = CAPTION.replace_all(&html, "<figure>$1<figcaption>$2</figcaption></figure>").into_owned();
    html = EMBED.replace_all(&html, "\n\n$1\n\n").into_owned();
    html = DYNAMIC_BLOCK
        .replace_all(&html, |block: &Captures<'_>| {
            let name = &block[1];
            *converted.shortcodes.entry(format!("block {name}")).or_default() += 1;
            format!("<p>[block {name}]</p>")
        })
        .into_owned();
    count_shortcodes(&html, &mut converted.shortcodes);
    html = EMBEDDED
        .replace_all(&html, |tag: &Captures<'_>| {
            converted.embedded += 1;
            let address = attribute(&tag[0], "src").or_else(|| attribute(&tag[0], "data")).unwrap_or_default();
            let address = if address.starts_with("//") { format!("https:{address}") } else { address };
            let name = tag[1].to_ascii_lowercase();
            let marker = match address.is_empty() {
                true => format!("<p>[{name}]</p>"),
                false => format!("<p><a href=\"{address}\">Embedded content: {address}</a></p>"),
            };
            format!("{marker}{}", &tag[0])
        })
        .into_owned();
    html = DROPPED.replace_all(&html, "<${1}div>").into_owned();
    html = IMAGE
        .replace_all(&html, |tag: &Captures<'_>| {
            let picture = picture_reference(&tag[0]);
            match find(&picture) {
                Some((address, alt)) => format!("<img src=\"{address}\" alt=\"{}\">", escape(&alt)),
                None if picture.address.is_empty() => String::new(),
                None => {
                    let name = picture.file_name().to_owned();
                    let alt =
                        if picture.alt.is_empty() { String::new() } else { format!(" – {}", escape(&picture.alt)) };
                    let marker = format!("{MISSING_PICTURE}{}{alt}]", escape(&name));
                    converted.missing.push(name);
                    marker
                }
            }
        })
        .into_owned();
    html = open_figures(&html);
    html = local_links(html, site);
    if !html.contains("<!-- wp:") {
        html = add_paragraphs(&html);
    }
    converted.markdown = html_to_markdown(&html).trim().to_owned();
    converted
}

/// One line of at most `max` characters, without tags.
pub fn plain_line(text: &str, max: usize) -> String {
    cut(&unescape(&TAG.replace_all(text, "")), max)
}

/// Markdown as one line of plain text of at most `max` characters.
pub fn short_text(markdown: &str, max: usize) -> String {
    cut(&plain_text(markdown), max)
}

/// One line, cut between words.
fn cut(text: &str, max: usize) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= max {
        return text;
    }
    let start: String = text.chars().take(max - 1).collect();
    let cut = start.rfind(' ').unwrap_or(start.len());
    format!("{}…", start[..cut].trim_end_matches([',', ';', ':', '.', ' ']))
}

/// Summary for a post without an excerpt: its first paragraph that is text.
pub fn first_paragraph(markdown: &str) -> &str {
    let is_text = |paragraph: &&str| {
        !paragraph.trim().is_empty() && !paragraph.trim_start().starts_with(['#', '!', '|', '>', '[', '\\', '`'])
    };
    markdown.split("\n\n").find(is_text).unwrap_or_default()
}

/// Counts shortcodes that WordPress would replace. A word in square brackets alone, such as `[sic]`, is text.
fn count_shortcodes(html: &str, counts: &mut BTreeMap<String, usize>) {
    let ends: HashSet<&str> = SHORTCODE_END.captures_iter(html).filter_map(|end| Some(end.get(1)?.as_str())).collect();
    for shortcode in SHORTCODE.captures_iter(html) {
        let (is_escaped, is_end, name, attributes) =
            (!shortcode[1].is_empty(), !shortcode[2].is_empty(), &shortcode[3], &shortcode[4]);
        let is_shortcode = attributes.contains('=')
            || name.contains(['-', '_'])
            || shortcode[0].ends_with("/]")
            || matches!(name, "gallery" | "playlist" | "audio" | "video")
            || ends.contains(name);
        if is_shortcode && !is_escaped && !is_end {
            *counts.entry(name.to_owned()).or_default() += 1;
        }
    }
}

fn picture_reference(tag: &str) -> PictureReference {
    let class = attribute(tag, "class").unwrap_or_default();
    // Scripts that load pictures late keep the address in another attribute.
    let late = ["data-src", "data-lazy-src", "data-original"].into_iter().find_map(|name| attribute(tag, name));
    let address = late.or_else(|| attribute(tag, "src")).unwrap_or_default().trim().to_owned();
    PictureReference {
        address: if address.starts_with("data:") { String::new() } else { address },
        attachment_id: IMAGE_CLASS.captures(&class).and_then(|found| found[1].parse().ok()),
        alt: attribute(tag, "alt").map(|alt| plain_line(&alt, 300)).unwrap_or_default(),
    }
}

/// Value of an attribute, with the entities of HTML that WordPress writes.
fn attribute(tag: &str, wanted: &str) -> Option<String> {
    let found = ATTRIBUTE.captures_iter(tag).find(|found| found[1].eq_ignore_ascii_case(wanted))?;
    let value = found.get(2).or(found.get(3)).or(found.get(4))?.as_str();
    Some(unescape(value))
}

fn unescape(text: &str) -> String {
    let text = text.replace("&quot;", "\"").replace("&#039;", "'").replace("&#8217;", "’").replace("&nbsp;", " ");
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&#038;", "&").replace("&amp;", "&")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Turns the figures around missing pictures into ordinary blocks, because a figure without a picture has no text.
fn open_figures(html: &str) -> String {
    let missing: Vec<usize> = html.match_indices(MISSING_PICTURE).map(|(place, _)| place).collect();
    let is_missing_in = |range: Range<usize>| {
        let next = missing.partition_point(|place| *place < range.start);
        missing.get(next).is_some_and(|place| *place < range.end)
    };
    let (mut open, mut replaced) = (vec![], vec![]);
    for tag in FIGURE_TAG.find_iter(html) {
        if !tag.as_str().starts_with("</") {
            open.push(tag.range());
        } else if let Some(start) = open.pop()
            && is_missing_in(start.end..tag.start())
        {
            replaced.push((start, "<div>"));
            replaced.push((tag.range(), "</div>"));
        }
    }
    replaced.sort_by_key(|(range, _)| range.start);
    let (mut result, mut written) = (String::with_capacity(html.len()), 0);
    for (range, block) in replaced {
        result.push_str(&html[written..range.start]);
        result.push_str(block);
        written = range.end;
    }
    result.push_str(&html[written..]);
    result
}

/// Turns links to the old site into paths, which redirect to the new addresses.
fn local_links(mut html: String, site: &str) -> String {
    let host = site.split_once("://").map_or(site, |(_, rest)| rest).split('/').next().unwrap_or_default();
    let host = host.trim_start_matches("www.");
    if host.is_empty() {
        return html;
    }
    for scheme in ["https://", "http://"] {
        for prefix in ["", "www."] {
            for quote in ['"', '\''] {
                html = html.replace(&format!("href={quote}{scheme}{prefix}{host}/"), &format!("href={quote}/"));
            }
        }
    }
    html
}

#[cfg(test)]
mod tests;
