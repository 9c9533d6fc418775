//! Published posts, rendered with the values of their draw tokens.

mod card;
mod corrections;
mod store;

pub use card::{share_card, share_cards};
pub use corrections::corrections;
pub use store::{
    adjacent_posts, count_public, find_public, find_redirect, newest_full, older_than_draw_changes, related, topics,
};

use askama::Template;
use jiff::Timestamp;
use sqlx::SqlitePool;

use crate::draws::{CorrectionText, TokenValues, corrections_since, draws_mentioned};
use crate::posts::post::{CorrectionLine, HistoryEntry, Post, PostSummary};
use crate::posts::staged;
use crate::posts::workflow::{self, PostInReview, ScheduledPost, TrashedPost};
use crate::web::{DisplayDate, plain_text, without_anchors};

/// Published posts with `topic` (all if empty), newest first.
pub async fn newest(db: &SqlitePool, topic: &str, limit: i64, offset: i64) -> sqlx::Result<Vec<PostSummary>> {
    with_token_values(db, store::newest(db, topic, limit, offset).await?).await
}

/// All drafts, most recently changed first.
pub async fn drafts(db: &SqlitePool) -> sqlx::Result<Vec<PostSummary>> {
    with_token_values(db, crate::posts::store::drafts(db).await?).await
}

/// Posts in review, the longest waiting first.
pub async fn in_review(db: &SqlitePool) -> sqlx::Result<Vec<PostInReview>> {
    let mut posts = workflow::store::in_review(db).await?;
    expand_titles(db, posts.iter_mut().map(|post| &mut post.title).collect()).await?;
    Ok(posts)
}

/// Drafts that a publisher sent back, newest first.
pub async fn returned(db: &SqlitePool) -> sqlx::Result<Vec<PostInReview>> {
    let mut posts = workflow::store::returned(db).await?;
    expand_titles(db, posts.iter_mut().map(|post| &mut post.title).collect()).await?;
    Ok(posts)
}

/// Scheduled posts, earliest first.
pub async fn scheduled(db: &SqlitePool) -> sqlx::Result<Vec<ScheduledPost>> {
    let mut posts = workflow::store::scheduled(db).await?;
    expand_titles(db, posts.iter_mut().map(|post| &mut post.title).collect()).await?;
    Ok(posts)
}

/// Posts in the trash, most recently changed first.
pub async fn trashed(db: &SqlitePool) -> sqlx::Result<Vec<TrashedPost>> {
    let mut posts = workflow::store::trashed(db).await?;
    expand_titles(db, posts.iter_mut().map(|post| &mut post.title).collect()).await?;
    Ok(posts)
}

async fn expand_titles(db: &SqlitePool, titles: Vec<&mut String>) -> sqlx::Result<()> {
    let texts: Vec<&str> = titles.iter().map(|title| title.as_str()).collect();
    let token_values = TokenValues::for_texts(db, &texts).await?;
    for title in titles {
        *title = token_values.expand_line(title);
    }
    Ok(())
}

/// Expands the tokens in titles and summaries, and loads the cover pictures.
pub async fn with_token_values(db: &SqlitePool, mut posts: Vec<PostSummary>) -> sqlx::Result<Vec<PostSummary>> {
    let texts: Vec<&str> = posts
        .iter()
        .flat_map(|post| [post.title.as_str(), post.summary.as_str(), post.cover.address.as_str()])
        .collect();
    let token_values = TokenValues::for_texts(db, &texts).await?;
    for post in &mut posts {
        post.title = token_values.expand_line(&post.title);
        post.summary = token_values.expand_line(&post.summary);
        post.cover.picture = token_values.pictures().find(&post.cover.address).cloned();
    }
    Ok(posts)
}

/// Expands the tokens in the titles of a version history.
pub async fn revisions_with_token_values(
    db: &SqlitePool,
    mut revisions: Vec<HistoryEntry>,
) -> sqlx::Result<Vec<HistoryEntry>> {
    let titles: Vec<&str> = revisions.iter().map(|entry| entry.meta.title.as_str()).collect();
    let token_values = TokenValues::for_texts(db, &titles).await?;
    for HistoryEntry { meta, .. } in &mut revisions {
        meta.title = token_values.expand_line(&meta.title);
    }
    Ok(revisions)
}

