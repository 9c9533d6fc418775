//! SQL of preview links.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::posts::post::Post;
use crate::posts::preview_links::PreviewLink;
use crate::posts::store::select_posts;

/// Adds a link that expires after `days` days.
pub async fn create(tx: &mut SqliteConnection, post_id: i64, by: &str, days: i64, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO post_preview_links (post_id, created_at, created_by, expires_at) VALUES (?, ?, ?, ?)")
        .bind(post_id)
        .bind(now.to_sqlx())
        .bind(by)
        .bind((now + SignedDuration::from_hours(24 * days)).to_sqlx())
        .execute(tx)
        .await?;
    Ok(())
}

/// Links of a post that are valid at `now`, newest first.
pub async fn active(db: impl SqliteExecutor<'_>, post_id: i64, now: Timestamp) -> sqlx::Result<Vec<PreviewLink>> {
    sqlx::query_as(
        "SELECT id, created_by, expires_at FROM post_preview_links
         WHERE post_id = ? AND revoked_at IS NULL AND expires_at > ? ORDER BY id DESC",
    )
    .bind(post_id)
    .bind(now.to_sqlx())
    .fetch_all(db)
    .await
}

/// The link with this ID, if it is valid at `now`.
pub async fn find(db: impl SqliteExecutor<'_>, id: i64, now: Timestamp) -> sqlx::Result<Option<PreviewLink>> {
    sqlx::query_as(
        "SELECT id, created_by, expires_at FROM post_preview_links WHERE id = ? AND revoked_at IS NULL AND expires_at > ?",
    )
    .bind(id)
    .bind(now.to_sqlx())
    .fetch_optional(db)
    .await
}

/// Ends all links.
pub async fn revoke_all(tx: &mut SqliteConnection, now: Timestamp) -> sqlx::Result<()> {
    let revoke = "UPDATE post_preview_links SET revoked_at = ? WHERE revoked_at IS NULL";
    sqlx::query(revoke).bind(now.to_sqlx()).execute(tx).await?;
    Ok(())
}

/// Ends a link. Returns the ID of its post, or `None` if there is no such link.
pub async fn revoke(tx: &mut SqliteConnection, id: i64, now: Timestamp) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar(
        "UPDATE post_preview_links SET revoked_at = coalesce(revoked_at, ?) WHERE id = ? RETURNING post_id",
    )
    .bind(now.to_sqlx())
    .bind(id)
    .fetch_optional(tx)
    .await
}

/// The post of a link that has not expired and was not revoked, unless the post is in the trash.
pub async fn find_post(db: impl SqliteExecutor<'_>, id: i64, now: Timestamp) -> sqlx::Result<Option<Post>> {
    sqlx::query_as(select_posts!(
        "WHERE id = (SELECT post_id FROM post_preview_links WHERE id = ? AND revoked_at IS NULL AND expires_at > ?)
         AND trashed_at IS NULL"
    ))
    .bind(id)
    .bind(now.to_sqlx())
    .fetch_optional(db)
    .await
}
