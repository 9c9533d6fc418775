//! SQL of the publishing workflow.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::posts::post::{Post, PostState};
use crate::posts::store::select_posts;
use crate::posts::workflow::{PostInReview, ReviewEvent, ReviewKind, ScheduledPost, TrashedPost};

/// Sets the state of a post that is not public. `scheduled_for` is the time of a scheduled post.
pub async fn set_state(
    tx: &mut SqliteConnection,
    id: i64,
    state: PostState,
    scheduled_for: Option<Timestamp>,
) -> sqlx::Result<()> {
    sqlx::query("UPDATE posts SET state = ?, scheduled_for = ? WHERE id = ?")
        .bind(state)
        .bind(scheduled_for.map(|at| at.to_sqlx()))
        .bind(id)
        .execute(tx)
        .await?;
    Ok(())
}

/// Whether the post still has this version, and the state and scheduled time as loaded, and is not in the trash.
pub async fn is_current(tx: &mut SqliteConnection, loaded: &Post, version: i64) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM posts
                        WHERE id = ? AND version = ? AND state = ? AND scheduled_for IS ? AND trashed_at IS NULL)",
    )
    .bind(loaded.id)
    .bind(version)
    .bind(loaded.state)
    .bind(loaded.scheduled_for)
    .fetch_one(tx)
    .await
}

/// Cancels a scheduled publication, or returns `false` if the post is not scheduled.
pub async fn cancel_schedule(tx: &mut SqliteConnection, id: i64) -> sqlx::Result<bool> {
    let result = sqlx::query(
        "UPDATE posts SET state = iif(published_at IS NULL, 'draft', 'unpublished'), scheduled_for = NULL
         WHERE id = ? AND state = 'scheduled'",
    )
    .bind(id)
    .execute(tx)
    .await?;
    Ok(result.rows_affected() > 0)
}

/// Posts whose scheduled time has come, earliest first.
pub async fn due(db: impl SqliteExecutor<'_>, now: Timestamp) -> sqlx::Result<Vec<Post>> {
    sqlx::query_as(DUE).bind(now.to_sqlx()).fetch_all(db).await
}

const DUE: &str =
    select_posts!("WHERE state = 'scheduled' AND trashed_at IS NULL AND scheduled_for <= ? ORDER BY scheduled_for, id");

