//! All SQL about addresses that refuse e-mail.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::web::DisplayTime;

/// An address that takes no letter at all.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct BouncedAddress {
    /// As a letter was sent to it.
    pub address: String,
    /// Since when.
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub since: Timestamp,
    /// What its mail server said last.
    pub reason: String,
}

impl BouncedAddress {
    /// Since when, for the admin area.
    pub fn since(&self) -> DisplayTime {
        DisplayTime::in_office(self.since)
    }
}

/// Marks an address whose mail server refuses it for good.
pub async fn mark_bounced(tx: &mut SqliteConnection, address: &str, reason: &str, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO bounced_addresses (address, since, reason) VALUES (?, ?, ?)
         ON CONFLICT (address) DO UPDATE SET reason = excluded.reason",
    )
    .bind(address)
    .bind(now.to_sqlx())
    .bind(reason)
    .execute(tx)
    .await?;
    Ok(())
}

/// Takes the mark from an address; false where it had none.
pub async fn clear_bounce(tx: &mut SqliteConnection, address: &str) -> sqlx::Result<bool> {
    let done = sqlx::query("DELETE FROM bounced_addresses WHERE address = ?").bind(address).execute(tx).await?;
    Ok(done.rows_affected() == 1)
}

/// The mark of an address, in capitals or not, if it has one.
pub async fn find_bounce(db: impl SqliteExecutor<'_>, address: &str) -> sqlx::Result<Option<BouncedAddress>> {
    sqlx::query_as("SELECT address, since, reason FROM bounced_addresses WHERE address = ?")
        .bind(address)
        .fetch_optional(db)
        .await
}

/// The addresses marked last.
pub async fn list_bounced(db: impl SqliteExecutor<'_>, limit: i64) -> sqlx::Result<Vec<BouncedAddress>> {
    sqlx::query_as("SELECT address, since, reason FROM bounced_addresses ORDER BY since DESC, address LIMIT ?")
        .bind(limit)
        .fetch_all(db)
        .await
}
