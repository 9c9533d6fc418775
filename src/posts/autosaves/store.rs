//! SQL of autosaves. Each belongs to one staff member, and to one post or to a new one.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::Serialize;
use sqlx::types::Json;
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::posts::autosaves::AUTOSAVE_TTL;
use crate::posts::post_form::PostForm;

/// Autosaves of one post by one staff member, for several tabs and devices. The oldest are deleted first.
const MAX_AUTOSAVES_PER_EDITOR: i64 = 10;

/// Stored text of an editor.
#[derive(Debug, sqlx::FromRow)]
pub struct Autosave {
    pub id: i64,
    /// Version of the post that the editor was opened with.
    pub base_version: i64,
    #[sqlx(json)]
    pub fields: PostForm,
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub saved_at: Timestamp,
}

impl Autosave {
    /// The form as it was left.
    pub fn into_form(self) -> PostForm {
        PostForm { version: self.base_version.to_string(), autosave: self.id.to_string(), ..self.fields }
    }
}

/// The form as it is stored, with the save number of the staged changes that it is based on.
#[derive(Clone, Copy, Serialize)]
struct StoredForm<'a> {
    #[serde(flatten)]
    form: &'a PostForm,
    staged: &'a str,
}

/// Stores the text of an editor and returns the ID of the autosave. An editor without one gets a new one, so that two tabs
/// do not overwrite each other.
pub async fn save(
    tx: &mut SqliteConnection,
    post_id: Option<i64>,
    staff_id: i64,
    form: &PostForm,
    now: Timestamp,
) -> sqlx::Result<i64> {
    let base_version = form.version.parse::<i64>().unwrap_or_default();
    let stored = StoredForm { form, staged: &form.staged };
    let updated = sqlx::query_scalar(
        "UPDATE post_autosaves SET fields = ?, base_version = ?, saved_at = ?
         WHERE id = ? AND staff_id = ? AND post_id IS ? RETURNING id",
    )
    .bind(Json(stored))
    .bind(base_version)
    .bind(now.to_sqlx())
    .bind(form.autosave.parse::<i64>().unwrap_or_default())
    .bind(staff_id)
    .bind(post_id)
    .fetch_optional(&mut *tx)
    .await?;
    if let Some(id) = updated {
        return Ok(id);
    }
    let id = sqlx::query_scalar(
        "INSERT INTO post_autosaves (post_id, staff_id, base_version, fields, saved_at) VALUES (?, ?, ?, ?, ?)
         RETURNING id",
    )
    .bind(post_id)
    .bind(staff_id)
    .bind(base_version)
    .bind(Json(stored))
    .bind(now.to_sqlx())
    .fetch_one(&mut *tx)
    .await?;
    sqlx::query(
        "DELETE FROM post_autosaves WHERE staff_id = ?1 AND post_id IS ?2 AND id NOT IN (
             SELECT id FROM post_autosaves WHERE staff_id = ?1 AND post_id IS ?2 ORDER BY saved_at DESC, id DESC LIMIT ?3)",
    )
    .bind(staff_id)
    .bind(post_id)
    .bind(MAX_AUTOSAVES_PER_EDITOR)
    .execute(tx)
    .await?;
    Ok(id)
}

/// Autosaves of a post, or of new posts, by this staff member, newest first.
pub async fn offered(
    db: impl SqliteExecutor<'_>,
    post_id: Option<i64>,
    staff_id: i64,
    now: Timestamp,
) -> sqlx::Result<Vec<Autosave>> {
    sqlx::query_as(
        "SELECT id, base_version, fields, saved_at FROM post_autosaves
         WHERE staff_id = ? AND post_id IS ? AND saved_at > ? ORDER BY saved_at DESC, id DESC",
    )
    .bind(staff_id)
    .bind(post_id)
    .bind((now - AUTOSAVE_TTL).to_sqlx())
    .fetch_all(db)
    .await
}

/// An autosave of this staff member for this post, or for a new one.
pub async fn find(
    db: impl SqliteExecutor<'_>,
    id: i64,
    post_id: Option<i64>,
    staff_id: i64,
) -> sqlx::Result<Option<Autosave>> {
    sqlx::query_as(
        "SELECT id, base_version, fields, saved_at FROM post_autosaves WHERE id = ? AND post_id IS ? AND staff_id = ?",
    )
    .bind(id)
    .bind(post_id)
    .bind(staff_id)
    .fetch_optional(db)
    .await
}

/// Deletes an autosave of this staff member. Returns the ID of its post; the outer `None` means that there was none.
pub async fn delete(tx: &mut SqliteConnection, id: i64, staff_id: i64) -> sqlx::Result<Option<Option<i64>>> {
    sqlx::query_scalar("DELETE FROM post_autosaves WHERE id = ? AND staff_id = ? RETURNING post_id")
        .bind(id)
        .bind(staff_id)
        .fetch_optional(tx)
        .await
}

/// Deletes autosaves after 30 days.
pub async fn delete_old(tx: &mut SqliteConnection, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM post_autosaves WHERE saved_at <= ?")
        .bind((now - AUTOSAVE_TTL).to_sqlx())
        .execute(tx)
        .await?;
    Ok(())
}
