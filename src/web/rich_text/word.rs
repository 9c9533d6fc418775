//! Conventions of Word: lists as paragraphs, headings as classes, and typed bullets.

use std::sync::LazyLock;

use regex::Regex;
use scraper::node::Element;

use crate::web::rich_text::css::Css;

/// Highest level of a list in Word.
const MAX_LEVEL: usize = 9;

/// `mso-list:l0 level2 lfo1`: name of the list and level.
static MSO_LIST: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^(l\d+) level(\d+)(?: (lfo\d+))?").ok());

/// Characters that word processors and people use as bullets. U+F0B7 and U+F0A7 are from a symbol font of Word.
const BULLETS: [char; 15] = ['•', '·', '◦', '▪', '▫', '■', '□', '●', '○', '‣', '⁃', '∙', '➢', '\u{f0b7}', '\u{f0a7}'];

/// Place of a paragraph in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListPlace {
    pub list: String,
    pub level: usize,
}

/// List and level of a paragraph of Word.
pub fn list_place(element: &Element) -> Option<ListPlace> {
    let css = Css::of(element);
    let found = MSO_LIST.as_ref()?.captures(css.get("mso-list"))?;
    let level: usize = found[2].parse().ok()?;
    Some(ListPlace {
        list: format!("{} {}", &found[1], found.get(3).map_or("", |list| list.as_str())),
        level: level.clamp(1, MAX_LEVEL),
    })
}

/// Level of a heading that is a paragraph with a class, a role or an outline level.
pub fn heading_level(element: &Element) -> Option<u8> {
    let css = Css::of(element);
    let outline = css.get("mso-outline-level");
    let is_heading = element.attr("role") == Some("heading");
    let level = if is_heading { element.attr("aria-level").unwrap_or("2") } else { outline };
    let of_class = element.classes().find_map(|class| match class {
        "MsoTitle" => Some(1),
        "MsoSubtitle" => Some(2),
        _ => class.strip_prefix("MsoHeading")?.parse().ok(),
    });
    of_class.or_else(|| level.parse().ok()).filter(|level| (1..=9).contains(level)).map(|level: u8| level.min(6))
}

/// Number of a list marker such as `3.`, `b)` or `iv.`. `None` for a bullet.
///
/// Markdown has numbers only, so letters and Roman numerals start with 1.
pub fn marker_number(marker: &str) -> Option<u32> {
    let marker = marker.trim_matches(|c: char| c.is_whitespace() || c == '(');
    let label = marker.trim_end_matches(['.', ')', ':']);
    let is_numbered = label.len() < marker.len() || label.bytes().all(|b| b.is_ascii_digit());
    if label.is_empty() || !is_numbered || !label.chars().all(|c| c.is_alphanumeric() || c == '.') {
        return None;
    }
    let last = label.rsplit('.').next().unwrap_or(label);
    Some(last.parse().unwrap_or(1).min(100_000))
}

/// The text after a bullet that was typed at the start of a paragraph.
pub fn without_bullet(text: &str) -> Option<&str> {
    let rest = text.strip_prefix(BULLETS)?;
    let text = rest.trim_start();
    (text.len() < rest.len() && !text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_of_numbered_lists_are_recognized() {
        for (marker, number) in [
            ("1.", Some(1)),
            ("12)", Some(12)),
            ("(3)", Some(3)),
            ("1.2.", Some(2)),
            ("a)", Some(1)),
            ("iv.", Some(1)),
            ("·\u{a0}\u{a0}", None),
            ("o", None),
            ("§", None),
            ("–", None),
            ("", None),
        ] {
            assert_eq!(marker_number(marker), number, "{marker}");
        }
    }
}
