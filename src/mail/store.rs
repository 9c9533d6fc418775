//! SQL of the outbox and of bounced addresses.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use serde_json::{Value, json};
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::mail::auto_reply_limit::{self, AutoReplyKey, RecentReplies};
use crate::mail::email::EXPIRES_AFTER;
use crate::mail::status::OutageSummary;
use crate::mail::{NewEmail, OutboxMessage, OutboxStatus, QueuedEmail};
use crate::web::DisplayTime;

/// Columns of a whole [`OutboxMessage`], and the rest of the statement.
macro_rules! select_outbox {
    ($rest:literal) => {
        concat!(
            "SELECT id, message_id, recipient, reply_to, in_reply_to, subject, inquiry_id, purpose, state, transport, attempts,
                    last_error, queued_at, next_attempt_at, expires_at, first_tried_at, dismissed_at, body_text, body_html ",
            $rest
        )
    };
}
pub(in crate::mail) use select_outbox;

/// Queues one e-mail, like [`queue_all`]. Returns false for an automatic reply above the limits.
pub async fn queue(
    tx: &mut SqliteConnection,
    email: &NewEmail,
    message_id: &str,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let queued = queue_all(tx, &[QueuedEmail { message_id: message_id.to_owned(), email: email.clone() }], now).await?;
    Ok(queued == [true])
}

/// Queues an e-mail with a secret link. Staff cannot read its text, which is deleted once it is sent.
pub async fn queue_confidential(
    tx: &mut SqliteConnection,
    email: &NewEmail,
    message_id: &str,
    now: Timestamp,
) -> sqlx::Result<()> {
    queue(&mut *tx, email, message_id, now).await?;
    sqlx::query("UPDATE outbox SET confidential = 1 WHERE id = last_insert_rowid()").execute(tx).await?;
    Ok(())
}

pub async fn is_confidential(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT confidential FROM outbox WHERE id = ?").bind(id).fetch_one(db).await
}

/// Queues e-mails in order, in the transaction of the change that they report. Returns which were queued: automatic replies
/// above the limits are not.
pub async fn queue_all(tx: &mut SqliteConnection, emails: &[QueuedEmail], now: Timestamp) -> sqlx::Result<Vec<bool>> {
    let replies: Vec<AutoReplyKey> = emails.iter().filter_map(AutoReplyKey::of).collect();
    let before = if replies.is_empty() { vec![] } else { recent_replies(&mut *tx, &replies, now).await? };
    let mut allowed = auto_reply_limit::allowed(&replies, &before).into_iter();
    let queued: Vec<bool> =
        emails.iter().map(|email| AutoReplyKey::of(email).is_none() || allowed.next() == Some(true)).collect();
    let rows: Vec<Value> = emails.iter().zip(&queued).filter(|(_, queued)| **queued).map(|(it, _)| row(it)).collect();
    if rows.is_empty() {
        return Ok(queued);
    }
    sqlx::query(
        "INSERT INTO outbox (message_id, recipient, reply_to, in_reply_to, subject, inquiry_id, purpose, mailbox, network_hash, state,
                             queued_at, next_attempt_at, expires_at, body_text, body_html)
         WITH new (email) AS MATERIALIZED (SELECT value FROM json_each(?1))
         SELECT email->>'message_id', email->>'recipient', email->>'reply_to', email->>'in_reply_to',
                email->>'subject', email->>'inquiry_id', email->>'purpose', email->>'mailbox', email->>'network_hash',
                'queued', ?2, ?2, ?3, email->>'text', email->>'html'
         FROM new",
    )
    .bind(Value::from(rows).to_string())
    .bind(now.to_sqlx())
    .bind((now + EXPIRES_AFTER).to_sqlx())
    .execute(tx)
    .await?;
    Ok(queued)
}

fn row(queued: &QueuedEmail) -> Value {
    let counted = AutoReplyKey::of(queued);
    let (mailbox, network_hash) =
        counted.map_or_else(Default::default, |counted| (counted.mailbox, counted.network_hash));
    let QueuedEmail { message_id, email } = queued;
    json!({
        "message_id": message_id, "recipient": email.recipient, "reply_to": email.reply_to,
        "in_reply_to": email.in_reply_to, "subject": email.subject, "inquiry_id": email.inquiry_id,
        "purpose": email.purpose.as_str(), "mailbox": mailbox, "network_hash": network_hash,
        "text": email.text, "html": email.html,
    })
}

