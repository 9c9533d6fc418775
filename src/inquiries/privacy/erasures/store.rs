//! All SQL that erases inquiries and letters, and about the erasure log.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::json;
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::inquiries::privacy::store::DeletionReason;

/// One line of the erasure log.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Erasure {
    /// When.
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub at: Timestamp,
    /// A member of staff, or the clock.
    pub actor: String,
    /// Why.
    pub reason: DeletionReason,
    /// Keyed digest of the reference, address or number.
    pub subject_hash: String,
    /// How many inquiries.
    pub inquiries: i64,
    /// How many letters.
    pub emails: i64,
}

/// Writes down that something was erased, without what it was.
pub async fn record_erasure(tx: &mut SqliteConnection, erasure: &Erasure) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO erasure_log (at, actor, reason, subject_hash, inquiries, emails) VALUES (?, ?, ?, ?, ?, ?)",
    )
    .bind(erasure.at.to_sqlx())
    .bind(&erasure.actor)
    .bind(erasure.reason)
    .bind(&erasure.subject_hash)
    .bind(erasure.inquiries)
    .bind(erasure.emails)
    .execute(tx)
    .await?;
    Ok(())
}

/// How many lines the erasure log has.
pub async fn count_erasures(db: impl SqliteExecutor<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT count(*) FROM erasure_log").fetch_one(db).await
}

/// A part of the erasure log, newest first.
pub async fn erasures(db: impl SqliteExecutor<'_>, limit: i64, offset: i64) -> sqlx::Result<Vec<Erasure>> {
    sqlx::query_as(
        "SELECT at, actor, reason, subject_hash, inquiries, emails FROM erasure_log ORDER BY id DESC LIMIT ? OFFSET ?",
    )
    .bind(limit)
    .bind(offset)
    .fetch_all(db)
    .await
}

/// Every erasure of what has one of these digests, newest first.
pub async fn erasures_of(db: impl SqliteExecutor<'_>, subject_hashes: &[String]) -> sqlx::Result<Vec<Erasure>> {
    sqlx::query_as(
        "SELECT at, actor, reason, subject_hash, inquiries, emails FROM erasure_log
         WHERE subject_hash IN (SELECT value FROM json_each(?)) ORDER BY id DESC",
    )
    .bind(json!(subject_hashes).to_string())
    .fetch_all(db)
    .await
}

/// The erasure log after an instant.
pub async fn erasures_since(db: impl SqliteExecutor<'_>, after: Timestamp) -> sqlx::Result<Vec<Erasure>> {
    sqlx::query_as(
        "SELECT at, actor, reason, subject_hash, inquiries, emails FROM erasure_log WHERE at >= ? ORDER BY id",
    )
    .bind(after.to_sqlx())
    .fetch_all(db)
    .await
}

/// Deletes an inquiry with its history and its letters: those about it, and those that name it within its group of
/// inquiries answered together. Digests give references alone, and go in their own time. What was answered in it stands alone again.
/// The marks that its addresses refuse letters go with the last inquiry from there. The letters' Message-IDs.
pub async fn erase(tx: &mut SqliteConnection, id: i64) -> sqlx::Result<Vec<String>> {
    let found: Option<(String, String)> =
        sqlx::query_as("SELECT reference, email FROM inquiries WHERE id = ?").bind(id).fetch_optional(&mut *tx).await?;
    let Some((reference, email)) = found else { return Ok(vec![]) };
    let emails = sqlx::query_scalar(
        "DELETE FROM outbox WHERE id IN (
             SELECT id FROM outbox WHERE inquiry_id = ?1
             UNION ALL SELECT o.id FROM inquiries i JOIN outbox o ON o.inquiry_id = i.id
                       WHERE (i.merged_into = ?1 OR i.id = (SELECT merged_into FROM inquiries WHERE id = ?1))
                         AND instr(o.subject || ' ' || o.body_text, ?2) > 0)
         RETURNING message_id",
    )
    .bind(id)
    .bind(reference)
    .fetch_all(&mut *tx)
    .await?;
    sqlx::query("UPDATE inquiries SET merged_into = NULL, version = version + 1 WHERE merged_into = ?")
        .bind(id)
        .execute(&mut *tx)
        .await?;
    sqlx::query("DELETE FROM inquiry_events WHERE inquiry_id = ?").bind(id).execute(&mut *tx).await?;
    sqlx::query(
        "DELETE FROM bounced_addresses
         WHERE address IN (SELECT ?2 UNION ALL SELECT contact FROM previous_contacts WHERE inquiry_id = ?1)
           AND NOT EXISTS (SELECT 1 FROM inquiries
                           WHERE email = bounced_addresses.address COLLATE NOCASE AND email <> '' AND id <> ?1)",
    )
    .bind(id)
    .bind(email)
    .execute(&mut *tx)
    .await?;
    sqlx::query("DELETE FROM previous_contacts WHERE inquiry_id = ?").bind(id).execute(&mut *tx).await?;
    sqlx::query("DELETE FROM inquiries WHERE id = ?").bind(id).execute(tx).await?;
    Ok(emails)
}

/// Deletes every letter to an address except those about the `excluded` inquiries; their Message-IDs.
pub async fn erase_emails_to(tx: &mut SqliteConnection, email: &str, excluded: &[i64]) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "DELETE FROM outbox WHERE recipient = ?1 COLLATE NOCASE AND ?1 <> ''
         AND (inquiry_id IS NULL OR inquiry_id NOT IN (SELECT value FROM json_each(?2)))
         RETURNING message_id",
    )
    .bind(email)
    .bind(json!(excluded).to_string())
    .fetch_all(tx)
    .await
}

/// Deletes letters about no inquiry, such as digests, that went out before `before`, the oldest first; their
/// Message-IDs.
pub async fn delete_old_digests(tx: &mut SqliteConnection, before: Timestamp, limit: i64) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE inquiry_id IS NULL AND state = 'sent' AND sent_at < ?
                                         ORDER BY sent_at LIMIT ?)
         RETURNING message_id",
    )
    .bind(before.to_sqlx())
    .bind(limit)
    .fetch_all(tx)
    .await
}

/// Whether there is one.
pub async fn has_old_digests(db: impl SqliteExecutor<'_>, before: Timestamp) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM outbox WHERE inquiry_id IS NULL AND state = 'sent' AND sent_at < ?)",
    )
    .bind(before.to_sqlx())
    .fetch_one(db)
    .await
}

/// Forgets that the mail server of an address refused a letter.
pub async fn clear_bounce(tx: &mut SqliteConnection, email: &str) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM bounced_addresses WHERE address = ?").bind(email).execute(tx).await?;
    Ok(())
}
