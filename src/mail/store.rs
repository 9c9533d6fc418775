//! All SQL about the outbox.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::mail::letter::Carrier;
use crate::mail::letter::TRIED_FOR;
use crate::mail::{Letter, Outgoing};

/// Queues a letter in the transaction of what it tells of: both are kept, or neither.
///
/// `message_id` is unique, in the form `token@host`; the letter keeps it for life.
pub async fn queue(tx: &mut SqliteConnection, letter: &Letter, message_id: &str, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO outbox (message_id, recipient, reply_to, in_reply_to, subject, inquiry_id, state, queued_at, next_attempt_at,
                             give_up_at, body_text, body_html)
         VALUES (?, ?, ?, ?, ?, ?, 'queued', ?, ?, ?, ?, ?)",
    )
    .bind(message_id)
    .bind(&letter.recipient)
    .bind(&letter.reply_to)
    .bind(&letter.in_reply_to)
    .bind(&letter.subject)
    .bind(letter.inquiry_id)
    .bind(now.to_sqlx())
    .bind(now.to_sqlx())
    .bind((now + TRIED_FOR).to_sqlx())
    .bind(&letter.text)
    .bind(&letter.html)
    .execute(tx)
    .await?;
    Ok(())
}

/// The letter that has waited longest among those due.
pub async fn next_due(db: impl SqliteExecutor<'_>, now: Timestamp) -> sqlx::Result<Option<Outgoing>> {
    sqlx::query_as(
        "SELECT id, message_id, recipient, reply_to, in_reply_to, subject, inquiry_id, state, sent_by, attempts, last_error, queued_at,
                next_attempt_at, give_up_at, body_text, body_html
         FROM outbox WHERE state = 'queued' AND next_attempt_at <= ? ORDER BY next_attempt_at, id LIMIT 1",
    )
    .bind(now.to_sqlx())
    .fetch_optional(db)
    .await
}

/// When the next letter is due, if any waits.
pub async fn next_due_at(db: impl SqliteExecutor<'_>) -> sqlx::Result<Option<Timestamp>> {
    let due: Option<jiff_sqlx::Timestamp> = sqlx::query_scalar(
        "SELECT next_attempt_at FROM outbox WHERE state = 'queued' ORDER BY next_attempt_at LIMIT 1",
    )
    .fetch_optional(db)
    .await?;
    Ok(due.map(jiff_sqlx::Timestamp::to_jiff))
}

/// Notes that a letter went out, and by which way.
pub async fn mark_sent(tx: &mut SqliteConnection, id: i64, by: Carrier, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE outbox SET state = 'sent', attempts = attempts + 1, last_error = NULL, sent_at = ?, sent_by = ? WHERE id = ?",
    )
    .bind(now.to_sqlx())
    .bind(by)
    .bind(id)
    .execute(tx)
    .await?;
    Ok(())
}

/// Notes that an attempt failed, and when to try again: never, where `retry_at` is `None`.
pub async fn mark_attempt(
    tx: &mut SqliteConnection,
    id: i64,
    error: &str,
    retry_at: Option<Timestamp>,
) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE outbox SET state = iif(?1 IS NULL, 'failed', 'queued'), attempts = attempts + 1, last_error = ?2,
                next_attempt_at = coalesce(?1, next_attempt_at)
         WHERE id = ?3",
    )
    .bind(retry_at.map(ToSqlx::to_sqlx))
    .bind(error)
    .bind(id)
    .execute(tx)
    .await?;
    Ok(())
}

/// Puts a letter back to the front, with five more days to try; false where a mail server has taken it already.
pub async fn send_again(tx: &mut SqliteConnection, id: i64, now: Timestamp) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "UPDATE outbox SET state = 'queued', attempts = 0, next_attempt_at = ?, give_up_at = ?
         WHERE id = ? AND (state <> 'sent' OR sent_by = 'file')",
    )
    .bind(now.to_sqlx())
    .bind((now + TRIED_FOR).to_sqlx())
    .bind(id)
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// How many letters there are.
pub async fn count(db: impl SqliteExecutor<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT count(*) FROM outbox").fetch_one(db).await
}

/// How many letters were given up.
pub async fn count_failed(db: impl SqliteExecutor<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT count(*) FROM outbox WHERE state = 'failed'").fetch_one(db).await
}

/// A part of the outbox: failed letters first, then waiting ones, then sent ones; each newest first.
pub async fn list(db: impl SqliteExecutor<'_>, limit: i64, offset: i64) -> sqlx::Result<Vec<Outgoing>> {
    sqlx::query_as(
        "SELECT id, message_id, recipient, reply_to, in_reply_to, subject, inquiry_id, state, sent_by, attempts, last_error, queued_at,
                next_attempt_at, give_up_at, '' AS body_text, '' AS body_html
         FROM outbox ORDER BY CASE state WHEN 'failed' THEN 0 WHEN 'queued' THEN 1 ELSE 2 END, id DESC LIMIT ? OFFSET ?",
    )
    .bind(limit)
    .bind(offset)
    .fetch_all(db)
    .await
}

/// The letter with this number.
pub async fn find(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Option<Outgoing>> {
    sqlx::query_as(
        "SELECT id, message_id, recipient, reply_to, in_reply_to, subject, inquiry_id, state, sent_by, attempts, last_error, queued_at,
                next_attempt_at, give_up_at, body_text, body_html
         FROM outbox WHERE id = ?",
    )
    .bind(id)
    .fetch_optional(db)
    .await
}

/// The letters about an inquiry, in the order they were queued.
pub async fn about_inquiry(db: impl SqliteExecutor<'_>, inquiry_id: i64) -> sqlx::Result<Vec<Outgoing>> {
    sqlx::query_as(
        "SELECT id, message_id, recipient, reply_to, in_reply_to, subject, inquiry_id, state, sent_by, attempts, last_error, queued_at,
                next_attempt_at, give_up_at, body_text, body_html
         FROM outbox WHERE inquiry_id = ? ORDER BY id",
    )
    .bind(inquiry_id)
    .fetch_all(db)
    .await
}
