//! The page editor's form. Texts follow the rules of posts.

use serde::{Deserialize, Serialize};

use crate::draws::TokenValues;
use crate::pages::page::{Page, PageRevision, Placement};
use crate::pages::slugs::is_fixed;
use crate::posts::PostForm;
use crate::web::{FieldErrors, one_line};

/// Longest link text that fits into the menu of a phone.
const MAX_MENU_LABEL_LEN: usize = 24;

/// Input of the page editor. Autosaves contain the fields that hold text.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct PageForm {
    /// Title, slug, summary and body; the other fields of a post stay empty.
    #[serde(flatten)]
    pub text: PostForm,
    #[serde(deserialize_with = "one_line")]
    pub menu_label: String,
    /// Form value of [`Placement`].
    #[serde(deserialize_with = "one_line")]
    pub placement: String,
}

impl PageForm {
    pub fn of(page: &Page) -> Self {
        let text = PostForm {
            title: page.title.clone(),
            slug: page.slug.clone(),
            summary: page.summary.clone(),
            body: page.body.clone(),
            version: page.version.to_string(),
            ..PostForm::default()
        };
        Self { text, menu_label: page.menu_label.clone(), placement: page.placement.value().to_owned() }
    }

    /// The text of an earlier version.
    pub fn of_revision(old: PageRevision) -> Self {
        let PageRevision { meta, slug, menu_label, summary, body } = old;
        let text = PostForm { title: meta.title, slug, summary, body, ..PostForm::default() };
        Self { text, menu_label, placement: String::new() }
    }

    /// Completes a submitted form: fields that were not sent stay as they are, and fields that pages lack are emptied.
    pub fn complete(&mut self, page: Option<&Page>) {
        let text = &mut self.text;
        for unused in [
            &mut text.topics,
            &mut text.correction,
            &mut text.cover,
            &mut text.cover_alt,
            &mut text.publish_date,
            &mut text.search_title,
            &mut text.search_description,
        ] {
            unused.clear();
        }
        // The rules of posts require an author.
        text.author = "page".to_owned();
        if let Some(page) = page {
            if is_fixed(&page.slug) {
                text.slug.clone_from(&page.slug);
            }
            if self.placement.is_empty() {
                self.placement = page.placement.value().to_owned();
            }
        }
    }

    /// Whether the form makes the page public.
    pub fn publishes(&self) -> bool {
        self.text.action == "publish"
    }

    pub fn place(&self) -> Placement {
        Placement::from_value(&self.placement).unwrap_or_default()
    }

    /// Errors that prevent saving, and with `for_publication` those that prevent publishing.
    pub fn errors(&self, token_values: &TokenValues, for_publication: bool) -> FieldErrors {
        let mut errors = self.text.errors(token_values, for_publication);
        if self.text.title.contains("{{") {
            errors.add("title", "Tokens work in the summary and the text of a page. Type the title in words.");
        }
        let label = if self.menu_label.is_empty() { &self.text.title } else { &self.menu_label };
        let is_shown = for_publication && self.place().is_in_menu();
        if label.chars().count() > MAX_MENU_LABEL_LEN && (is_shown || !self.menu_label.is_empty()) {
            errors.add("menu_label", format!("Enter a menu label of {MAX_MENU_LABEL_LEN} characters or fewer."));
        }
        if self.menu_label.contains("{{") {
            errors.add("menu_label", "Type the menu label in words.");
        }
        errors
    }
}
