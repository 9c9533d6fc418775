//! Posts that come from another site.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;

use crate::posts::post::PostState;
use crate::posts::post_form::PostForm;
use crate::posts::store;
use crate::posts::workflow::{self, ReviewEvent, ReviewKind};

/// State of an imported post, with the time that belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ImportedState {
    Draft,
    InReview,
    Scheduled(Timestamp),
    Published(Timestamp),
}

/// Inserts a post with a slug that no other post has, and returns its ID.
///
/// `written_at` becomes the time of its first version, so that the post does not look changed today.
pub async fn insert_imported(
    tx: &mut SqliteConnection,
    form: &PostForm,
    state: ImportedState,
    by: &str,
    written_at: Timestamp,
    now: Timestamp,
) -> sqlx::Result<i64> {
    let id = store::create(tx, form, &form.slug, by, written_at).await?;
    match state {
        ImportedState::Draft => {}
        ImportedState::InReview => {
            workflow::store::set_state(tx, id, PostState::InReview, None).await?;
            let note = "Imported from WordPress, where it was waiting for review.".to_owned();
            let event = ReviewEvent { kind: ReviewKind::Submitted, note, actor: by.to_owned(), at: now };
            workflow::store::insert_review(tx, id, None, &event).await?;
        }
        ImportedState::Scheduled(at) => {
            workflow::store::set_state(tx, id, PostState::Scheduled, Some(at)).await?;
        }
        ImportedState::Published(at) => {
            store::publish(tx, id, None, at).await?;
        }
    }
    Ok(id)
}