/// Counts earlier automatic replies for each of these, up to the limits. The window also has an upper end, since rows from
/// the future come from a clock that was wrong.
async fn recent_replies(
    tx: &mut SqliteConnection,
    replies: &[AutoReplyKey],
    now: Timestamp,
) -> sqlx::Result<Vec<RecentReplies>> {
    let asked: Vec<Value> =
        replies.iter().map(|it| json!({"mailbox": it.mailbox, "network_hash": it.network_hash})).collect();
    let window = |lasts: SignedDuration| ((now - lasts).to_sqlx(), (now + lasts).to_sqlx());
    let (mailbox, network) = (window(auto_reply_limit::MAILBOX_WINDOW), window(auto_reply_limit::NETWORK_WINDOW));
    sqlx::query_as(
        "WITH asked AS MATERIALIZED (
             SELECT key AS place, value->>'mailbox' AS mailbox, value->>'network_hash' AS network_hash FROM json_each(?1)
         )
         SELECT (SELECT count(*) FROM (SELECT 1 FROM outbox
                                       WHERE outbox.mailbox = asked.mailbox AND outbox.mailbox <> ''
                                         AND queued_at > ?2 AND queued_at < ?3 LIMIT ?4)) AS to_mailbox,
                iif(asked.network_hash = '', 0,
                    (SELECT count(*) FROM (SELECT 1 FROM outbox
                                           WHERE outbox.network_hash = asked.network_hash AND outbox.network_hash <> ''
                                             AND queued_at > ?5 AND queued_at < ?6 LIMIT ?7))) AS from_network
         FROM asked ORDER BY asked.place",
    )
    .bind(Value::from(asked).to_string())
    .bind(mailbox.0)
    .bind(mailbox.1)
    .bind(auto_reply_limit::MAX_PER_MAILBOX)
    .bind(network.0)
    .bind(network.1)
    .bind(auto_reply_limit::MAX_PER_NETWORK)
    .fetch_all(tx)
    .await
}

pub async fn has_auto_reply(db: impl SqliteExecutor<'_>, inquiry_id: i64, address: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM outbox
                        WHERE inquiry_id = ? AND purpose = 'auto_reply' AND recipient = ? COLLATE NOCASE)",
    )
    .bind(inquiry_id)
    .bind(address)
    .fetch_one(db)
    .await
}

/// Whether one of our e-mails has this Message-ID.
pub async fn has_message_id(db: impl SqliteExecutor<'_>, message_id: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM outbox WHERE message_id = ?)").bind(message_id).fetch_one(db).await
}

/// Marks the e-mail with one of these Message-IDs as failed, because a mail server returned it after it was sent. Returns
/// false if none is an e-mail about an inquiry that was sent.
pub async fn record_return(
    tx: &mut SqliteConnection,
    message_ids: &[String],
    reason: &str,
    is_bad_address: bool,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let recipient: Option<String> = sqlx::query_scalar(
        "UPDATE outbox SET state = 'failed', last_error = ?
         WHERE message_id IN (SELECT value FROM json_each(?)) AND state = 'sent' AND inquiry_id IS NOT NULL
         RETURNING recipient",
    )
    .bind(reason)
    .bind(json!(message_ids).to_string())
    .fetch_optional(&mut *tx)
    .await?;
    if let Some(recipient) = recipient.as_ref().filter(|_| is_bad_address) {
        mark_bounced(tx, recipient, reason, now).await?;
    }
    Ok(recipient.is_some())
}

/// Deletes network hashes of e-mails queued outside `before..=ahead`.
pub async fn purge_network_hashes(tx: &mut SqliteConnection, before: Timestamp, ahead: Timestamp) -> sqlx::Result<()> {
    sqlx::query("UPDATE outbox SET network_hash = '' WHERE network_hash <> '' AND queued_at NOT BETWEEN ? AND ?")
        .bind(before.to_sqlx())
        .bind(ahead.to_sqlx())
        .execute(tx)
        .await?;
    Ok(())
}

