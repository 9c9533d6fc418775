//! Text of a WordPress post as Markdown: block markup, shortcodes, pictures and embedded content.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::web::{article_to_markdown, plain_text};
use crate::wordpress::converted_text::{ConvertedText, KnownPicture, PictureReference};
use crate::wordpress::html_tags::{attribute, escape, regex, unescape};
use crate::wordpress::links::{change_links, linked_pictures};
use crate::wordpress::paragraphs::add_paragraphs;
use crate::wordpress::shortcodes::{count_shortcodes, expand_shortcodes};

static IMAGE: LazyLock<Regex> = LazyLock::new(|| regex(r"(?is)<img\b[^>]*>"));
/// Block without content, which WordPress renders: `<!-- wp:latest-posts {"postsToShow":3} /-->`.
static DYNAMIC_BLOCK: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?s)<!--\s*wp:([a-z0-9/-]+)(?:\s+\{[^>]*?\})?\s*/-->"));
/// Marks of the end of the beginning and of the pages of a text.
static MORE_MARK: LazyLock<Regex> = LazyLock::new(|| regex(r"(?s)<!--\s*(?:more\b.*?|nextpage|noteaser)\s*-->"));
/// Cover block whose picture is a background: `<div role="img" style="background-image:url(…)"></div>`.
static BACKGROUND: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r#"(?is)<div\b[^>]*\bwp-block-cover__image-background\b[^>]*\bbackground-image:\s*url\(['"]?([^)'"]+)['"]?\)[^>]*>"#,
    )
});
/// Picture with a link to its own file, which WordPress adds to show it larger.
static LINK_TO_OWN_FILE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r#"(?is)<a\b[^>]*\bhref\s*=\s*["'][^"']+\.(?:jpe?g|png|webp|gif|avif)(?:\?[^"']*)?["'][^>]*>\s*(<img\b[^>]*>)\s*</a>"#,
    )
});
/// Second link of a file block.
static FILE_BUTTON: LazyLock<Regex> = LazyLock::new(|| regex(r"(?is)<a\b[^>]*\bwp-block-file__button\b[^>]*>.*?</a>"));
static EMBEDDED: LazyLock<Regex> = LazyLock::new(|| regex(r"(?is)<(iframe|video|audio|embed|object)\b[^>]*>"));
/// Elements that the conversion drops with their content, because they are not part of the text of a web page.
static DROPPED: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i)<(/?)(?:aside|nav|footer|button|textarea|select)\b[^>]*>"));
static FIGURE_TAG: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)</?figure\b[^>]*>"));
static IMAGE_CLASS: LazyLock<Regex> = LazyLock::new(|| regex(r"\bwp-image-(\d+)\b"));
static TAG: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)</?[a-z][^<>]*>"));

/// Start of the text that names a missing picture.
const MISSING_PICTURE: &str = "[picture ";

/// Replaces the backgrounds of cover blocks by pictures.
pub fn show_backgrounds(html: &str) -> String {
    let replaced = BACKGROUND.replace_all(html, |cover: &Captures<'_>| {
        let (tag, address) = (&cover[0], &cover[1]);
        let class = attribute(tag, "class").unwrap_or_default();
        let alt = attribute(tag, "aria-label").unwrap_or_default();
        format!(
            "<img class=\"{}\" src=\"{}\" alt=\"{}\">{tag}",
            escape(&class),
            escape(&unescape(address)),
            escape(&alt)
        )
    });
    replaced.into_owned()
}

/// Pictures of a text, in their order, then those to which it links.
pub fn pictures(html: &str, site: &str) -> Vec<PictureReference> {
    let shown = IMAGE.find_iter(html).map(|tag| picture_reference(tag.as_str()));
    shown.chain(linked_pictures(html, site)).filter(|found| !found.address.is_empty()).collect()
}

/// Converts the text of a post. `site` is the address of the old site: links to it become paths.
///
/// `find` returns the imported picture. A picture that is not found stays as its name in square brackets.
pub fn to_markdown(html: &str, site: &str, find: &dyn Fn(&PictureReference) -> Option<KnownPicture>) -> ConvertedText {
    let mut converted = ConvertedText::default();
    let mut html = html.replace("\r\n", "\n").replace('\0', "");
    html = MORE_MARK.replace_all(&html, "").into_owned();
    html = FILE_BUTTON.replace_all(&html, "").into_owned();
    html = LINK_TO_OWN_FILE.replace_all(&html, "$1").into_owned();
    html = expand_shortcodes(&html, &mut converted.layout);
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
    html = change_links(&html, site, find, &mut converted);
    if !html.contains("<!-- wp:") {
        html = add_paragraphs(&html);
    }
    converted.markdown = article_to_markdown(&html).trim().to_owned();
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

#[cfg(test)]
mod tests;
