//! SQL of the import.

use std::collections::HashSet;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{SqliteConnection, SqliteExecutor};

/// IDs of the items of a site that were imported before and still exist.
pub async fn imported_items(db: impl SqliteExecutor<'_>, source: &str) -> sqlx::Result<HashSet<i64>> {
    let ids: Vec<i64> = sqlx::query_scalar("SELECT wordpress_id FROM wordpress_items WHERE source = ?")
        .bind(source)
        .fetch_all(db)
        .await?;
    Ok(ids.into_iter().collect())
}

/// Whether anything was imported that still exists.
pub async fn has_items(db: impl SqliteExecutor<'_>) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM wordpress_items)").fetch_one(db).await
}

/// Imported post or page.
#[derive(Clone, Copy, Debug)]
pub enum Imported {
    Post(i64),
    Page(i64),
}

/// Records an imported item. Fails if it is recorded already.
pub async fn insert_item(
    tx: &mut SqliteConnection,
    source: &str,
    wordpress_id: i64,
    imported: Imported,
    now: Timestamp,
) -> sqlx::Result<()> {
    let (post_id, page_id) = match imported {
        Imported::Post(id) => (Some(id), None),
        Imported::Page(id) => (None, Some(id)),
    };
    sqlx::query(
        "INSERT INTO wordpress_items (source, wordpress_id, post_id, page_id, imported_at) VALUES (?, ?, ?, ?, ?)",
    )
    .bind(source)
    .bind(wordpress_id)
    .bind(post_id)
    .bind(page_id)
    .bind(now.to_sqlx())
    .execute(tx)
    .await?;
    Ok(())
}

/// Adds a redirect, unless the address redirects already.
pub async fn add_redirect(tx: &mut SqliteConnection, from: &str, to: &str) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO redirects (from_path, to_path) VALUES (?, ?) ON CONFLICT DO NOTHING")
        .bind(from)
        .bind(to)
        .execute(tx)
        .await?;
    Ok(())
}

/// Target of an old address. Only public posts and pages are targets, and lists and pictures.
pub async fn find_redirect(db: impl SqliteExecutor<'_>, path: &str) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar(
        "SELECT to_path FROM redirects WHERE from_path = ?
         AND (to_path = '/news' OR to_path LIKE '/news?topic=%' OR to_path = '/news/feed.atom' OR to_path LIKE '/media/%'
              OR EXISTS (SELECT 1 FROM posts WHERE to_path = '/news/' || slug AND state = 'published' AND trashed_at IS NULL)
              OR EXISTS (SELECT 1 FROM pages WHERE to_path = '/' || slug AND state = 'published' AND trashed_at IS NULL))",
    )
    .bind(path)
    .fetch_optional(db)
    .await
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "lowercase")]
pub enum ImportState {
    /// The file waits to be read, or is being read.
    Reading,
    /// The report is ready, and the import waits for a confirmation.
    Ready,
    /// It was confirmed.
    Importing,
    Imported,
    Failed,
    Cancelled,
}

/// Import in the admin area.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Import {
    pub id: i64,
    pub file_name: String,
    pub folder: String,
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub received_at: Timestamp,
    pub received_by: String,
    pub state: ImportState,
    pub is_started: bool,
    pub interruptions: i64,
    pub notice: String,
    pub decision: String,
    pub reason: String,
    pub confirmed_by: String,
}

/// Query for [`Import`] rows; the argument continues it after `FROM wordpress_imports`.
macro_rules! select_imports {
    ($rest:literal) => {
        concat!(
            "SELECT id, file_name, folder, received_at, received_by, state, is_started, interruptions, notice, decision,
                    reason, confirmed_by FROM wordpress_imports ",
            $rest
        )
    };
}

impl Import {
    /// Whether it has not ended.
    pub fn is_open(&self) -> bool {
        matches!(self.state, ImportState::Reading | ImportState::Ready | ImportState::Importing)
    }
}

