//! All SQL about what an older copy of the database has to learn from a newer one.

use sqlx::{SqliteConnection, SqliteExecutor};

/// The last reference given in each year.
pub async fn reference_numbers(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<(i64, i64)>> {
    sqlx::query_as("SELECT year, last FROM inquiry_numbers").fetch_all(db).await
}

/// Sees to it that references of a year go on after `last`.
pub async fn number_from(tx: &mut SqliteConnection, year: i64, last: i64) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO inquiry_numbers (year, last) VALUES (?, ?)
         ON CONFLICT (year) DO UPDATE SET last = max(last, excluded.last)",
    )
    .bind(year)
    .bind(last)
    .execute(tx)
    .await?;
    Ok(())
}

/// What an inquiry can be known by.
#[derive(Debug, sqlx::FromRow)]
pub struct Given {
    /// Number of the row.
    pub id: i64,
    /// `IE-2026-000123`
    pub reference: String,
    /// Addresses and numbers it gives, or gave before they were corrected, one a line.
    pub contacts: String,
}

/// What the next inquiries after `after` can be known by.
pub async fn given(db: impl SqliteExecutor<'_>, after: i64, limit: i64) -> sqlx::Result<Vec<Given>> {
    sqlx::query_as(
        "SELECT id, reference, concat_ws(char(10), email, phone, phone_e164, whatsapp, whatsapp_e164,
                (SELECT group_concat(number, char(10)) FROM contact_numbers WHERE inquiry_id = id AND number LIKE '+%'),
                (SELECT group_concat(iif(e164 = '', given, e164), char(10)) FROM earlier_contacts WHERE inquiry_id = id)) AS contacts
         FROM inquiries WHERE id > ? ORDER BY id LIMIT ?",
    )
    .bind(after)
    .bind(limit)
    .fetch_all(db)
    .await
}
