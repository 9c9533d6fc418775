//! SQL of replies by e-mail.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde_json::json;
use sqlx::types::Json;
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::inquiries::InquiryState;
use crate::inquiries::replies::email::{Attachment, IncomingEmail};

/// A reply without its text, which is the note of its event.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Reply {
    pub event_id: i64,
    /// Address of the sender; empty if the e-mail names none.
    pub sender: String,
    /// Whether it is not the address of the inquiry.
    pub is_other_address: bool,
    pub subject: String,
    /// Quoted text of earlier e-mails.
    pub quoted: String,
    /// Not stored, only named.
    pub attachments: Json<Vec<Attachment>>,
}

/// Replies to an inquiry, oldest first.
pub async fn replies_to(db: impl SqliteExecutor<'_>, inquiry_id: i64) -> sqlx::Result<Vec<Reply>> {
    sqlx::query_as(
        "SELECT event_id, sender, is_other_address, subject, quoted, attachments
         FROM inquiry_replies WHERE inquiry_id = ? ORDER BY event_id",
    )
    .bind(inquiry_id)
    .fetch_all(db)
    .await
}

/// Message-IDs of the e-mails to and from the visitor, oldest first, at most the last 20.
pub async fn message_ids(db: impl SqliteExecutor<'_>, inquiry_id: i64, address: &str) -> sqlx::Result<Vec<String>> {
    let mut newest: Vec<String> = sqlx::query_scalar(
        "SELECT message_id FROM (
             SELECT message_id, queued_at AS at, 0 AS side, id FROM outbox
             WHERE inquiry_id = ?1 AND recipient = ?2 COLLATE NOCASE
             UNION ALL SELECT r.message_id, e.at, 1, e.id FROM inquiry_replies r JOIN inquiry_events e ON e.id = r.event_id
                       WHERE r.inquiry_id = ?1 AND r.message_id IS NOT NULL AND NOT r.is_other_address)
         ORDER BY at DESC, side DESC, id DESC LIMIT 20",
    )
    .bind(inquiry_id)
    .bind(address)
    .fetch_all(db)
    .await?;
    newest.reverse();
    Ok(newest)
}

/// Whether this message was added to one of these inquiries before.
pub async fn is_known(tx: &mut SqliteConnection, inquiries: &[i64], key: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM inquiry_replies
                        WHERE message_key = ? AND inquiry_id IN (SELECT value FROM json_each(?)))",
    )
    .bind(key)
    .bind(json!(inquiries).to_string())
    .fetch_one(tx)
    .await
}

/// Number of replies to an inquiry between `since` and `until`.
pub async fn count_replies(
    tx: &mut SqliteConnection,
    inquiry_id: i64,
    since: Timestamp,
    until: Timestamp,
) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "SELECT count(*) FROM inquiry_replies r JOIN inquiry_events e ON e.id = r.event_id
         WHERE r.inquiry_id = ? AND e.at > ? AND e.at < ?",
    )
    .bind(inquiry_id)
    .bind(since.to_sqlx())
    .bind(until.to_sqlx())
    .fetch_one(tx)
    .await
}

/// Stores what belongs to the newest event of the inquiry, which contains the text.
pub async fn insert_reply(
    tx: &mut SqliteConnection,
    inquiry_id: i64,
    email: &IncomingEmail,
    is_other_address: bool,
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO inquiry_replies (event_id, inquiry_id, message_key, message_id, sender, is_other_address, subject,
                                      quoted, attachments)
         VALUES ((SELECT max(id) FROM inquiry_events WHERE inquiry_id = ?1), ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )
    .bind(inquiry_id)
    .bind(&email.key)
    .bind(&email.message_id)
    .bind(&email.sender)
    .bind(is_other_address)
    .bind(&email.subject)
    .bind(&email.quoted)
    .bind(Json(&email.attachments))
    .execute(tx)
    .await?;
    Ok(())
}

/// Marks an inquiry as answered by the visitor, and reopens it in `state`.
pub async fn mark_replied(
    tx: &mut SqliteConnection,
    inquiry_id: i64,
    state: InquiryState,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE inquiries SET visitor_replied_at = coalesce(visitor_replied_at, ?1), version = version + 1,
                state_changed_at = iif(state = ?2, state_changed_at, ?1), state = ?2
         WHERE id = ?3",
    )
    .bind(now.to_sqlx())
    .bind(state)
    .bind(inquiry_id)
    .execute(tx)
    .await?;
    Ok(())
}