#[derive(Template)]
#[template(path = "posts/_corrections.html")]
struct CorrectionNotes<'a> {
    changes: &'a [CorrectionText],
}

#[derive(Template)]
#[template(path = "posts/_correction_lines.html")]
struct CorrectionLines<'a> {
    lines: &'a [CorrectionLine],
}

/// A post with expanded tokens, ready for a template.
pub struct RenderedPost {
    /// Title and summary have their tokens expanded.
    pub post: Post,
    /// HTML.
    pub body: String,
    /// Correction note as HTML, or empty.
    pub correction: String,
    /// When the correction note was added.
    pub corrected_at: Option<Timestamp>,
    /// Correction note without formatting, for search engines.
    pub correction_text: String,
    /// Corrections made to the mentioned draws after publication.
    pub changes: Vec<CorrectionText>,
    /// Lines of the changes that were published as a correction, newest first.
    pub lines: Vec<CorrectionLine>,
}

impl RenderedPost {
    pub async fn of(db: &SqlitePool, mut post: Post) -> sqlx::Result<Self> {
        let texts = [
            post.title.as_str(),
            &post.summary,
            &post.body,
            &post.correction,
            &post.cover.address,
            &post.search.title,
            &post.search.description,
        ];
        let token_values = TokenValues::for_texts(db, &texts).await?;
        let mentioned = draws_mentioned(&texts.join("\n"));
        let draw_numbers: Vec<String> = mentioned.union(token_values.draw_numbers()).map(ToString::to_string).collect();
        let published = post.published_at.as_deref().and_then(|at| at.parse().ok()).unwrap_or(post.updated_at);
        let changes = corrections_since(db, &draw_numbers, published).await?;
        post.title = token_values.expand_line(&post.title);
        post.summary = token_values.expand_line(&post.summary);
        post.search.title = token_values.expand_line(&post.search.title);
        post.search.description = token_values.expand_line(&post.search.description);
        post.cover.picture = token_values.pictures().find(&post.cover.address).cloned();
        let corrected_at = match post.correction.is_empty() {
            true => None,
            false => store::correction_saved_at(db, post.id).await?,
        };
        Ok(Self {
            corrected_at,
            correction_text: plain_text(&token_values.expand_line(&post.correction)).trim().to_owned(),
            body: token_values.markdown_html(&post.body),
            correction: token_values.note_html(&post.correction),
            changes,
            lines: staged::store::corrections(db, post.id).await?,
            post,
        })
    }

    /// Whether anything was corrected after the first publication.
    pub fn has_corrections(&self) -> bool {
        !self.correction.is_empty() || !self.changes.is_empty() || !self.lines.is_empty()
    }

    /// Day on which the correction note was added.
    pub fn corrected_day(&self) -> Option<DisplayDate> {
        self.corrected_at.map(DisplayDate::in_office)
    }

    /// HTML for the feed: the correction notes, then the text.
    pub fn feed_content(&self) -> Result<String, askama::Error> {
        let heading = if self.has_corrections() { "<h2>Correction</h2>\n" } else { "" };
        let lines = CorrectionLines { lines: &self.lines }.render()?;
        let changes = CorrectionNotes { changes: &self.changes }.render()?;
        Ok(format!("{heading}{lines}{}{changes}{}", self.correction, without_anchors(&self.body)))
    }

    /// Last change of the text or of a figure in it. A scheduled post is published later than its last change.
    pub fn updated_at(&self) -> Timestamp {
        let changed = self.changes.iter().map(|change| change.at);
        changed.chain(self.post.first_published()).fold(self.post.updated_at, Timestamp::max)
    }

    /// Date of the last change, if later than the date of publication.
    pub fn updated_day(&self) -> Option<DisplayDate> {
        Some(DisplayDate::in_office(self.updated_at()))
            .filter(|updated| self.post.published().is_none_or(|published| published.iso < updated.iso))
    }
}
