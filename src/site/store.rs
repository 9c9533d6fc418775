//! SQL of company settings and pages.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::json;
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::site::SiteSettings;
use crate::web::{ascii_digits, picture_hashes};

/// Page that staff edit, such as "About us".
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Page {
    pub slug: String,
    pub title: String,
    /// One sentence for lists and search engines.
    pub summary: String,
    /// Markdown.
    pub body: String,
    /// Increases with every change.
    pub version: i64,
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub updated_at: Timestamp,
}

pub async fn find(db: impl SqliteExecutor<'_>) -> sqlx::Result<SiteSettings> {
    sqlx::query_as(
        "SELECT name, tagline, expert_phones, business_phone, contact_time, email, address, licence_name,
                licence_number, staff_inbox, mail_from, CAST(keep_contact_months AS TEXT) AS keep_contact_months,
                CAST(keep_apply_months AS TEXT) AS keep_apply_months,
                CAST(keep_quarantined_days AS TEXT) AS keep_quarantined_days, uuid, version
         FROM site WHERE id = 1",
    )
    .fetch_one(db)
    .await
}

/// Whether there are settings; a new database has none.
pub async fn exists(db: impl SqliteExecutor<'_>) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM site)").fetch_one(db).await
}

pub async fn create(tx: &mut SqliteConnection, settings: &SiteSettings, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO site (id, name, tagline, expert_phones, business_phone, contact_time, updated_at) VALUES (1, ?, ?, ?, ?, ?, ?)")
        .bind(&settings.name)
        .bind(&settings.tagline)
        .bind(&settings.expert_phones)
        .bind(&settings.business_phone)
        .bind(&settings.contact_time)
        .bind(now.to_sqlx())
        .execute(tx)
        .await?;
    Ok(())
}

/// Replaces the settings; `false` if they have changed since `settings.version`.
pub async fn replace(tx: &mut SqliteConnection, settings: &SiteSettings, now: Timestamp) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "UPDATE site SET name = ?, tagline = ?, expert_phones = ?, business_phone = ?, contact_time = ?, email = ?,
                address = ?, licence_name = ?, licence_number = ?, staff_inbox = ?, mail_from = ?,
                keep_contact_months = ?, keep_apply_months = ?, keep_quarantined_days = ?, updated_at = ?,
                version = version + 1
         WHERE id = 1 AND version = ?",
    )
    .bind(&settings.name)
    .bind(&settings.tagline)
    .bind(&settings.expert_phones)
    .bind(&settings.business_phone)
    .bind(&settings.contact_time)
    .bind(&settings.email)
    .bind(&settings.address)
    .bind(&settings.licence_name)
    .bind(&settings.licence_number)
    .bind(&settings.staff_inbox)
    .bind(&settings.mail_from)
    .bind(ascii_digits(&settings.keep_contact_months))
    .bind(ascii_digits(&settings.keep_apply_months))
    .bind(ascii_digits(&settings.keep_quarantined_days))
    .bind(now.to_sqlx())
    .bind(settings.version)
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// All pages, by title.
pub async fn all_pages(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<Page>> {
    sqlx::query_as("SELECT * FROM pages ORDER BY title").fetch_all(db).await
}

pub async fn find_page(db: impl SqliteExecutor<'_>, slug: &str) -> sqlx::Result<Option<Page>> {
    sqlx::query_as("SELECT * FROM pages WHERE slug = ?").bind(slug).fetch_optional(db).await
}

pub async fn create_page(
    tx: &mut SqliteConnection,
    slug: &str,
    title: &str,
    summary: &str,
    body: &str,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO pages (slug, title, summary, body, updated_at) VALUES (?, ?, ?, ?, ?)")
        .bind(slug)
        .bind(title)
        .bind(summary)
        .bind(body)
        .bind(now.to_sqlx())
        .execute(&mut *tx)
        .await?;
    set_page_pictures(tx, slug, body).await?;
    insert_page_revision(tx, slug, "initial").await
}

/// Records the pictures in the text of a page.
async fn set_page_pictures(tx: &mut SqliteConnection, slug: &str, body: &str) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM page_media WHERE slug = ?").bind(slug).execute(&mut *tx).await?;
    sqlx::query("INSERT INTO page_media (hash, slug) SELECT value, ? FROM json_each(?)")
        .bind(slug)
        .bind(json!(picture_hashes(body)).to_string())
        .execute(tx)
        .await?;
    Ok(())
}

/// Replaces a page and adds a revision; `false` if the page has changed since `page.version`.
pub async fn replace_page(tx: &mut SqliteConnection, page: &Page, by: &str) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "UPDATE pages SET title = ?, summary = ?, body = ?, updated_at = ?, version = version + 1
         WHERE slug = ? AND version = ?",
    )
    .bind(&page.title)
    .bind(&page.summary)
    .bind(&page.body)
    .bind(page.updated_at.to_sqlx())
    .bind(&page.slug)
    .bind(page.version)
    .execute(&mut *tx)
    .await?;
    if done.rows_affected() == 1 {
        set_page_pictures(tx, &page.slug, &page.body).await?;
        insert_page_revision(tx, &page.slug, by).await?;
    }
    Ok(done.rows_affected() == 1)
}

async fn insert_page_revision(tx: &mut SqliteConnection, slug: &str, by: &str) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO page_revisions (slug, version, saved_at, saved_by, title, summary, body)
         SELECT slug, version, updated_at, ?, title, summary, body FROM pages WHERE slug = ?",
    )
    .bind(by)
    .bind(slug)
    .execute(tx)
    .await?;
    Ok(())
}

/// Entry in the version history of a page.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PageRevision {
    pub version: i64,
    pub title: String,
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub saved_at: Timestamp,
    pub saved_by: String,
}

/// Version history of a page, newest first.
pub async fn page_revisions(db: impl SqliteExecutor<'_>, slug: &str) -> sqlx::Result<Vec<PageRevision>> {
    sqlx::query_as("SELECT version, title, saved_at, saved_by FROM page_revisions WHERE slug = ? ORDER BY version DESC")
        .bind(slug)
        .fetch_all(db)
        .await
}

/// Title, summary and body of an earlier version.
pub async fn page_revision(
    db: impl SqliteExecutor<'_>,
    slug: &str,
    version: i64,
) -> sqlx::Result<Option<(String, String, String)>> {
    sqlx::query_as("SELECT title, summary, body FROM page_revisions WHERE slug = ? AND version = ?")
        .bind(slug)
        .bind(version)
        .fetch_optional(db)
        .await
}
