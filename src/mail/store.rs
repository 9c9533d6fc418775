//! All SQL about the outbox.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::{Value, json};
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::clock::AHEAD;
use crate::mail::letter::Carrier;
use crate::mail::letter::TRIED_FOR;
use crate::mail::{Addressed, Letter, Outgoing, Standing};
use crate::web::Instant;

/// Queues a letter in the transaction of what it tells of: both are kept, or neither.
///
/// `message_id` is unique, in the form `token@host`; the letter keeps it for life.
pub async fn queue(tx: &mut SqliteConnection, letter: &Letter, message_id: &str, now: Timestamp) -> sqlx::Result<()> {
    queue_all(tx, &[Addressed { message_id: message_id.to_owned(), letter: letter.clone() }], now).await
}

/// Queues letters in the transaction of what they tell of, in their order.
pub async fn queue_all(tx: &mut SqliteConnection, letters: &[Addressed], now: Timestamp) -> sqlx::Result<()> {
    let letters: Vec<Value> = letters.iter().map(row).collect();
    sqlx::query(
        "INSERT INTO outbox (message_id, recipient, reply_to, in_reply_to, subject, inquiry_id, state, queued_at, next_attempt_at,
                             give_up_at, body_text, body_html)
         WITH new (letter) AS MATERIALIZED (SELECT value FROM json_each(?1))
         SELECT letter->>'message_id', letter->>'recipient', letter->>'reply_to', letter->>'in_reply_to',
                letter->>'subject', letter->>'inquiry_id', 'queued', ?2, ?2, ?3, letter->>'text', letter->>'html'
         FROM new",
    )
    .bind(Value::from(letters).to_string())
    .bind(now.to_sqlx())
    .bind((now + TRIED_FOR).to_sqlx())
    .execute(tx)
    .await?;
    Ok(())
}

fn row(letter: &Addressed) -> Value {
    let Addressed { message_id, letter } = letter;
    json!({
        "message_id": message_id, "recipient": letter.recipient, "reply_to": letter.reply_to,
        "in_reply_to": letter.in_reply_to, "subject": letter.subject, "inquiry_id": letter.inquiry_id,
        "text": letter.text, "html": letter.html,
    })
}

/// The letter that has waited longest among those due. One whose time is further ahead than any pause was put off by a
/// clock that was wrong, and is due as well.
pub async fn next_due(db: impl SqliteExecutor<'_>, now: Timestamp) -> sqlx::Result<Option<Outgoing>> {
    sqlx::query_as(
        "SELECT id, message_id, recipient, reply_to, in_reply_to, subject, inquiry_id, state, sent_by, attempts, last_error, queued_at,
                next_attempt_at, give_up_at, body_text, body_html
         FROM outbox INDEXED BY outbox_due WHERE state = 'queued' AND (next_attempt_at <= ? OR next_attempt_at > ?)
         ORDER BY next_attempt_at, id LIMIT 1",
    )
    .bind(now.to_sqlx())
    .bind((now + AHEAD).to_sqlx())
    .fetch_optional(db)
    .await
}

/// When the next letter is due, if any waits.
pub async fn next_due_at(db: impl SqliteExecutor<'_>, now: Timestamp) -> sqlx::Result<Option<Timestamp>> {
    let due: Option<jiff_sqlx::Timestamp> = sqlx::query_scalar(
        "SELECT iif(EXISTS (SELECT 1 FROM outbox INDEXED BY outbox_due WHERE state = 'queued' AND next_attempt_at > ?2), ?1,
                    (SELECT min(next_attempt_at) FROM outbox INDEXED BY outbox_due WHERE state = 'queued'))",
    )
    .bind(now.to_sqlx())
    .bind((now + AHEAD).to_sqlx())
    .fetch_one(db)
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

/// Notes that an attempt failed, and when to try again: never, where `retry_at` is `None`. A letter that was put back to
/// the front in the meantime stays there. One that has gone out stays so: the attempt of a sender that was thought
/// dead may fail after another's succeeded.
pub async fn mark_attempt(
    tx: &mut SqliteConnection,
    letter: &Outgoing,
    error: &str,
    retry_at: Option<Timestamp>,
) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE outbox SET state = iif(next_attempt_at = ?1 AND attempts = ?2 AND ?3 IS NULL, 'failed', 'queued'),
                next_attempt_at = iif(next_attempt_at = ?1 AND attempts = ?2, coalesce(?3, next_attempt_at), next_attempt_at),
                attempts = attempts + 1, last_error = ?4
         WHERE id = ?5 AND state = 'queued'",
    )
    .bind(letter.next_attempt_at.to_sqlx())
    .bind(letter.attempts)
    .bind(retry_at.map(ToSqlx::to_sqlx))
    .bind(error)
    .bind(letter.id)
    .execute(tx)
    .await?;
    Ok(())
}

