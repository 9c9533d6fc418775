//! SQL of pages.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::json;
use sqlx::types::Json;
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::pages::page::{Page, PageRevision};
use crate::pages::page_form::PageForm;
use crate::posts::{HistoryEntry, add_redirect};
use crate::web::picture_hashes;

/// Query for [`Page`] rows; the argument continues it after `FROM pages`.
macro_rules! select_pages {
    ($rest:literal) => {
        concat!(
            "SELECT id, slug, title, menu_label, summary, body, placement, state, trashed_at IS NOT NULL AS trashed, ",
            "published_at IS NOT NULL AS was_published, version, updated_at FROM pages ",
            $rest
        )
    };
}

/// Pages outside the trash, in their order.
pub async fn all(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<Page>> {
    sqlx::query_as(select_pages!("WHERE trashed_at IS NULL ORDER BY list_order, id")).fetch_all(db).await
}

/// Pages in the trash with the time when they were moved there (UTC, as text), newest first.
pub async fn trashed(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<(i64, String, String)>> {
    sqlx::query_as("SELECT id, title, trashed_at FROM pages WHERE trashed_at IS NOT NULL ORDER BY trashed_at DESC, id")
        .fetch_all(db)
        .await
}

/// Public pages, in their order.
pub async fn all_public(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<Page>> {
    sqlx::query_as(select_pages!("WHERE state = 'published' AND trashed_at IS NULL ORDER BY list_order, id"))
        .fetch_all(db)
        .await
}

/// Slugs of the public pages.
pub async fn public_slugs(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "SELECT slug FROM pages WHERE state = 'published' AND trashed_at IS NULL ORDER BY list_order, id",
    )
    .fetch_all(db)
    .await
}

/// The page with this ID, in any state.
pub async fn find(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Option<Page>> {
    sqlx::query_as(select_pages!("WHERE id = ?")).bind(id).fetch_optional(db).await
}

pub async fn find_public(db: impl SqliteExecutor<'_>, slug: &str) -> sqlx::Result<Option<Page>> {
    sqlx::query_as(select_pages!("WHERE slug = ? AND state = 'published' AND trashed_at IS NULL"))
        .bind(slug)
        .fetch_optional(db)
        .await
}

/// Target of an old address, if it is a public page.
pub async fn find_redirect(db: impl SqliteExecutor<'_>, slug: &str) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar(
        "SELECT to_path FROM redirects JOIN pages ON to_path = '/' || slug
         WHERE from_path = '/' || ? AND state = 'published' AND trashed_at IS NULL",
    )
    .bind(slug)
    .fetch_optional(db)
    .await
}

/// Title of the other page that has this slug, and whether it is in the trash.
pub async fn slug_owner(
    db: impl SqliteExecutor<'_>,
    slug: &str,
    except_id: i64,
) -> sqlx::Result<Option<(String, bool)>> {
    sqlx::query_as("SELECT title, trashed_at IS NOT NULL FROM pages WHERE slug = ? AND id <> ?")
        .bind(slug)
        .bind(except_id)
        .fetch_optional(db)
        .await
}

/// Inserts a page after the others, with its first revision, and returns its ID.
pub async fn create(
    tx: &mut SqliteConnection,
    form: &PageForm,
    slug: &str,
    by: &str,
    now: Timestamp,
) -> sqlx::Result<i64> {
    let id = sqlx::query_scalar(
        "INSERT INTO pages (slug, title, menu_label, summary, body, placement, state, published_at, list_order, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, iif(?7, 'published', 'draft'), iif(?7, ?8, NULL),
                 (SELECT coalesce(max(list_order), 0) + 1 FROM pages), ?8)
         RETURNING id",
    )
    .bind(slug)
    .bind(&form.text.title)
    .bind(&form.menu_label)
    .bind(&form.text.summary)
    .bind(&form.text.body)
    .bind(form.place())
    .bind(form.publishes())
    .bind(now.to_sqlx())
    .fetch_one(&mut *tx)
    .await?;
    set_pictures(tx, slug, &form.text.body).await?;
    insert_revision(tx, id, by, None).await?;
    Ok(id)
}

/// Updates a page and adds a revision, or returns `false` if another request changed the page first.
///
/// `restored_from` is the version whose text is restored, if any.
///
/// If the slug of a page that was public changes, the old address redirects to the new one.
pub async fn update(
    tx: &mut SqliteConnection,
    page: &Page,
    form: &PageForm,
    slug: &str,
    by: &str,
    restored_from: Option<i64>,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let result = sqlx::query(
        "UPDATE pages SET slug = ?1, title = ?2, menu_label = ?3, summary = ?4, body = ?5, placement = ?6,
                state = iif(?7, 'published', state), published_at = coalesce(published_at, iif(?7, ?8, NULL)),
                updated_at = ?8, version = version + 1
         WHERE id = ?9 AND version = ?10 AND state = ?11 AND trashed_at IS NULL",
    )
    .bind(slug)
    .bind(&form.text.title)
    .bind(&form.menu_label)
    .bind(&form.text.summary)
    .bind(&form.text.body)
    .bind(form.place())
    .bind(form.publishes())
    .bind(now.to_sqlx())
    .bind(page.id)
    .bind(form.text.version.parse::<i64>().unwrap_or_default())
    .bind(page.state)
    .execute(&mut *tx)
    .await?;
    if result.rows_affected() == 0 {
        return Ok(false);
    }
    set_pictures(tx, slug, &form.text.body).await?;
    insert_revision(tx, page.id, by, restored_from).await?;
    if page.slug != slug && page.was_published {
        add_redirect(tx, &format!("/{}", page.slug), &format!("/{slug}")).await?;
    }
    Ok(true)
}

/// Records the pictures in the text of a page.
async fn set_pictures(tx: &mut SqliteConnection, slug: &str, body: &str) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM page_media WHERE slug = ?").bind(slug).execute(&mut *tx).await?;
    sqlx::query("INSERT INTO page_media (hash, slug) SELECT value, ? FROM json_each(?)")
        .bind(slug)
        .bind(json!(picture_hashes(body)).to_string())
        .execute(tx)
        .await?;
    Ok(())
}

