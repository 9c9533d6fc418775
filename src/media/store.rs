//! SQL of pictures.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::json;
use sqlx::{SqliteConnection, SqliteExecutor, SqlitePool};

use crate::media::encode::ProcessedPicture;
use crate::web::{Picture, Pictures, picture_hashes};

/// A picture in the library or the trash.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct MediaItem {
    pub id: i64,
    #[sqlx(flatten)]
    pub picture: Picture,
    pub file_name: String,
    /// Suggested alternative text.
    pub alt: String,
    /// Of all files together.
    pub bytes: i64,
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub uploaded_at: Timestamp,
    pub uploaded_by: String,
    /// UTC, as text. `None` unless the picture is in the trash.
    pub trashed_at: Option<String>,
    /// Number of posts and pages that show the picture.
    pub uses: i64,
}

/// A post or page that shows a picture.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PictureUse {
    pub admin_path: String,
    pub title: String,
    /// `post`, `draft`, `post in trash` or `page`.
    pub place: String,
}

/// Number of texts that show the picture `m`, and the logo if it is the picture. Counts in the tables themselves, because
/// SQLite reads all of the view `media_uses` for each picture.
macro_rules! count_uses {
    () => {
        "((SELECT count(*) FROM post_media WHERE hash = m.hash) + (SELECT count(*) FROM page_media WHERE hash = m.hash)
          + (SELECT count(*) FROM site WHERE substr(logo, 8, 16) = m.hash))"
    };
}

/// Query for [`MediaItem`] rows; the argument continues it after `FROM media m`.
macro_rules! select_items {
    ($($rest:tt)*) => {
        concat!(
            "SELECT id, hash, width, height, file_name, alt, bytes, uploaded_at, uploaded_by, trashed_at, ",
            count_uses!(),
            " AS uses FROM media m ",
            $($rest)*
        )
    };
}

