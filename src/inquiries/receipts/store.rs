//! SQL of receipts.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::types::Json;
use sqlx::{SqliteConnection, SqliteExecutor};

pub struct Contact<'a> {
    pub name: &'a str,
    pub email: &'a str,
    pub phone: &'a str,
    pub phone_e164: String,
    pub whatsapp: &'a str,
    pub whatsapp_e164: String,
    /// Search keys of both numbers, as a JSON list.
    pub numbers: String,
}

/// Replaces the contact details of an inquiry, and stores the previous address and numbers.
pub async fn update_contact(tx: &mut SqliteConnection, id: i64, contact: &Contact<'_>) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT OR IGNORE INTO previous_contacts (inquiry_id, contact, e164)
         SELECT id, email, '' FROM inquiries WHERE id = ?1 AND email <> '' AND email <> ?2 COLLATE NOCASE
         UNION ALL SELECT id, phone, phone_e164 FROM inquiries WHERE id = ?1 AND phone <> '' AND phone <> ?3
         UNION ALL SELECT id, whatsapp, whatsapp_e164 FROM inquiries WHERE id = ?1 AND whatsapp <> '' AND whatsapp <> ?4",
    )
    .bind(id)
    .bind(contact.email)
    .bind(contact.phone)
    .bind(contact.whatsapp)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "UPDATE inquiries SET name = ?, email = ?, phone = ?, phone_e164 = ?, whatsapp = ?, whatsapp_e164 = ?,
                numbers = ?, version = version + 1
         WHERE id = ?",
    )
    .bind(contact.name)
    .bind(contact.email)
    .bind(contact.phone)
    .bind(&contact.phone_e164)
    .bind(contact.whatsapp)
    .bind(&contact.whatsapp_e164)
    .bind(&contact.numbers)
    .bind(id)
    .execute(tx)
    .await?;
    Ok(())
}

/// Stores the contact details before a correction, unless a notice about this inquiry is due already.
pub async fn schedule_correction_notice(
    tx: &mut SqliteConnection,
    id: i64,
    before: &impl Serialize,
    due_at: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO correction_notices (inquiry_id, due_at, before) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
        .bind(id)
        .bind(due_at.to_sqlx())
        .bind(serde_json::json!(before).to_string())
        .execute(tx)
        .await?;
    Ok(())
}

/// IDs of the inquiries whose notices are due at `now`, or after `latest`.
pub async fn due_correction_notices(
    db: impl SqliteExecutor<'_>,
    now: Timestamp,
    latest: Timestamp,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar("SELECT inquiry_id FROM correction_notices WHERE due_at <= ? OR due_at > ? ORDER BY due_at")
        .bind(now.to_sqlx())
        .bind(latest.to_sqlx())
        .fetch_all(db)
        .await
}

/// Takes the contact details before a correction out of the table.
pub async fn take_correction_notice<T>(tx: &mut SqliteConnection, id: i64) -> sqlx::Result<Option<T>>
where
    T: DeserializeOwned + Send + Unpin + 'static,
{
    let before: Option<Json<T>> =
        sqlx::query_scalar("DELETE FROM correction_notices WHERE inquiry_id = ? RETURNING before")
            .bind(id)
            .fetch_optional(tx)
            .await?;
    Ok(before.map(|before| before.0))
}

/// Number of changes that the visitor made to an inquiry between `since` and `until`.
pub async fn count_changes(
    db: impl SqliteExecutor<'_>,
    id: i64,
    since: Timestamp,
    until: Timestamp,
) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "SELECT count(*) FROM inquiry_events
         WHERE inquiry_id = ? AND kind IN ('corrected', 'withdrawn') AND actor = 'visitor' AND at > ? AND at < ?",
    )
    .bind(id)
    .bind(since.to_sqlx())
    .bind(until.to_sqlx())
    .fetch_one(db)
    .await
}

/// Time of the last resubmission.
pub async fn last_sent_again(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Option<Timestamp>> {
    let last: Option<jiff_sqlx::Timestamp> =
        sqlx::query_scalar("SELECT max(at) FROM inquiry_events WHERE inquiry_id = ? AND kind = 'sent_again'")
            .bind(id)
            .fetch_one(db)
            .await?;
    Ok(last.map(jiff_sqlx::Timestamp::to_jiff))
}

/// Withdraws an inquiry and moves it to the trash, unless it is on hold. False if it was withdrawn before.
pub async fn withdraw(tx: &mut SqliteConnection, id: i64, now: Timestamp) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "UPDATE inquiries SET state = 'withdrawn', state_changed_at = ?1, version = version + 1,
                trashed_at = iif(on_hold, NULL, ?1), trash_reason = iif(on_hold, NULL, 'withdrawn')
         WHERE id = ?2 AND state <> 'withdrawn' AND trashed_at IS NULL",
    )
    .bind(now.to_sqlx())
    .bind(id)
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// An e-mail as exported to its recipient.
#[derive(Debug, serde::Serialize, sqlx::FromRow)]
pub struct EmailCopy {
    pub subject: String,
    pub recipient: String,
    pub queued_at: String,
    pub sent_at: Option<String>,
    pub text: String,
}

/// A reply of the visitor by e-mail, as exported to them.
#[derive(Debug, serde::Serialize, sqlx::FromRow)]
pub struct ReplyCopy {
    pub subject: String,
    pub received_at: String,
    pub text: String,
}

/// Replies that came from the address of the inquiry.
pub async fn replies_of_visitor(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Vec<ReplyCopy>> {
    sqlx::query_as(
        "SELECT r.subject, e.at AS received_at, e.note AS text
         FROM inquiry_replies r JOIN inquiry_events e ON e.id = r.event_id
         WHERE r.inquiry_id = ? AND NOT r.is_other_address ORDER BY e.id",
    )
    .bind(id)
    .fetch_all(db)
    .await
}

/// E-mails about an inquiry to the visitor.
pub async fn emails_to_visitor(db: impl SqliteExecutor<'_>, id: i64, email: &str) -> sqlx::Result<Vec<EmailCopy>> {
    sqlx::query_as(
        "SELECT subject, recipient, queued_at, sent_at, body_text AS text
         FROM outbox WHERE inquiry_id = ? AND recipient = ? COLLATE NOCASE ORDER BY id",
    )
    .bind(id)
    .bind(email)
    .fetch_all(db)
    .await
}