/// Scheduled posts, earliest first. Titles may contain tokens.
pub async fn scheduled(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<ScheduledPost>> {
    sqlx::query_as(SCHEDULED).fetch_all(db).await
}

const SCHEDULED: &str = "SELECT id, title, scheduled_for FROM posts
     WHERE state = 'scheduled' AND trashed_at IS NULL ORDER BY scheduled_for";

/// Posts in review, the longest waiting first. Titles may contain tokens.
pub async fn in_review(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<PostInReview>> {
    sqlx::query_as(IN_REVIEW).fetch_all(db).await
}

const IN_REVIEW: &str = "SELECT p.id, p.title, r.kind, r.note, r.actor, r.at
     FROM posts p JOIN post_reviews r ON r.id = (SELECT max(id) FROM post_reviews WHERE post_id = p.id)
     WHERE p.state = 'in_review' AND p.trashed_at IS NULL ORDER BY r.id";

/// Drafts that a publisher sent back, newest first. Titles may contain tokens.
pub async fn returned(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<PostInReview>> {
    sqlx::query_as(RETURNED).fetch_all(db).await
}

const RETURNED: &str = "SELECT p.id, p.title, r.kind, r.note, r.actor, r.at
     FROM post_reviews r INDEXED BY post_reviews_returned CROSS JOIN posts p ON p.id = r.post_id
     WHERE r.kind = 'returned' AND r.id = (SELECT max(id) FROM post_reviews WHERE post_id = r.post_id)
       AND p.state = 'draft' AND p.trashed_at IS NULL ORDER BY r.id DESC";

/// Posts in the trash, most recently changed first. Titles may contain tokens.
pub async fn trashed(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<TrashedPost>> {
    sqlx::query_as(TRASHED).fetch_all(db).await
}

const TRASHED: &str =
    "SELECT id, title, trashed_at FROM posts WHERE trashed_at IS NOT NULL ORDER BY updated_at DESC, id DESC";

/// Adds a step of a review. `staff_id` is `None` for the site itself.
pub async fn insert_review(
    tx: &mut SqliteConnection,
    post_id: i64,
    staff_id: Option<i64>,
    event: &ReviewEvent,
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO post_reviews (post_id, version, kind, note, staff_id, actor, at)
         SELECT id, version, ?, ?, ?, ?, ? FROM posts WHERE id = ?",
    )
    .bind(event.kind)
    .bind(&event.note)
    .bind(staff_id)
    .bind(&event.actor)
    .bind(event.at.to_sqlx())
    .bind(post_id)
    .execute(tx)
    .await?;
    Ok(())
}

/// Steps of the review of a post, newest first.
pub async fn reviews(db: impl SqliteExecutor<'_>, post_id: i64) -> sqlx::Result<Vec<ReviewEvent>> {
    sqlx::query_as("SELECT kind, note, actor, at FROM post_reviews WHERE post_id = ? ORDER BY id DESC")
        .bind(post_id)
        .fetch_all(db)
        .await
}

/// Account that last submitted a post for review.
pub async fn last_submitter(tx: &mut SqliteConnection, post_id: i64) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar("SELECT staff_id FROM post_reviews WHERE post_id = ? AND kind = ? ORDER BY id DESC LIMIT 1")
        .bind(post_id)
        .bind(ReviewKind::Submitted)
        .fetch_optional(tx)
        .await
        .map(Option::flatten)
}

/// Deletes posts that were moved to the trash before this time, with everything that belongs to them.
pub async fn delete_trashed_before(tx: &mut SqliteConnection, before: Timestamp) -> sqlx::Result<()> {
    // Another post may get the address later, and old addresses of this one must not lead there.
    sqlx::query("DELETE FROM redirects WHERE to_path IN (SELECT '/news/' || slug FROM posts WHERE trashed_at <= ?)")
        .bind(before.to_sqlx())
        .execute(&mut *tx)
        .await?;
    for delete in [
        "DELETE FROM post_topics WHERE post_id IN (SELECT id FROM posts WHERE trashed_at <= ?)",
        "DELETE FROM post_draws WHERE post_id IN (SELECT id FROM posts WHERE trashed_at <= ?)",
        "DELETE FROM post_occupations WHERE post_id IN (SELECT id FROM posts WHERE trashed_at <= ?)",
        "DELETE FROM post_lists WHERE post_id IN (SELECT id FROM posts WHERE trashed_at <= ?)",
        "DELETE FROM accepted_findings WHERE post_id IN (SELECT id FROM posts WHERE trashed_at <= ?)",
        "DELETE FROM post_autosaves WHERE post_id IN (SELECT id FROM posts WHERE trashed_at <= ?)",
        "DELETE FROM post_revisions WHERE post_id IN (SELECT id FROM posts WHERE trashed_at <= ?)",
        "DELETE FROM posts WHERE trashed_at <= ?",
    ] {
        sqlx::query(delete).bind(before.to_sqlx()).execute(&mut *tx).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db;

    #[tokio::test]
    async fn lists_of_the_workflow_are_read_from_their_indexes() {
        for (sql, index) in [
            (DUE, "posts_scheduled"),
            (SCHEDULED, "posts_scheduled"),
            (IN_REVIEW, "posts_in_review"),
            (RETURNED, "post_reviews_returned"),
            (TRASHED, "posts_trashed"),
        ] {
            let plan = db::QueryPlan::explain(sql).await;
            assert!(
                !plan.scans_without_index("posts") && !plan.scans_without_index("p") && plan.uses(index),
                "{plan:?}"
            );
        }
    }
}