/// Requeues an e-mail for five more days. Returns false if a mail server has accepted it.
pub async fn requeue(tx: &mut SqliteConnection, id: i64, now: Timestamp) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "UPDATE outbox SET state = 'queued', attempts = 0, dismissed_at = NULL, next_attempt_at = ?, expires_at = ?
         WHERE id = ? AND (state <> 'sent' OR transport = 'file')",
    )
    .bind(now.to_sqlx())
    .bind((now + EXPIRES_AFTER).to_sqlx())
    .bind(id)
    .execute(&mut *tx)
    .await?;
    retry_server(tx, now).await?;
    Ok(done.rows_affected() == 1)
}

/// Ends the pause of an outage.
pub async fn retry_server(tx: &mut SqliteConnection, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query("UPDATE mail_outage SET retry_at = ?1 WHERE retry_at > ?1").bind(now.to_sqlx()).execute(tx).await?;
    Ok(())
}

/// Requeues every queued or failed e-mail for five more days, except dismissed ones and those of inquiries in the trash.
/// Returns their number.
pub async fn requeue_all(tx: &mut SqliteConnection, now: Timestamp) -> sqlx::Result<i64> {
    let done = sqlx::query(
        "UPDATE outbox SET state = 'queued', attempts = 0, next_attempt_at = ?, expires_at = ?
         WHERE state = 'queued'
            OR (state = 'failed' AND dismissed_at IS NULL
                AND NOT EXISTS (SELECT 1 FROM inquiries WHERE inquiries.id = inquiry_id AND trashed_at IS NOT NULL))",
    )
    .bind(now.to_sqlx())
    .bind((now + EXPIRES_AFTER).to_sqlx())
    .execute(&mut *tx)
    .await?;
    retry_server(tx, now).await?;
    Ok(i64::try_from(done.rows_affected()).unwrap_or(i64::MAX))
}