pub async fn find_import(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Option<Import>> {
    sqlx::query_as(select_imports!("WHERE id = ?")).bind(id).fetch_optional(db).await
}

/// The one import that has not ended.
pub async fn find_open(db: impl SqliteExecutor<'_>) -> sqlx::Result<Option<Import>> {
    sqlx::query_as(select_imports!("WHERE state IN ('reading', 'ready', 'importing')")).fetch_optional(db).await
}

/// Inserts an import whose file waits to be read, and returns its ID.
pub async fn insert_import(
    tx: &mut SqliteConnection,
    file_name: &str,
    folder: &str,
    by: &str,
    now: Timestamp,
) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "INSERT INTO wordpress_imports (file_name, folder, received_at, received_by, state)
         VALUES (?, ?, ?, ?, 'reading') RETURNING id",
    )
    .bind(file_name)
    .bind(folder)
    .bind(now.to_sqlx())
    .bind(by)
    .fetch_one(tx)
    .await
}

/// Records that a process has begun to read or import.
pub async fn start(tx: &mut SqliteConnection, id: i64) -> sqlx::Result<()> {
    sqlx::query("UPDATE wordpress_imports SET is_started = 1 WHERE id = ?").bind(id).execute(tx).await?;
    Ok(())
}

/// Changes the state from `from` to `to`, to be started, with a notice. False if the state was another one.
pub async fn change_state(
    tx: &mut SqliteConnection,
    id: i64,
    (from, to): (ImportState, ImportState),
    notice: &str,
) -> sqlx::Result<bool> {
    let done =
        sqlx::query("UPDATE wordpress_imports SET state = ?, is_started = 0, notice = ? WHERE id = ? AND state = ?")
            .bind(to)
            .bind(notice)
            .bind(id)
            .bind(from)
            .execute(tx)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// Confirms an import whose report is ready. False if it was not.
pub async fn confirm(
    tx: &mut SqliteConnection,
    id: i64,
    (decision, reason): (&str, &str),
    by: &str,
) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "UPDATE wordpress_imports
         SET state = 'importing', is_started = 0, notice = '', decision = ?, reason = ?, confirmed_by = ?
         WHERE id = ? AND state = 'ready'",
    )
    .bind(decision)
    .bind(reason)
    .bind(by)
    .bind(id)
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends an import that is in the state `from`, or in any state that has not ended. False if it was in another one.
pub async fn end(
    tx: &mut SqliteConnection,
    id: i64,
    (from, to): (Option<ImportState>, ImportState),
    notice: &str,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "UPDATE wordpress_imports SET state = ?, notice = ?, ended_at = ?
         WHERE id = ? AND state IN ('reading', 'ready', 'importing') AND state = coalesce(?, state)",
    )
    .bind(to)
    .bind(notice)
    .bind(now.to_sqlx())
    .bind(id)
    .bind(from)
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Counts another interruption of reading, and lets it begin again.
pub async fn add_interruption(tx: &mut SqliteConnection, id: i64, notice: &str) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE wordpress_imports SET is_started = 0, interruptions = interruptions + 1, notice = ? WHERE id = ?",
    )
    .bind(notice)
    .bind(id)
    .execute(tx)
    .await?;
    Ok(())
}

/// Imports that were received before this time and have not ended, without those that a process works on.
pub async fn abandoned(db: impl SqliteExecutor<'_>, before: Timestamp) -> sqlx::Result<Vec<Import>> {
    sqlx::query_as(select_imports!("WHERE state = 'ready' AND received_at < ?"))
        .bind(before.to_sqlx())
        .fetch_all(db)
        .await
}

/// Records a picture that was added before the posts.
pub async fn insert_pending_picture(tx: &mut SqliteConnection, media_id: i64) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO wordpress_pending_pictures (media_id) VALUES (?)").bind(media_id).execute(tx).await?;
    Ok(())
}

/// Removes the records of pictures that were added before the posts, and returns the IDs of the pictures.
pub async fn take_pending_pictures(tx: &mut SqliteConnection) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar("DELETE FROM wordpress_pending_pictures RETURNING media_id").fetch_all(tx).await
}

pub async fn has_pending_pictures(db: impl SqliteExecutor<'_>) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM wordpress_pending_pictures)").fetch_one(db).await
}
