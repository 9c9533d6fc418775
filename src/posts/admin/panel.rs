//! Panels of the editor: review, staged changes, preview links, search result and share card.

use jiff::Timestamp;

use crate::draws::TokenValues;
use crate::posts::post::{Cover, Post};
use crate::posts::post_form::PostForm;
use crate::posts::preview_links::{self, PreviewLink};
use crate::posts::staged::{self, StagedChanges};
use crate::posts::workflow::{self, ReviewEvent};
use crate::services::Services;

/// Data of the panels around the text.
#[derive(Default)]
pub struct WorkflowPanel {
    /// Steps of the review, newest first.
    pub reviews: Vec<ReviewEvent>,
    /// Changes that are not published.
    pub staged: Option<StagedChanges>,
    pub links: Vec<LinkRow>,
    /// Title and description in search results, with their tokens expanded and cut as search engines do.
    pub search_title: String,
    pub search_description: String,
    /// Title and summary of the share card, with their tokens expanded.
    pub share_title: String,
    pub share_summary: String,
    /// Cover picture of the share card.
    pub cover: Cover,
    /// Public address of the post.
    pub address: String,
}

/// A preview link in the panel.
pub struct LinkRow {
    pub id: i64,
    pub url: String,
    pub created_by: String,
    pub expires: String,
}

/// Longest title and description that search engines show, in characters.
const SEARCH_TITLE_LEN: usize = 60;
const SEARCH_DESCRIPTION_LEN: usize = 155;

impl WorkflowPanel {
    pub async fn load(
        post: Option<&Post>,
        form: &PostForm,
        token_values: &TokenValues,
        services: &Services,
        now: Timestamp,
    ) -> sqlx::Result<Self> {
        let [title, summary, search_title, search_description] =
            [&form.title, &form.summary, &form.search_title, &form.search_description]
                .map(|text| token_values.expand_line(text));
        let or = |text: String, other: &String| if text.is_empty() { other.clone() } else { text };
        let mut panel = Self {
            search_title: shortened(&or(search_title, &title), SEARCH_TITLE_LEN),
            search_description: shortened(&or(search_description, &summary), SEARCH_DESCRIPTION_LEN),
            address: services.http.base_url.absolute_url(&format!("/news/{}", form.slug_candidate(token_values))),
            cover: Cover {
                address: form.cover.clone(),
                alt: form.cover_alt.clone(),
                picture: token_values.pictures().find(&form.cover).cloned(),
            },
            share_title: title,
            share_summary: summary,
            ..Self::default()
        };
        if let Some(post) = post {
            let db = services.db.read();
            panel.reviews = workflow::store::reviews(db, post.id).await?;
            panel.staged = staged::store::find(db, post.id).await?;
            let row = |link: PreviewLink| LinkRow {
                id: link.id,
                url: services.http.base_url.absolute_url(&link.path(&services.secret)),
                expires: link.expires().text,
                created_by: link.created_by,
            };
            panel.links = preview_links::active(db, post.id, now).await?.into_iter().map(row).collect();
        }
        Ok(panel)
    }
}

/// The beginning of a text, cut between words, as search engines show it.
fn shortened(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let start: String = text.chars().take(max).collect();
    let cut = start.rfind(' ').unwrap_or(start.len());
    format!("{} …", &start[..cut])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_search_texts_are_cut_between_words() {
        assert_eq!(shortened("Short title", 60), "Short title");
        assert_eq!(shortened("Canada invites nurses", 16), "Canada invites …");
        assert_eq!(shortened("Ünbrokenword", 4), "Ünbr …");
    }
}