async fn insert_revision(tx: &mut SqliteConnection, id: i64, by: &str, restored_from: Option<i64>) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO page_revisions (page_id, version, saved_at, saved_by, restored_from, title, slug, menu_label, summary, body)
         SELECT id, version, updated_at, ?, ?, title, slug, menu_label, summary, body FROM pages WHERE id = ?",
    )
    .bind(by)
    .bind(restored_from)
    .bind(id)
    .execute(tx)
    .await?;
    Ok(())
}

pub async fn unpublish(tx: &mut SqliteConnection, id: i64) -> sqlx::Result<()> {
    sqlx::query("UPDATE pages SET state = 'draft' WHERE id = ?").bind(id).execute(tx).await?;
    Ok(())
}

/// Moves a page to the trash. Restored pages are drafts.
pub async fn trash(tx: &mut SqliteConnection, id: i64, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query("UPDATE pages SET state = 'draft', trashed_at = coalesce(trashed_at, ?) WHERE id = ?")
        .bind(now.to_sqlx())
        .bind(id)
        .execute(tx)
        .await?;
    Ok(())
}

pub async fn restore(tx: &mut SqliteConnection, id: i64) -> sqlx::Result<()> {
    sqlx::query("UPDATE pages SET trashed_at = NULL WHERE id = ?").bind(id).execute(tx).await?;
    Ok(())
}

/// Deletes the pages that were moved to the trash before this time, with their versions.
pub async fn purge_trashed_before(tx: &mut SqliteConnection, before: Timestamp) -> sqlx::Result<()> {
    // Otherwise the old addresses would lead to a later page with the same slug.
    for delete in [
        "DELETE FROM redirects WHERE to_path IN (SELECT '/' || slug FROM pages WHERE trashed_at <= ?)",
        "DELETE FROM pages WHERE trashed_at <= ?",
    ] {
        sqlx::query(delete).bind(before.to_sqlx()).execute(&mut *tx).await?;
    }
    Ok(())
}

/// Titles of the pages that were moved to the trash before this time.
pub async fn titles_trashed_before(db: impl SqliteExecutor<'_>, before: Timestamp) -> sqlx::Result<Vec<String>> {
    let titles = sqlx::query_scalar("SELECT title FROM pages WHERE trashed_at <= ? ORDER BY id");
    titles.bind(before.to_sqlx()).fetch_all(db).await
}

/// Stores the order of the pages with these IDs.
pub async fn set_order(tx: &mut SqliteConnection, ids: &[i64]) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE pages SET list_order = o.key + 1 FROM json_each(?) o WHERE o.value = pages.id AND list_order <> o.key + 1",
    )
    .bind(json!(ids).to_string())
    .execute(tx)
    .await?;
    Ok(())
}