/// Condition of the library for `?1`, the words to search for, and `?2`, whether only unused pictures are listed.
macro_rules! in_library {
    () => {
        concat!(
            "trashed_at IS NULL
             AND (?1 = '' OR instr(lower(file_name), ?1) > 0 OR instr(lower(alt), ?1) > 0 OR hash = ?1)
             AND (NOT ?2 OR 0 = ",
            count_uses!(),
            ")"
        )
    };
}

const COUNT_LIBRARY: &str = concat!("SELECT count(*) FROM media m WHERE ", in_library!());
const LIBRARY: &str = select_items!("WHERE ", in_library!(), " ORDER BY id DESC LIMIT ?3 OFFSET ?4");

const USES: &str = "SELECT admin_path, title, place FROM media_uses WHERE hash = ? ORDER BY place, title";

/// Which pictures of the library to list.
#[derive(Clone, Debug, Default)]
pub struct LibraryFilter {
    /// Part of a file name or an alternative text, in lower case, or empty.
    pub words: String,
    pub only_unused: bool,
}

pub async fn count_library(db: impl SqliteExecutor<'_>, filter: &LibraryFilter) -> sqlx::Result<i64> {
    sqlx::query_scalar(COUNT_LIBRARY).bind(&filter.words).bind(filter.only_unused).fetch_one(db).await
}

/// Pictures of the library, newest first.
pub async fn library(
    db: impl SqliteExecutor<'_>,
    filter: &LibraryFilter,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<MediaItem>> {
    sqlx::query_as(LIBRARY).bind(&filter.words).bind(filter.only_unused).bind(limit).bind(offset).fetch_all(db).await
}

/// Newest pictures of the library whose file name or alternative text contains `words`.
pub async fn find_pictures(db: impl SqliteExecutor<'_>, words: &str, limit: i64) -> sqlx::Result<Vec<MediaItem>> {
    library(db, &LibraryFilter { words: words.to_ascii_lowercase(), only_unused: false }, limit, 0).await
}

pub async fn count_trashed(db: impl SqliteExecutor<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT count(*) FROM media WHERE trashed_at IS NOT NULL").fetch_one(db).await
}

/// Pictures in the trash, most recently deleted first.
pub async fn trashed(db: impl SqliteExecutor<'_>, limit: i64, offset: i64) -> sqlx::Result<Vec<MediaItem>> {
    sqlx::query_as(select_items!("WHERE trashed_at IS NOT NULL ORDER BY trashed_at DESC, id DESC LIMIT ? OFFSET ?"))
        .bind(limit)
        .bind(offset)
        .fetch_all(db)
        .await
}

pub async fn find(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Option<MediaItem>> {
    sqlx::query_as(select_items!("WHERE id = ?")).bind(id).fetch_optional(db).await
}

/// Posts and pages that show a picture.
pub async fn uses(db: impl SqliteExecutor<'_>, hash: &str) -> sqlx::Result<Vec<PictureUse>> {
    sqlx::query_as(USES).bind(hash).fetch_all(db).await
}

/// The stored pictures whose addresses are in the texts. Texts without pictures need no query.
pub async fn pictures_in(db: &SqlitePool, texts: &[&str]) -> sqlx::Result<Pictures> {
    let hashes: BTreeSet<&str> = texts.iter().flat_map(|text| picture_hashes(text)).collect();
    if hashes.is_empty() {
        return Ok(Pictures::default());
    }
    let found: Vec<Picture> = sqlx::query_as(
        "SELECT hash, width, height FROM media
         WHERE hash IN (SELECT value FROM json_each(?)) AND trashed_at IS NULL",
    )
    .bind(json!(hashes).to_string())
    .fetch_all(db)
    .await?;
    Ok(Pictures::new(found))
}

/// Addresses and file names of the newest pictures, for a list of suggestions.
pub async fn newest_addresses(db: impl SqliteExecutor<'_>, limit: i64) -> sqlx::Result<Vec<(String, String)>> {
    sqlx::query_as(
        "SELECT '/media/' || hash || '-' || width || '.jpg', file_name FROM media
         WHERE trashed_at IS NULL ORDER BY id DESC LIMIT ?",
    )
    .bind(limit)
    .fetch_all(db)
    .await
}

/// Content of a file of a picture that is not in the trash.
pub async fn find_file(
    db: impl SqliteExecutor<'_>,
    hash: &str,
    width: u32,
    format: &str,
) -> sqlx::Result<Option<Vec<u8>>> {
    sqlx::query_scalar(
        "SELECT content FROM media_files f JOIN media m ON m.id = f.media_id
         WHERE m.hash = ? AND f.width = ? AND f.format = ? AND m.trashed_at IS NULL",
    )
    .bind(hash)
    .bind(width)
    .bind(format)
    .fetch_optional(db)
    .await
}

/// The smallest JPEG of a picture, also of one in the trash.
pub async fn smallest_jpeg(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Option<Vec<u8>>> {
    sqlx::query_scalar("SELECT content FROM media_files WHERE media_id = ? AND format = 'jpg' ORDER BY width LIMIT 1")
        .bind(id)
        .fetch_optional(db)
        .await
}

/// What became of an uploaded picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddResult {
    Added(i64),
    /// The same picture was in the library already.
    Duplicate(i64),
    /// The same picture was in the trash.
    Restored(i64),
}

/// Stores a picture with its files, unless it is stored already.
pub async fn add(
    tx: &mut SqliteConnection,
    processed: &ProcessedPicture,
    file_name: &str,
    by: &str,
    now: Timestamp,
) -> sqlx::Result<AddResult> {
    let Picture { hash, width, height } = &processed.picture;
    let known: Option<(i64, bool)> = sqlx::query_as("SELECT id, trashed_at IS NOT NULL FROM media WHERE hash = ?")
        .bind(hash)
        .fetch_optional(&mut *tx)
        .await?;
    match known {
        Some((id, false)) => return Ok(AddResult::Duplicate(id)),
        Some((id, true)) => {
            restore(tx, id).await?;
            return Ok(AddResult::Restored(id));
        }
        None => {}
    }
    let bytes: usize = processed.files.iter().map(|file| file.content.len()).sum();
    let id: i64 = sqlx::query_scalar(
        "INSERT INTO media (hash, file_name, width, height, bytes, uploaded_at, uploaded_by)
         VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
    )
    .bind(hash)
    .bind(file_name)
    .bind(width)
    .bind(height)
    .bind(i64::try_from(bytes).unwrap_or(i64::MAX))
    .bind(now.to_sqlx())
    .bind(by)
    .fetch_one(&mut *tx)
    .await?;
    for file in &processed.files {
        sqlx::query("INSERT INTO media_files (media_id, width, format, content) VALUES (?, ?, ?, ?)")
            .bind(id)
            .bind(file.width)
            .bind(file.format)
            .bind(&file.content)
            .execute(&mut *tx)
            .await?;
    }
    Ok(AddResult::Added(id))
}

pub async fn set_alt(tx: &mut SqliteConnection, id: i64, alt: &str) -> sqlx::Result<()> {
    sqlx::query("UPDATE media SET alt = ? WHERE id = ?").bind(alt).bind(id).execute(tx).await?;
    Ok(())
}

/// Moves a picture to the trash; `false` if it is used.
pub async fn trash(tx: &mut SqliteConnection, id: i64, now: Timestamp) -> sqlx::Result<bool> {
    let done = sqlx::query(concat!(
        "UPDATE media AS m SET trashed_at = coalesce(trashed_at, ?) WHERE id = ? AND 0 = ",
        count_uses!()
    ))
    .bind(now.to_sqlx())
    .bind(id)
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub async fn restore(tx: &mut SqliteConnection, id: i64) -> sqlx::Result<()> {
    sqlx::query("UPDATE media SET trashed_at = NULL WHERE id = ?").bind(id).execute(tx).await?;
    Ok(())
}

pub async fn has_picture(db: impl SqliteExecutor<'_>, hash: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM media WHERE hash = ?)").bind(hash).fetch_one(db).await
}

/// Takes a picture out of the trash if it is there. False if there is no such picture.
pub async fn restore_picture(tx: &mut SqliteConnection, hash: &str) -> sqlx::Result<bool> {
    let is_trashed: Option<bool> = sqlx::query_scalar("SELECT trashed_at IS NOT NULL FROM media WHERE hash = ?")
        .bind(hash)
        .fetch_optional(&mut *tx)
        .await?;
    if is_trashed == Some(true) {
        sqlx::query("UPDATE media SET trashed_at = NULL WHERE hash = ?").bind(hash).execute(tx).await?;
    }
    Ok(is_trashed.is_some())
}

/// Deletes those of the pictures that no text uses.
pub async fn delete_unused_pictures(tx: &mut SqliteConnection, ids: &[i64]) -> sqlx::Result<()> {
    sqlx::query(
        "DELETE FROM media AS m
         WHERE id IN (SELECT value FROM json_each(?)) AND NOT EXISTS (SELECT 1 FROM media_uses u WHERE u.hash = m.hash)",
    )
    .bind(json!(ids).to_string())
    .execute(tx)
    .await?;
    Ok(())
}

pub async fn count_trashed_before(db: impl SqliteExecutor<'_>, before: Timestamp) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT count(*) FROM media WHERE trashed_at <= ?").bind(before.to_sqlx()).fetch_one(db).await
}

/// Deletes the pictures that were moved to the trash before this time, unless a text uses them again.
pub async fn purge_trashed_before(tx: &mut SqliteConnection, before: Timestamp) -> sqlx::Result<()> {
    sqlx::query(concat!("DELETE FROM media AS m WHERE trashed_at <= ? AND 0 = ", count_uses!()))
        .bind(before.to_sqlx())
        .execute(tx)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::QueryPlan;

    #[tokio::test]
    async fn uses_of_pictures_are_found_without_reading_all_posts() {
        for sql in [LIBRARY, COUNT_LIBRARY, USES] {
            let plan = QueryPlan::explain(sql).await;
            assert!(!plan.scans("posts") && !plan.scans("post_media") && !plan.scans("page_media"), "{plan:?}");
            // The names of the tables in the view.
            assert!(sql != USES || !plan.scans("m"), "{plan:?}");
        }
        let plan = QueryPlan::explain(LIBRARY).await;
        assert!(!plan.sorts(), "{plan:?}");
    }
}
