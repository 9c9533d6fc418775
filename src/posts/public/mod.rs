//! Posts as they are read: with the figures of the record in the places that refer to it.

mod store;

pub use store::{
    adjacent_posts, count_public, find_public, find_redirect, newest_full, older_than_draw_changes, slugs,
};

use askama::Template;
use jiff::Timestamp;
use sqlx::SqlitePool;

use crate::draws::{CorrectionText, TokenValues, corrections_since, draws_mentioned};
use crate::posts::post::RevisionSummary;
use crate::posts::{self, Post, PostSummary};
use crate::web::DisplayDate;

/// A part of what visitors may read, newest first; of one topic where `topic` is not empty.
pub async fn newest(db: &SqlitePool, topic: &str, limit: i64, offset: i64) -> sqlx::Result<Vec<PostSummary>> {
    with_token_values(db, store::newest(db, topic, limit, offset).await?).await
}

/// Every draft, last changed first.
pub async fn drafts(db: &SqlitePool) -> sqlx::Result<Vec<PostSummary>> {
    with_token_values(db, posts::store::drafts(db).await?).await
}

/// Headlines with their figures in them.
pub async fn with_token_values(db: &SqlitePool, mut headlines: Vec<PostSummary>) -> sqlx::Result<Vec<PostSummary>> {
    let texts: Vec<&str> = headlines.iter().flat_map(|line| [line.title.as_str(), line.summary.as_str()]).collect();
    let token_values = TokenValues::for_texts(db, &texts).await?;
    for line in &mut headlines {
        line.title = token_values.expand_line(&line.title);
        line.summary = token_values.expand_line(&line.summary);
    }
    Ok(headlines)
}

/// Earlier texts in a list, with the figures in their titles.
pub async fn revisions_with_token_values(
    db: &SqlitePool,
    mut lines: Vec<RevisionSummary>,
) -> sqlx::Result<Vec<RevisionSummary>> {
    let titles: Vec<&str> = lines.iter().map(|line| line.title.as_str()).collect();
    let token_values = TokenValues::for_texts(db, &titles).await?;
    for line in &mut lines {
        line.title = token_values.expand_line(&line.title);
    }
    Ok(lines)
}

#[derive(Template)]
#[template(path = "posts/_corrections.html")]
struct CorrectionNotes<'a> {
    changes: &'a [CorrectionText],
}

/// A post ready to print.
pub struct RenderedPost {
    /// The post, its title and summary with their figures.
    pub post: Post,
    /// Its text as HTML.
    pub body: String,
    /// Its correction note as HTML; empty where there is none.
    pub correction: String,
    /// What was corrected in the rounds it speaks of, after it was published.
    pub changes: Vec<CorrectionText>,
}

impl RenderedPost {
    /// Fills in what the post refers to.
    pub async fn of(db: &SqlitePool, mut post: Post) -> sqlx::Result<Self> {
        let texts = [post.title.as_str(), &post.summary, &post.body, &post.correction];
        let token_values = TokenValues::for_texts(db, &texts).await?;
        let mentioned = draws_mentioned(&texts.join("\n"));
        let rounds: Vec<String> = mentioned.union(token_values.rounds()).map(ToString::to_string).collect();
        let published = post.published_at.as_deref().and_then(|at| at.parse().ok()).unwrap_or(post.updated_at);
        let changes = corrections_since(db, &rounds, published).await?;
        post.title = token_values.expand_line(&post.title);
        post.summary = token_values.expand_line(&post.summary);
        Ok(Self {
            body: token_values.markdown_html(&post.body),
            correction: token_values.note_html(&post.correction),
            changes,
            post,
        })
    }

    /// What a subscriber is shown: the notes of correction, then the text.
    pub fn feed_content(&self) -> Result<String, askama::Error> {
        Ok(format!("{}{}{}", self.correction, CorrectionNotes { changes: &self.changes }.render()?, self.body))
    }

    /// When what readers see last changed: the text, or a figure in it.
    pub fn updated_at(&self) -> Timestamp {
        self.changes.iter().map(|change| change.at).fold(self.post.updated_at, Timestamp::max)
    }

    /// The day of that, where it is a later one than that of publication.
    pub fn updated_day(&self) -> Option<DisplayDate> {
        Some(DisplayDate::in_office(self.updated_at()))
            .filter(|updated| self.post.published().is_none_or(|published| published.iso < updated.iso))
    }
}
