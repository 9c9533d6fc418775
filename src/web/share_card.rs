//! Share cards: what the picture shows that social networks and messengers add to a shared link.
//!
//! Features describe the cards of their pages; `seo` draws, stores and serves them.

use askama::Template;
use askama::filters::HtmlSafe;
use serde::Serialize;

use crate::http::sha256_hex;

/// Content of a share card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShareCard {
    /// Identifies the page, such as `draw-252`.
    pub key: String,
    /// Line above the title: the kind of page.
    pub label: String,
    pub title: String,
    /// At most three.
    pub figures: Vec<CardFigure>,
}

/// Figure with the words below it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CardFigure {
    pub value: String,
    pub label: String,
}

impl ShareCard {
    /// Width and height in pixels, as social networks recommend.
    pub const WIDTH: u32 = 1200;
    pub const HEIGHT: u32 = 630;
    /// Raise it when the drawing changes, so that all cards are drawn again.
    const DRAWING_VERSION: u32 = 1;
    /// Lists and tools that have a card of their own: path, label, title. The path without slashes is the key.
    const TOOLS: [(&'static str, &'static str, &'static str); 6] = [
        ("/categories", "Express Entry", "Express Entry categories and their occupations"),
        ("/corrections", "Express Entry", "Corrections of our figures and posts"),
        ("/draws", "Express Entry", "All Express Entry draws with their cut-offs"),
        ("/occupations", "Express Entry", "Check your occupation: categories and draws"),
        ("/tools/crs", "Free tool", "Calculate your CRS score"),
        ("/tools/past-draws", "Free tool", "Check your score against past draws"),
    ];

    /// Card of a page without a card of its own.
    pub fn of_site(tagline: &str) -> Self {
        let title = if tagline.is_empty() { "Canadian Express Entry news" } else { tagline };
        Self { key: "site".into(), label: "Express Entry".into(), title: title.into(), figures: vec![] }
    }

    /// Cards of lists and tools.
    pub fn of_tools() -> Vec<Self> {
        Self::TOOLS.into_iter().map(Self::of_tool).collect()
    }

    /// Card of the list or tool at this path.
    pub fn for_path(path: &str) -> Option<Self> {
        Self::TOOLS.into_iter().find(|(tool, ..)| *tool == path).map(Self::of_tool)
    }

    fn of_tool((path, label, title): (&str, &str, &str)) -> Self {
        let key = format!("page{}", path.replace('/', "-"));
        Self { key, label: label.into(), title: title.into(), figures: vec![] }
    }

    pub fn figure(mut self, value: impl Into<String>, label: &str) -> Self {
        self.figures.push(CardFigure { value: value.into(), label: label.into() });
        self
    }

    /// Hash of everything that the picture shows.
    pub fn hash(&self, firm: &str) -> String {
        let content = serde_json::json!([Self::DRAWING_VERSION, firm, self]);
        sha256_hex(content.to_string())[..12].to_owned()
    }

    /// Path of the picture. Contains the hash, so that networks fetch a changed card again.
    pub fn path(&self, firm: &str) -> String {
        format!("/cards/{}-{}.png", self.key, self.hash(firm))
    }
}

/// Meta elements of the picture of a page.
#[derive(Template)]
#[template(path = "shared/card_image.html")]
pub struct CardImage {
    pub url: String,
    pub width: u32,
    pub height: u32,
    pub alt: String,
}

/// Templates print it without escaping.
impl HtmlSafe for CardImage {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_of_a_card_changes_its_path() {
        let card = ShareCard::of_site("News").figure("476", "cut-off");
        let others = [
            ShareCard::of_site("Data").figure("476", "cut-off"),
            ShareCard::of_site("News").figure("475", "cut-off"),
            ShareCard::of_site("News"),
        ];
        assert!(others.iter().all(|other| other.path("Firm") != card.path("Firm")));
        assert_ne!(card.path("Firm"), card.path("Other firm"));
        assert_eq!(card.path("Firm"), card.clone().path("Firm"));
    }
}