/// Whether an e-mail is still there: it may be erased while it is being sent.
pub async fn is_there(db: impl SqliteExecutor<'_>, letter: &Outgoing) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM outbox WHERE id = ? AND message_id = ?)")
        .bind(letter.id)
        .bind(&letter.message_id)
        .fetch_one(db)
        .await
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

/// Puts every letter back to the front that was given up or still waits, each with five more days to try; how many.
pub async fn send_all_again(tx: &mut SqliteConnection, now: Timestamp) -> sqlx::Result<i64> {
    let done = sqlx::query(
        "UPDATE outbox SET state = 'queued', attempts = 0, next_attempt_at = ?, give_up_at = ?
         WHERE state IN ('queued', 'failed')",
    )
    .bind(now.to_sqlx())
    .bind((now + TRIED_FOR).to_sqlx())
    .execute(tx)
    .await?;
    Ok(i64::try_from(done.rows_affected()).unwrap_or(i64::MAX))
}

/// How many letters there are.
pub async fn count(db: impl SqliteExecutor<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT count(*) FROM outbox").fetch_one(db).await
}

/// How many letters went out; those that were erased since are not among them.
pub async fn count_sent(db: impl SqliteExecutor<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT count(*) FROM outbox WHERE state = 'sent'").fetch_one(db).await
}

/// How the mail stands; read for every page of the desk, so each figure comes from an index.
pub async fn standing(db: impl SqliteExecutor<'_>) -> sqlx::Result<Standing> {
    let (failed, waiting, oldest): (i64, i64, Option<jiff_sqlx::Timestamp>) =
        sqlx::query_as(STANDING).fetch_one(db).await?;
    Ok(Standing { failed, waiting, oldest_unsent: oldest.map(jiff_sqlx::Timestamp::to_jiff) })
}

const STANDING: &str =
    "SELECT (SELECT count(*) FROM outbox WHERE state = 'failed'), (SELECT count(*) FROM outbox WHERE state = 'queued'),
            (SELECT queued_at FROM outbox WHERE state = 'queued' ORDER BY id LIMIT 1)";

/// A part of the outbox: failed letters first, then waiting ones, then sent ones, as the alphabet has it; each newest
/// first.
pub async fn list(db: impl SqliteExecutor<'_>, limit: i64, offset: i64) -> sqlx::Result<Vec<Outgoing>> {
    sqlx::query_as(LIST).bind(limit).bind(offset).fetch_all(db).await
}

const LIST: &str = "SELECT id, message_id, recipient, reply_to, in_reply_to, subject, inquiry_id, state, sent_by, attempts, last_error, queued_at,
            next_attempt_at, give_up_at, '' AS body_text, '' AS body_html
     FROM outbox ORDER BY state, id DESC LIMIT ? OFFSET ?";

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

/// The sender that may send, and when it last said that it works.
#[derive(Debug, sqlx::FromRow)]
pub struct Holder {
    /// Which sender, in which process.
    pub name: String,
    /// When it last said so.
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub renewed_at: Timestamp,
}

/// The sender that may send now, if any.
pub async fn sender(db: impl SqliteExecutor<'_>) -> sqlx::Result<Option<Holder>> {
    sqlx::query_as("SELECT holder AS name, renewed_at FROM mail_sender WHERE id = 1").fetch_optional(db).await
}

/// Gives the right to send to this sender, or notes that it still uses it.
pub async fn hold_sender(tx: &mut SqliteConnection, name: &str, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO mail_sender (id, holder, renewed_at) VALUES (1, ?, ?)
         ON CONFLICT (id) DO UPDATE SET holder = excluded.holder, renewed_at = excluded.renewed_at",
    )
    .bind(name)
    .bind(now.to_sqlx())
    .execute(tx)
    .await?;
    Ok(())
}

/// Takes the right to send back from this sender, if it has it.
pub async fn release_sender(tx: &mut SqliteConnection, name: &str) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM mail_sender WHERE holder = ?").bind(name).execute(tx).await?;
    Ok(())
}

/// An address that takes no letter at all.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct RefusedAddress {
    /// As a letter was sent to it.
    pub address: String,
    /// Since when.
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub since: Timestamp,
    /// What its mail server said last.
    pub reason: String,
}

impl RefusedAddress {
    /// Since when, for the desk.
    pub fn since(&self) -> Instant {
        Instant::in_office(self.since)
    }
}

/// Marks an address whose mail server refuses it for good.
pub async fn mark_refused(tx: &mut SqliteConnection, address: &str, reason: &str, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO refused_addresses (address, since, reason) VALUES (?, ?, ?)
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
pub async fn clear_refused(tx: &mut SqliteConnection, address: &str) -> sqlx::Result<bool> {
    let done = sqlx::query("DELETE FROM refused_addresses WHERE address = ?").bind(address).execute(tx).await?;
    Ok(done.rows_affected() == 1)
}

/// The mark of an address, in capitals or not, if it has one.
pub async fn refused(db: impl SqliteExecutor<'_>, address: &str) -> sqlx::Result<Option<RefusedAddress>> {
    sqlx::query_as("SELECT address, since, reason FROM refused_addresses WHERE address = ?")
        .bind(address)
        .fetch_optional(db)
        .await
}

/// The addresses marked last.
pub async fn all_refused(db: impl SqliteExecutor<'_>, limit: i64) -> sqlx::Result<Vec<RefusedAddress>> {
    sqlx::query_as("SELECT address, since, reason FROM refused_addresses ORDER BY since DESC, address LIMIT ?")
        .bind(limit)
        .fetch_all(db)
        .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db;

    #[tokio::test]
    async fn of_200_000_letters_only_those_on_the_page_are_read() {
        // In the order of its list, the page ends at its last row.
        let list = db::Plan::of(LIST).await;
        assert!(!list.reads_everything(), "{list:?}");
        let standing = db::Plan::of(STANDING).await;
        assert!(!standing.reads_everything() && !standing.scans("outbox"), "{standing:?}");
    }
}
