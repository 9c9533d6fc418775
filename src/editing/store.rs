//! SQL of open editors.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{SqliteConnection, SqliteExecutor};

/// Records that a member has the editor of a document open.
pub async fn touch(tx: &mut SqliteConnection, document: &str, staff_id: i64, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO open_editors (document, staff_id, seen_at) VALUES (?, ?, ?)
         ON CONFLICT (document, staff_id) DO UPDATE SET seen_at = excluded.seen_at",
    )
    .bind(document)
    .bind(staff_id)
    .bind(now.to_sqlx())
    .execute(tx)
    .await?;
    Ok(())
}

pub async fn close(tx: &mut SqliteConnection, document: &str, staff_id: i64) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM open_editors WHERE document = ? AND staff_id = ?")
        .bind(document)
        .bind(staff_id)
        .execute(tx)
        .await?;
    Ok(())
}

/// Names of the other active members who had the editor open since this time.
pub async fn others(
    db: impl SqliteExecutor<'_>,
    document: &str,
    staff_id: i64,
    since: Timestamp,
) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "SELECT s.name FROM open_editors e JOIN staff s ON s.id = e.staff_id
         WHERE e.document = ? AND e.staff_id <> ? AND e.seen_at > ? AND s.active ORDER BY s.name, s.id",
    )
    .bind(document)
    .bind(staff_id)
    .bind(since.to_sqlx())
    .fetch_all(db)
    .await
}

/// Deletes entries of editors that have not been seen since this time.
pub async fn delete_old(tx: &mut SqliteConnection, since: Timestamp) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM open_editors WHERE seen_at <= ?").bind(since.to_sqlx()).execute(tx).await?;
    Ok(())
}
