//! All SQL about files of the feed that were handed in to be looked at.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use sqlx::{SqliteConnection, SqliteExecutor};

/// A file of the feed that was handed in.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct StoredUpload {
    /// Its name; empty where it was pasted.
    pub file_name: String,
    /// When it was handed in.
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub received_at: Timestamp,
    /// As received; `None` once it was taken in.
    pub content: Option<Vec<u8>>,
}

/// Keeps a file to be looked at; its number. Files that nobody took in are forgotten after a week.
pub async fn insert_upload(
    tx: &mut SqliteConnection,
    file_name: &str,
    content: &[u8],
    by: &str,
    now: Timestamp,
) -> sqlx::Result<i64> {
    let week_ago = now - SignedDuration::from_hours(7 * 24);
    sqlx::query("DELETE FROM draw_imports WHERE applied_at IS NULL AND received_at < ?")
        .bind(week_ago.to_sqlx())
        .execute(&mut *tx)
        .await?;
    sqlx::query_scalar(
        "INSERT INTO draw_imports (received_at, received_by, file_name, content) VALUES (?, ?, ?, ?) RETURNING id",
    )
    .bind(now.to_sqlx())
    .bind(by)
    .bind(file_name)
    .bind(content)
    .fetch_one(tx)
    .await
}

/// The file with this number.
pub async fn find_upload(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Option<StoredUpload>> {
    sqlx::query_as("SELECT file_name, received_at, content FROM draw_imports WHERE id = ?")
        .bind(id)
        .fetch_optional(db)
        .await
}

/// Notes that a file was taken in. The file itself is not needed any more: its changes are kept.
pub async fn mark_applied(tx: &mut SqliteConnection, id: i64, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query("UPDATE draw_imports SET applied_at = ?, content = NULL WHERE id = ?")
        .bind(now.to_sqlx())
        .bind(id)
        .execute(tx)
        .await?;
    Ok(())
}
