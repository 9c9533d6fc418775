//! Styles of a Word file: headings, quotes, lists and formatting by style.

use std::collections::HashMap;

use roxmltree::Node;

use crate::web::rich_text::document::{Script, Style};
use crate::web::rich_text::docx::xml::LocalNames;

/// Longest chain of styles that are based on each other.
const MAX_BASES: usize = 12;

#[derive(Default)]
pub struct Styles {
    by_id: HashMap<String, NamedStyle>,
}

#[derive(Default)]
struct NamedStyle {
    /// In lower case. Word uses the English names of its own styles in all languages.
    name: String,
    based_on: Option<String>,
    outline_level: Option<u8>,
    numbering: Option<(String, Option<usize>)>,
    format: Format,
}

/// Formatting that a style or a run switches on or off. `None` leaves it as it is.
#[derive(Clone, Copy, Default)]
pub struct Format {
    is_bold: Option<bool>,
    is_italic: Option<bool>,
    is_struck: Option<bool>,
    script: Option<Script>,
    pub is_hidden: Option<bool>,
}

impl Format {
    /// Reads the run properties in `parent`.
    pub fn read(parent: Node) -> Self {
        let Some(properties) = parent.child("rPr") else { return Self::default() };
        let script = properties.child_value("vertAlign").map(|position| match position {
            "superscript" => Script::Super,
            "subscript" => Script::Sub,
            _ => Script::Normal,
        });
        Self {
            is_bold: properties.switch("b"),
            is_italic: properties.switch("i"),
            is_struck: properties.switch("strike").or(properties.switch("dstrike")),
            script,
            is_hidden: properties.switch("vanish"),
        }
    }

    pub fn apply(self, style: &mut Style) {
        style.is_bold = self.is_bold.unwrap_or(style.is_bold);
        style.is_italic = self.is_italic.unwrap_or(style.is_italic);
        style.is_struck = self.is_struck.unwrap_or(style.is_struck);
        style.script = self.script.unwrap_or(style.script);
    }
}

impl Styles {
    pub fn read(root: Node) -> Self {
        let styles = root.children().filter(|style| style.is_named("style"));
        let read = |style: Node| {
            let paragraph = style.child("pPr");
            let numbering = paragraph.and_then(|properties| properties.child("numPr"));
            let named = NamedStyle {
                name: style.child_value("name").unwrap_or_default().to_lowercase(),
                based_on: style.child_value("basedOn").map(ToOwned::to_owned),
                outline_level: paragraph.and_then(|properties| properties.child_value("outlineLvl")?.parse().ok()),
                numbering: numbering.and_then(|numbering| {
                    let level = numbering.child_value("ilvl").and_then(|level| level.parse().ok());
                    Some((numbering.child_value("numId")?.to_owned(), level))
                }),
                format: Format::read(style),
            };
            Some((style.attr("styleId")?.to_owned(), named))
        };
        Self { by_id: styles.filter_map(read).collect() }
    }

    /// The style and those on which it is based.
    fn chain<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a NamedStyle> {
        let base = |style: &&NamedStyle| style.based_on.as_ref().and_then(|id| self.by_id.get(id));
        std::iter::successors(self.by_id.get(id), move |style| base(style)).take(MAX_BASES)
    }

    /// Level of a heading, from 1.
    pub fn heading_level(&self, id: &str) -> Option<u8> {
        self.chain(id).find_map(|style| match &*style.name {
            "title" => Some(1),
            "subtitle" => Some(2),
            name => match name.strip_prefix("heading ").and_then(|level| level.parse::<u8>().ok()) {
                Some(level) => Some(level.clamp(1, 6)),
                None => style.outline_level.filter(|level| *level < 9).map(|level| (level + 1).min(6)),
            },
        })
    }

    pub fn is_quote(&self, id: &str) -> bool {
        self.chain(id).any(|style| matches!(&*style.name, "quote" | "intense quote" | "block text"))
    }

    /// List, and level from 0, of paragraphs with this style.
    pub fn numbering(&self, id: &str) -> Option<(String, Option<usize>)> {
        self.chain(id).find_map(|style| style.numbering.clone())
    }

    /// Applies the formatting of a character style. Headings and paragraphs keep theirs to themselves.
    pub fn apply(&self, id: &str, style: &mut Style) {
        let chain: Vec<&NamedStyle> = self.chain(id).collect();
        chain.into_iter().rev().for_each(|named| named.format.apply(style));
    }
}
