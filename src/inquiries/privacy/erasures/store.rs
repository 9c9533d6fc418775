//! SQL that erases inquiries and e-mails, and SQL of the erasure log.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::json;
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::inquiries::privacy::store::DeletionReason;

/// Entry of the erasure log.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Erasure {
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub at: Timestamp,
    /// Staff member, or `system`.
    pub actor: String,
    pub reason: DeletionReason,
    /// Keyed hash of the reference, address or number.
    pub subject_hash: String,
    pub inquiries: i64,
    pub emails: i64,
}

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

pub async fn count_erasures(db: impl SqliteExecutor<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT count(*) FROM erasure_log").fetch_one(db).await
}

macro_rules! erasures {
    ($rest:literal) => {
        concat!("SELECT at, actor, reason, subject_hash, inquiries, emails FROM erasure_log ", $rest)
    };
}

/// One page of the erasure log, newest first.
pub async fn erasures(db: impl SqliteExecutor<'_>, limit: i64, offset: i64) -> sqlx::Result<Vec<Erasure>> {
    sqlx::query_as(erasures!("ORDER BY id DESC LIMIT ? OFFSET ?")).bind(limit).bind(offset).fetch_all(db).await
}

/// Erasures with one of these hashes, newest first.
pub async fn erasures_of(db: impl SqliteExecutor<'_>, subject_hashes: &[String]) -> sqlx::Result<Vec<Erasure>> {
    sqlx::query_as(erasures!("WHERE subject_hash IN (SELECT value FROM json_each(?)) ORDER BY id DESC"))
        .bind(json!(subject_hashes).to_string())
        .fetch_all(db)
        .await
}

/// Erasures at `after` or later, oldest first.
pub async fn erasures_since(db: impl SqliteExecutor<'_>, after: Timestamp) -> sqlx::Result<Vec<Erasure>> {
    sqlx::query_as(erasures!("WHERE at >= ? ORDER BY id")).bind(after.to_sqlx()).fetch_all(db).await
}

/// Deletes an inquiry with its history and e-mails, and returns the Message-IDs of the deleted e-mails.
///
/// Also deletes e-mails that mention it in inquiries merged with it, and the bounce flags of its addresses unless another
/// inquiry has the same address. Digests contain only references and have their own retention period. Inquiries merged
/// into it become independent.
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

/// Deletes all e-mails to an address except those about `excluded` inquiries. Returns their Message-IDs.
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

/// Deletes e-mails without an inquiry, such as digests, sent before `before`, oldest first. Returns their Message-IDs.
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

pub async fn has_old_digests(db: impl SqliteExecutor<'_>, before: Timestamp) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM outbox WHERE inquiry_id IS NULL AND state = 'sent' AND sent_at < ?)",
    )
    .bind(before.to_sqlx())
    .fetch_one(db)
    .await
}

/// Clears the bounce flag of an address.
pub async fn clear_bounce(tx: &mut SqliteConnection, email: &str) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM bounced_addresses WHERE address = ?").bind(email).execute(tx).await?;
    Ok(())
}
