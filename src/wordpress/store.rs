//! SQL of the import.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
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

/// File that was uploaded in the admin area.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct StoredExport {
    pub file_name: String,
    /// `None` once imported.
    pub content: Option<Vec<u8>>,
}

/// Stores an upload and returns its ID. Deletes uploads that were not imported within a week.
pub async fn insert_upload(
    tx: &mut SqliteConnection,
    file_name: &str,
    content: &[u8],
    by: &str,
    now: Timestamp,
) -> sqlx::Result<i64> {
    let week_ago = now - SignedDuration::from_hours(7 * 24);
    sqlx::query("DELETE FROM wordpress_uploads WHERE received_at < ?")
        .bind(week_ago.to_sqlx())
        .execute(&mut *tx)
        .await?;
    sqlx::query_scalar(
        "INSERT INTO wordpress_uploads (file_name, received_at, received_by, content) VALUES (?, ?, ?, ?) RETURNING id",
    )
    .bind(file_name)
    .bind(now.to_sqlx())
    .bind(by)
    .bind(content)
    .fetch_one(tx)
    .await
}

pub async fn find_upload(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Option<StoredExport>> {
    sqlx::query_as("SELECT file_name, content FROM wordpress_uploads WHERE id = ?").bind(id).fetch_optional(db).await
}

/// Deletes the content of an upload that was imported.
pub async fn clear_upload(tx: &mut SqliteConnection, id: i64) -> sqlx::Result<()> {
    sqlx::query("UPDATE wordpress_uploads SET content = NULL WHERE id = ?").bind(id).execute(tx).await?;
    Ok(())
}