/// Numbers of other public pages in the menu and in the footer.
pub async fn count_placed(db: impl SqliteExecutor<'_>, except_id: i64) -> sqlx::Result<(i64, i64)> {
    sqlx::query_as(
        "SELECT count(*) FILTER (WHERE placement IN ('menu', 'menu_and_footer')),
                count(*) FILTER (WHERE placement IN ('footer', 'menu_and_footer'))
         FROM pages WHERE state = 'published' AND trashed_at IS NULL AND id <> ?",
    )
    .bind(except_id)
    .fetch_one(db)
    .await
}

/// Version history, newest first.
pub async fn revisions(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Vec<HistoryEntry>> {
    sqlx::query_as(
        "SELECT version, saved_at, saved_by, title, restored_from, coalesce(length(body) - lag(length(body)) OVER w, 0) AS growth,
                CASE WHEN lag(version) OVER w IS NOT NULL THEN rtrim(
                    iif(title <> lag(title) OVER w, 'Title, ', '') || iif(summary <> lag(summary) OVER w, 'Summary, ', '') ||
                    iif(body <> lag(body) OVER w, 'Text, ', '') ||
                    iif(menu_label <> lag(menu_label) OVER w, 'Menu label, ', '') ||
                    iif(slug <> lag(slug) OVER w, 'URL slug, ', ''), ', ') END AS changed_fields
         FROM page_revisions WHERE page_id = ? WINDOW w AS (ORDER BY version) ORDER BY version DESC",
    )
    .bind(id)
    .fetch_all(db)
    .await
}

pub async fn revision(db: impl SqliteExecutor<'_>, id: i64, version: i64) -> sqlx::Result<Option<PageRevision>> {
    sqlx::query_as(
        "SELECT version, saved_at, saved_by, title, slug, menu_label, summary, body FROM page_revisions
         WHERE page_id = ? AND version = ?",
    )
    .bind(id)
    .bind(version)
    .fetch_optional(db)
    .await
}

/// The newest version before this one.
pub async fn previous_revision(
    db: impl SqliteExecutor<'_>,
    id: i64,
    version: i64,
) -> sqlx::Result<Option<PageRevision>> {
    sqlx::query_as(
        "SELECT version, saved_at, saved_by, title, slug, menu_label, summary, body FROM page_revisions
         WHERE page_id = ? AND version < ? ORDER BY version DESC LIMIT 1",
    )
    .bind(id)
    .bind(version)
    .fetch_optional(db)
    .await
}

/// Keys of the findings that staff decided to keep, with a reason, when publishing this page.
pub async fn accepted_findings(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar("SELECT finding FROM page_accepted_findings WHERE page_id = ?").bind(id).fetch_all(db).await
}

/// Records which findings were accepted on publication, and why.
pub async fn accept_findings(
    tx: &mut SqliteConnection,
    id: i64,
    findings: &[&str],
    reason: &str,
    by: &str,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO page_accepted_findings (page_id, finding, reason, accepted_by, accepted_at)
         SELECT ?, value, ?, ?, ? FROM json_each(?) WHERE true ON CONFLICT DO NOTHING",
    )
    .bind(id)
    .bind(reason)
    .bind(by)
    .bind(now.to_sqlx())
    .bind(json!(findings).to_string())
    .execute(tx)
    .await?;
    Ok(())
}

/// What the set-up checklist needs to know about pages.
#[derive(Clone, Debug)]
pub struct SetupState {
    /// IDs and slugs of pages whose text is still that of a new site.
    pub samples: Vec<(i64, String)>,
    /// Whether staff have published a page of their own.
    pub has_own_page: bool,
}

pub async fn setup_state(db: impl SqliteExecutor<'_>) -> sqlx::Result<SetupState> {
    let (samples, has_own_page): (Json<Vec<(i64, String)>>, bool) = sqlx::query_as(
        "SELECT (SELECT json_group_array(json_array(p.id, p.slug)) FROM pages p
                 JOIN page_revisions r ON r.page_id = p.id AND r.version = p.version
                 WHERE r.saved_by = 'initial' AND p.version = 1 AND p.trashed_at IS NULL),
                EXISTS (SELECT 1 FROM pages WHERE state = 'published' AND trashed_at IS NULL
                        AND slug NOT IN ('about', 'privacy'))",
    )
    .fetch_one(db)
    .await?;
    Ok(SetupState { samples: samples.0, has_own_page })
}
