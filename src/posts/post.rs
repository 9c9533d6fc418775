//! News posts and their revisions.

use jiff::Timestamp;

use crate::posts::schedule::ScheduledTime;
use crate::web::{DisplayDate, DisplayTime, Picture, PictureMarkup, plural};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Post {
    pub id: i64,
    /// Path segment after `/news/`.
    pub slug: String,
    pub title: String,
    /// One or two sentences for lists, feeds and search engines.
    pub summary: String,
    pub author: String,
    pub state: PostState,
    pub trashed: bool,
    /// First publication (UTC, as text). Unpublishing does not clear it.
    pub published_at: Option<String>,
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub updated_at: Timestamp,
    /// Time of a scheduled publication.
    pub scheduled_for: Option<jiff_sqlx::Timestamp>,
    /// Date chosen by staff (`2023-07-04`, office time zone), or empty for the day of the first publication.
    pub publish_date: String,
    /// Incremented with every change of the text.
    pub version: i64,
    /// Topics, separated by commas.
    pub topics: String,
    /// Markdown.
    pub body: String,
    /// Markdown note that describes errors in earlier versions.
    pub correction: String,
    #[sqlx(flatten)]
    pub cover: Cover,
    #[sqlx(flatten)]
    pub search: SearchText,
}

/// Texts for search results, instead of the title and the summary.
#[derive(Clone, Debug, Default, sqlx::FromRow)]
pub struct SearchText {
    #[sqlx(rename = "search_title")]
    pub title: String,
    #[sqlx(rename = "search_description")]
    pub description: String,
}

/// Cover picture of a post.
#[derive(Clone, Debug, Default, sqlx::FromRow)]
pub struct Cover {
    /// Address of the picture, or empty.
    #[sqlx(rename = "cover")]
    pub address: String,
    /// What the picture shows.
    #[sqlx(rename = "cover_alt")]
    pub alt: String,
    /// The stored picture, when the post is rendered.
    #[sqlx(skip)]
    pub picture: Option<Picture>,
}

impl Cover {
    /// Markup of the picture at the top of the post.
    pub fn in_text(&self) -> Option<PictureMarkup<'_>> {
        Some(self.picture.as_ref()?.in_text(&self.alt, false))
    }

    /// Markup of the picture in a list of posts.
    pub fn thumbnail(&self) -> Option<PictureMarkup<'_>> {
        Some(self.picture.as_ref()?.thumbnail(&self.alt))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum PostState {
    Draft,
    /// Sent to the publishers.
    InReview,
    /// Approved by a publisher for a later time.
    Scheduled,
    Published,
    /// Was published before.
    Unpublished,
}

impl PostState {
    /// Words on admin pages.
    pub fn label(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::InReview => "in review",
            Self::Scheduled => "scheduled",
            Self::Published => "published",
            Self::Unpublished => "unpublished",
        }
    }
}

/// A post in a list.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PostSummary {
    pub id: i64,
    /// Path segment after `/news/`.
    pub slug: String,
    pub title: String,
    pub summary: String,
    pub author: String,
    /// First publication (UTC, as text).
    pub published_at: Option<String>,
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub updated_at: Timestamp,
    #[sqlx(flatten)]
    pub cover: Cover,
}

impl From<Post> for PostSummary {
    fn from(post: Post) -> Self {
        let Post { id, slug, title, summary, author, published_at, updated_at, cover, .. } = post;
        Self { id, slug, title, summary, author, published_at, updated_at, cover }
    }
}

impl PostSummary {
    /// Date of first publication.
    pub fn published(&self) -> Option<DisplayDate> {
        date(self.published_at.as_deref())
    }

    pub fn updated(&self) -> DisplayTime {
        DisplayTime::in_office(self.updated_at)
    }
}

impl Post {
    /// Date of first publication.
    pub fn published(&self) -> Option<DisplayDate> {
        date(self.published_at.as_deref())
    }

    pub fn topic_list(&self) -> Vec<&str> {
        self.topics.split(',').map(str::trim).filter(|topic| !topic.is_empty()).collect()
    }

    pub fn is_public(&self) -> bool {
        self.state == PostState::Published && !self.trashed
    }

    /// Whether a publisher has approved the text, so that every change follows the rules of publication.
    pub fn is_approved(&self) -> bool {
        matches!(self.state, PostState::Published | PostState::Scheduled) && !self.trashed
    }

    /// First publication, or the publish date chosen by staff.
    pub fn first_published(&self) -> Option<Timestamp> {
        self.published_at.as_deref()?.parse().ok()
    }

    /// Time of a scheduled publication.
    pub fn scheduled(&self) -> Option<ScheduledTime> {
        self.scheduled_for.map(|at| ScheduledTime::new(at.to_jiff()))
    }
}

fn date(published_at: Option<&str>) -> Option<DisplayDate> {
    published_at.and_then(|text| text.parse::<Timestamp>().ok()).map(DisplayDate::in_office)
}

/// Line that says what was corrected in a published post.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct CorrectionLine {
    pub line: String,
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub corrected_at: Timestamp,
}

impl CorrectionLine {
    pub fn day(&self) -> DisplayDate {
        DisplayDate::in_office(self.corrected_at)
    }
}

/// A saved version of a post, as shown in the version history.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct RevisionSummary {
    pub version: i64,
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub saved_at: Timestamp,
    pub saved_by: String,
    pub title: String,
}

impl RevisionSummary {
    pub fn saved(&self) -> DisplayTime {
        DisplayTime::in_office(self.saved_at)
    }
}

/// Entry of the version history.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct HistoryEntry {
    #[sqlx(flatten)]
    pub meta: RevisionSummary,
    /// Labels of the fields that differ from the previous version, separated by commas. `None` for the first version.
    pub changed_fields: Option<String>,
    /// Characters by which the text became longer, or shorter if negative.
    pub growth: i64,
    /// Version that this one restored.
    pub restored_from: Option<i64>,
}

impl HistoryEntry {
    /// What changed, such as "Title, Text (+120 characters)".
    pub fn description(&self) -> String {
        let restored = self.restored_from.map(|version| format!("Version {version} restored"));
        let changed = match self.changed_fields.as_deref() {
            None => "First version".to_owned(),
            Some("") => "No changes".to_owned(),
            Some(fields) if self.growth == 0 => fields.to_owned(),
            Some(fields) => {
                let characters = plural(self.growth.abs(), "character", "characters");
                let sign = if self.growth > 0 { '+' } else { '−' };
                fields.replace("Text", &format!("Text ({sign}{characters})"))
            }
        };
        restored.into_iter().chain([changed]).collect::<Vec<_>>().join(": ")
    }
}

/// A saved version of a post with its complete text.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Revision {
    #[sqlx(flatten)]
    pub meta: RevisionSummary,
    /// Empty if the version was saved before slugs were recorded.
    pub slug: String,
    pub summary: String,
    pub author: String,
    /// Topics, separated by commas.
    pub topics: String,
    /// Markdown.
    pub body: String,
    /// Markdown.
    pub correction: String,
    #[sqlx(flatten)]
    pub cover: Cover,
    #[sqlx(flatten)]
    pub search: SearchText,
    /// As in [`Post`].
    pub publish_date: String,
}
