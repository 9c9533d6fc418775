//! All SQL about the firm's record and the standing pages.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::site::SiteSettings;
use crate::web::ascii_digits;

/// A page that stands apart from the news, such as "About us".
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Page {
    /// Its address.
    pub slug: String,
    /// Its heading.
    pub title: String,
    /// One sentence for lists and search engines.
    pub summary: String,
    /// Markdown.
    pub body: String,
    /// Rises with every change.
    pub version: i64,
    /// When it was last changed.
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub updated_at: Timestamp,
}

/// The firm's record.
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

/// Whether there is a record yet: without one the database is new.
pub async fn exists(db: impl SqliteExecutor<'_>) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM site)").fetch_one(db).await
}

/// Writes the first record.
pub async fn create(tx: &mut SqliteConnection, record: &SiteSettings, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO site (id, name, tagline, expert_phones, business_phone, contact_time, updated_at) VALUES (1, ?, ?, ?, ?, ?, ?)")
        .bind(&record.name)
        .bind(&record.tagline)
        .bind(&record.expert_phones)
        .bind(&record.business_phone)
        .bind(&record.contact_time)
        .bind(now.to_sqlx())
        .execute(tx)
        .await?;
    Ok(())
}

/// Replaces the record, unless somebody else has changed it since `record.version`: then nothing, and false.
pub async fn replace(tx: &mut SqliteConnection, record: &SiteSettings, now: Timestamp) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "UPDATE site SET name = ?, tagline = ?, expert_phones = ?, business_phone = ?, contact_time = ?, email = ?,
                address = ?, licence_name = ?, licence_number = ?, staff_inbox = ?, mail_from = ?,
                keep_contact_months = ?, keep_apply_months = ?, keep_quarantined_days = ?, updated_at = ?,
                version = version + 1
         WHERE id = 1 AND version = ?",
    )
    .bind(&record.name)
    .bind(&record.tagline)
    .bind(&record.expert_phones)
    .bind(&record.business_phone)
    .bind(&record.contact_time)
    .bind(&record.email)
    .bind(&record.address)
    .bind(&record.licence_name)
    .bind(&record.licence_number)
    .bind(&record.staff_inbox)
    .bind(&record.mail_from)
    .bind(ascii_digits(&record.keep_contact_months))
    .bind(ascii_digits(&record.keep_apply_months))
    .bind(ascii_digits(&record.keep_quarantined_days))
    .bind(now.to_sqlx())
    .bind(record.version)
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Every standing page, by title.
pub async fn all_pages(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<Page>> {
    sqlx::query_as("SELECT slug, title, summary, body, version, updated_at FROM pages ORDER BY title")
        .fetch_all(db)
        .await
}

/// The standing page at `slug`.
pub async fn find_page(db: impl SqliteExecutor<'_>, slug: &str) -> sqlx::Result<Option<Page>> {
    sqlx::query_as("SELECT slug, title, summary, body, version, updated_at FROM pages WHERE slug = ?")
        .bind(slug)
        .fetch_optional(db)
        .await
}

/// Writes a standing page for the first time.
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
    insert_page_revision(tx, slug, "first text").await
}

/// Replaces a standing page, unless somebody else has changed it since `page.version`: then nothing, and false.
/// The text it replaces stays among the revisions.
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

/// A text that a standing page once had, as it stands in the list of them.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PageRevision {
    /// Which.
    pub version: i64,
    /// Its heading.
    pub title: String,
    /// When it was saved.
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub saved_at: Timestamp,
    /// Who saved it.
    pub saved_by: String,
}

/// Every text that a standing page ever had, newest first.
pub async fn page_revisions(db: impl SqliteExecutor<'_>, slug: &str) -> sqlx::Result<Vec<PageRevision>> {
    sqlx::query_as("SELECT version, title, saved_at, saved_by FROM page_revisions WHERE slug = ? ORDER BY version DESC")
        .bind(slug)
        .fetch_all(db)
        .await
}

/// Title, summary and body that a standing page once had.
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
