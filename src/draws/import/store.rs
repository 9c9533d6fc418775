//! SQL of uploaded feed files.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use sqlx::{SqliteConnection, SqliteExecutor};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct StoredUpload {
    /// Empty if the content was pasted.
    pub file_name: String,
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub received_at: Timestamp,
    /// `None` once applied.
    pub content: Option<Vec<u8>>,
}

/// Stores an upload and returns its ID. Deletes uploads that were not applied within a week.
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

pub async fn find_upload(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Option<StoredUpload>> {
    sqlx::query_as("SELECT file_name, received_at, content FROM draw_imports WHERE id = ?")
        .bind(id)
        .fetch_optional(db)
        .await
}

/// Marks an upload as applied and deletes its content, since the changes are stored.
pub async fn mark_applied(tx: &mut SqliteConnection, id: i64, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query("UPDATE draw_imports SET applied_at = ?, content = NULL WHERE id = ?")
        .bind(now.to_sqlx())
        .bind(id)
        .execute(tx)
        .await?;
    Ok(())
}