/// Dismisses a failed e-mail, so that it no longer counts. Returns false if it has not failed.
pub async fn dismiss(tx: &mut SqliteConnection, id: i64, now: Timestamp) -> sqlx::Result<bool> {
    let done =
        sqlx::query("UPDATE outbox SET dismissed_at = ? WHERE id = ? AND state = 'failed' AND dismissed_at IS NULL")
            .bind(now.to_sqlx())
            .bind(id)
            .execute(tx)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// Undoes a dismissal. Returns false if the e-mail is not dismissed.
pub async fn undo_dismissal(tx: &mut SqliteConnection, id: i64) -> sqlx::Result<bool> {
    let done = sqlx::query("UPDATE outbox SET dismissed_at = NULL WHERE id = ? AND dismissed_at IS NOT NULL")
        .bind(id)
        .execute(tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

pub async fn count(db: impl SqliteExecutor<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT count(*) FROM outbox").fetch_one(db).await
}

/// Number of e-mails accepted by a mail server, without those erased since.
pub async fn count_sent(db: impl SqliteExecutor<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "SELECT (SELECT count(*) FROM outbox WHERE state = 'sent') - (SELECT count(*) FROM outbox WHERE transport = 'file' AND state = 'sent')",
    )
    .fetch_one(db)
    .await
}

/// Status for every page of the admin area; each figure comes from an index.
pub async fn outbox_status(db: impl SqliteExecutor<'_>) -> sqlx::Result<OutboxStatus> {
    let figures: StatusRow = sqlx::query_as(STATUS).fetch_one(db).await?;
    let outage = figures
        .outage_since
        .map(|since| OutageSummary { since: since.to_jiff(), reason: figures.outage_reason.unwrap_or_default() });
    let oldest_unsent = figures.oldest.map(jiff_sqlx::Timestamp::to_jiff);
    let StatusRow { failed, waiting, written, .. } = figures;
    Ok(OutboxStatus { failed, waiting, oldest_unsent, written, outage })
}

#[derive(sqlx::FromRow)]
struct StatusRow {
    failed: i64,
    waiting: i64,
    oldest: Option<jiff_sqlx::Timestamp>,
    written: i64,
    outage_since: Option<jiff_sqlx::Timestamp>,
    outage_reason: Option<String>,
}

const STATUS: &str =
    "SELECT (SELECT count(*) FROM outbox INDEXED BY outbox_failed WHERE state = 'failed' AND dismissed_at IS NULL
                AND NOT EXISTS (SELECT 1 FROM inquiries WHERE inquiries.id = inquiry_id AND trashed_at IS NOT NULL)) AS failed,
            (SELECT count(*) FROM outbox WHERE state = 'queued') AS waiting,
            (SELECT queued_at FROM outbox WHERE state = 'queued' ORDER BY id LIMIT 1) AS oldest,
            (SELECT count(*) FROM outbox INDEXED BY outbox_in_files WHERE transport = 'file' AND state = 'sent') AS written,
            (SELECT since FROM mail_outage) AS outage_since,
            (SELECT reason FROM mail_outage) AS outage_reason";

/// One page of the outbox: failed, queued, then sent; newest first within each state.
pub async fn list(db: impl SqliteExecutor<'_>, limit: i64, offset: i64) -> sqlx::Result<Vec<OutboxMessage>> {
    sqlx::query_as(LIST).bind(limit).bind(offset).fetch_all(db).await
}

const LIST: &str =
    "SELECT id, message_id, recipient, reply_to, in_reply_to, subject, inquiry_id, purpose, state, transport,
            attempts, last_error, queued_at, next_attempt_at, expires_at, first_tried_at, dismissed_at, '' AS body_text,
            '' AS body_html
     FROM outbox ORDER BY state, id DESC LIMIT ? OFFSET ?";

pub async fn find(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Option<OutboxMessage>> {
    sqlx::query_as(select_outbox!("FROM outbox WHERE id = ?")).bind(id).fetch_optional(db).await
}

pub async fn about_inquiry(db: impl SqliteExecutor<'_>, inquiry_id: i64) -> sqlx::Result<Vec<OutboxMessage>> {
    sqlx::query_as(select_outbox!("FROM outbox WHERE inquiry_id = ? ORDER BY id")).bind(inquiry_id).fetch_all(db).await
}

/// Address whose mail server accepts no e-mail for it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct BouncedAddress {
    pub address: String,
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub since: Timestamp,
    /// Last reply of its mail server.
    pub reason: String,
}

impl BouncedAddress {
    pub fn since(&self) -> DisplayTime {
        DisplayTime::in_office(self.since)
    }
}

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

/// Marks an address as working. Returns false if it was not marked as bounced.
pub async fn clear_bounce(tx: &mut SqliteConnection, address: &str) -> sqlx::Result<bool> {
    let done = sqlx::query("DELETE FROM bounced_addresses WHERE address = ?").bind(address).execute(tx).await?;
    Ok(done.rows_affected() == 1)
}

/// Bounce of an address, ignoring case.
pub async fn find_bounce(db: impl SqliteExecutor<'_>, address: &str) -> sqlx::Result<Option<BouncedAddress>> {
    sqlx::query_as("SELECT address, since, reason FROM bounced_addresses WHERE address = ?")
        .bind(address)
        .fetch_optional(db)
        .await
}

/// Bounced addresses, newest first.
pub async fn list_bounced(db: impl SqliteExecutor<'_>, limit: i64) -> sqlx::Result<Vec<BouncedAddress>> {
    sqlx::query_as("SELECT address, since, reason FROM bounced_addresses ORDER BY since DESC, address LIMIT ?")
        .bind(limit)
        .fetch_all(db)
        .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db;

    #[tokio::test]
    async fn list_and_status_do_not_scan_the_outbox() {
        let list = db::QueryPlan::explain(LIST).await;
        assert!(!list.has_full_scan(), "{list:?}");
        // Partial indexes contain only the e-mails that failed or were saved to files.
        let status = db::QueryPlan::explain(STATUS).await;
        assert!(!status.scans_without_index("outbox"), "{status:?}");
    }
}
