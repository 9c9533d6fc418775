//! Pages and their revisions.

use jiff::Timestamp;

use crate::posts::RevisionSummary;
use crate::web::DisplayTime;

/// A page in any state.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Page {
    pub id: i64,
    /// Path of the page without its slash.
    pub slug: String,
    pub title: String,
    /// Text of the link in the menu; empty for the title.
    pub menu_label: String,
    /// One or two sentences for the top of the page and for search engines.
    pub summary: String,
    /// Markdown.
    pub body: String,
    pub placement: Placement,
    pub state: PageState,
    pub trashed: bool,
    /// Whether the page was public at any time.
    pub was_published: bool,
    /// Increases with every change of the text.
    pub version: i64,
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub updated_at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum PageState {
    Draft,
    Published,
}

/// Where the public site links to a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum Placement {
    #[default]
    None,
    Menu,
    Footer,
    MenuAndFooter,
}

impl Placement {
    /// All places with their form values and labels.
    pub const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::Menu, "menu", "Menu"),
        (Self::Footer, "footer", "Footer"),
        (Self::MenuAndFooter, "menu_and_footer", "Menu and footer"),
        (Self::None, "none", "Neither"),
    ];

    /// The place with this form value.
    pub fn from_value(value: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known, _)| *known == value).map(|(placement, _, _)| placement)
    }

    /// Value in the form.
    pub fn value(self) -> &'static str {
        Self::ALL.into_iter().find(|(placement, _, _)| *placement == self).map_or("none", |(_, value, _)| value)
    }

    pub fn is_in_menu(self) -> bool {
        matches!(self, Self::Menu | Self::MenuAndFooter)
    }

    pub fn is_in_footer(self) -> bool {
        matches!(self, Self::Footer | Self::MenuAndFooter)
    }
}

impl Page {
    pub fn is_public(&self) -> bool {
        self.state == PageState::Published && !self.trashed
    }

    pub fn updated(&self) -> DisplayTime {
        DisplayTime::in_office(self.updated_at)
    }
}

/// A saved version of a page with its complete text.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PageRevision {
    #[sqlx(flatten)]
    pub meta: RevisionSummary,
    pub slug: String,
    pub menu_label: String,
    pub summary: String,
    /// Markdown.
    pub body: String,
}
