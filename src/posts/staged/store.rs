//! SQL of staged changes and of correction lines.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::types::Json;
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::posts::post::CorrectionLine;
use crate::posts::post_form::PostForm;
use crate::posts::staged::StagedChanges;

pub async fn find(db: impl SqliteExecutor<'_>, post_id: i64) -> sqlx::Result<Option<StagedChanges>> {
    sqlx::query_as(
        "SELECT base_version, save_number, fields, saved_at, saved_by FROM post_staged_changes WHERE post_id = ?",
    )
    .bind(post_id)
    .fetch_optional(db)
    .await
}

/// Stores the changes of a form, or returns `false` if its post has a newer version or newer changes.
pub async fn save(
    tx: &mut SqliteConnection,
    post_id: i64,
    form: &PostForm,
    by: &str,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let base_version = form.version.parse::<i64>().unwrap_or_default();
    let result = sqlx::query(
        "INSERT INTO post_staged_changes (post_id, base_version, fields, saved_at, saved_by)
         SELECT id, ?2, ?3, ?4, ?5 FROM posts p WHERE id = ?1 AND version = ?2
            AND ?6 = coalesce((SELECT save_number FROM post_staged_changes WHERE post_id = p.id), 0)
         ON CONFLICT (post_id) DO UPDATE SET base_version = ?2, fields = ?3, saved_at = ?4, saved_by = ?5,
                                             save_number = save_number + 1",
    )
    .bind(post_id)
    .bind(base_version)
    .bind(Json(form))
    .bind(now.to_sqlx())
    .bind(by)
    .bind(form.staged.parse::<i64>().unwrap_or_default())
    .execute(tx)
    .await?;
    Ok(result.rows_affected() > 0)
}

pub async fn delete(tx: &mut SqliteConnection, post_id: i64) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM post_staged_changes WHERE post_id = ?").bind(post_id).execute(tx).await?;
    Ok(())
}

/// Deletes the changes with this save number and returns them, or `None` if there are none or newer ones.
pub async fn remove(tx: &mut SqliteConnection, post_id: i64, save_number: i64) -> sqlx::Result<Option<StagedChanges>> {
    sqlx::query_as(
        "DELETE FROM post_staged_changes WHERE post_id = ? AND save_number = ?
         RETURNING base_version, save_number, fields, saved_at, saved_by",
    )
    .bind(post_id)
    .bind(save_number)
    .fetch_optional(tx)
    .await
}

pub async fn insert_correction(
    tx: &mut SqliteConnection,
    post_id: i64,
    line: &str,
    by: &str,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO post_corrections (post_id, line, corrected_at, corrected_by) VALUES (?, ?, ?, ?)")
        .bind(post_id)
        .bind(line)
        .bind(now.to_sqlx())
        .bind(by)
        .execute(tx)
        .await?;
    Ok(())
}

/// Correction lines of a post, newest first.
pub async fn corrections(db: impl SqliteExecutor<'_>, post_id: i64) -> sqlx::Result<Vec<CorrectionLine>> {
    sqlx::query_as("SELECT line, corrected_at FROM post_corrections WHERE post_id = ? ORDER BY id DESC")
        .bind(post_id)
        .fetch_all(db)
        .await
}
