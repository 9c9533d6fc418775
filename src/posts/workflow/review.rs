//! Review of a post, and rows of the lists of posts by state.

use jiff::{SignedDuration, Timestamp};

use crate::posts::schedule::ScheduledTime;
use crate::web::{DisplayDate, DisplayTime};

/// Days for which a post stays in the trash.
pub const TRASH_DAYS: i64 = 30;

#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum ReviewKind {
    /// A draft was sent to the publishers.
    Submitted,
    /// A publisher sent it back.
    Returned,
    /// The site did not publish it at its time, because the fact check found something new.
    Held,
}

/// Step of a review.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ReviewEvent {
    pub kind: ReviewKind,
    pub note: String,
    /// Name of the staff member, or `system`.
    pub actor: String,
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub at: Timestamp,
}

impl ReviewEvent {
    pub fn time(&self) -> DisplayTime {
        DisplayTime::in_office(self.at)
    }

    /// What happened, such as "Test writer submitted it for review".
    pub fn description(&self) -> String {
        match self.kind {
            ReviewKind::Submitted => format!("{} submitted it for review", self.actor),
            ReviewKind::Returned => format!("{} sent it back", self.actor),
            ReviewKind::Held => "The site did not publish it at the scheduled time".to_owned(),
        }
    }
}

/// A post with the last step of its review.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PostInReview {
    pub id: i64,
    pub title: String,
    #[sqlx(flatten)]
    pub last: ReviewEvent,
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ScheduledPost {
    pub id: i64,
    pub title: String,
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub scheduled_for: Timestamp,
}

impl ScheduledPost {
    pub fn time(&self) -> ScheduledTime {
        ScheduledTime::new(self.scheduled_for)
    }
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct TrashedPost {
    pub id: i64,
    pub title: String,
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub trashed_at: Timestamp,
}

impl TrashedPost {
    /// Day of the permanent deletion.
    pub fn deleted_on(&self) -> DisplayDate {
        DisplayDate::in_office(self.trashed_at + SignedDuration::from_hours(24 * TRASH_DAYS))
    }
}
