//! SQL of personal data requests.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sqlx::sqlite::SqliteRow;
use sqlx::types::Json;
use sqlx::{Column, Row, SqliteExecutor, TypeInfo, ValueRef};

use crate::inquiries::privacy::subject::Subject;
use crate::inquiries::{InquiryKind, InquiryState};
use crate::mail;

/// Inquiry that matches a person, with the columns it matched on.
#[derive(Debug, sqlx::FromRow)]
pub struct PersonInquiry {
    pub id: i64,
    pub reference: String,
    pub kind: InquiryKind,
    pub state: InquiryState,
    pub name: String,
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub received_at: Timestamp,
    pub on_hold: bool,
    pub is_trashed: bool,
    pub is_merged: bool,
    pub by_email: bool,
    pub by_phone: bool,
    pub by_whatsapp: bool,
    /// Had this address or number before a correction, or has a reply from this address.
    pub by_correction: bool,
    /// Matches another reading of a number, or a further number in the same field.
    pub by_reading: bool,
    pub phone_e164: String,
    pub whatsapp_e164: String,
}

/// Inquiries in any state with this address or number, now or before a correction, and those merged with them. Newest
/// first.
pub async fn find_inquiries(db: impl SqliteExecutor<'_>, subject: &Subject) -> sqlx::Result<Vec<PersonInquiry>> {
    sqlx::query_as(
        "WITH corrected (id) AS (
             SELECT inquiry_id FROM previous_contacts WHERE contact = ?1 AND ?1 <> ''
             UNION SELECT inquiry_id FROM previous_contacts WHERE contact = ?3 AND ?3 <> ''
             UNION SELECT inquiry_id FROM previous_contacts WHERE e164 = ?2 AND e164 <> ''
             UNION SELECT inquiry_id FROM inquiry_replies WHERE sender = ?1 COLLATE NOCASE AND ?1 <> ''
             UNION SELECT inquiry_id FROM contact_numbers
                   WHERE number IN (SELECT value FROM json_each(?4)) AND NOT is_current
         ), read (id) AS (
             SELECT inquiry_id FROM contact_numbers WHERE number IN (SELECT value FROM json_each(?4)) AND is_current
         ), matched (id) AS (
             SELECT id FROM inquiries WHERE email = ?1 COLLATE NOCASE AND email <> ''
             UNION SELECT id FROM inquiries WHERE phone_e164 = ?2 AND phone_e164 <> ''
             UNION SELECT id FROM inquiries WHERE whatsapp_e164 = ?2 AND whatsapp_e164 <> ''
             UNION SELECT id FROM inquiries WHERE phone = ?3 AND phone <> ''
             UNION SELECT id FROM inquiries WHERE whatsapp = ?3 AND whatsapp <> ''
             UNION SELECT id FROM corrected
             UNION SELECT id FROM read
         ), heads (id) AS (
             SELECT id FROM matched
             UNION SELECT merged_into FROM inquiries WHERE id IN (SELECT id FROM matched) AND merged_into IS NOT NULL
         )
         SELECT id, reference, kind, state, name, received_at, on_hold, trashed_at IS NOT NULL AS is_trashed,
                merged_into IS NOT NULL AS is_merged, email <> '' AND email = ?1 COLLATE NOCASE AS by_email,
                (phone_e164 <> '' AND phone_e164 = ?2) OR (phone <> '' AND phone = ?3) AS by_phone,
                (whatsapp_e164 <> '' AND whatsapp_e164 = ?2) OR (whatsapp <> '' AND whatsapp = ?3) AS by_whatsapp,
                id IN (SELECT id FROM corrected) AS by_correction, id IN (SELECT id FROM read) AS by_reading, phone_e164,
                whatsapp_e164
         FROM inquiries
         WHERE id IN (SELECT id FROM heads
                      UNION SELECT id FROM inquiries WHERE merged_into IN (SELECT id FROM heads) AND merged_into IS NOT NULL)
         ORDER BY received_at DESC, id DESC",
    )
    .bind(subject.email())
    .bind(subject.e164())
    .bind(subject.raw_number())
    .bind(json!(subject.lookup_keys()).to_string())
    .fetch_all(db)
    .await
}

#[derive(Debug, sqlx::FromRow)]
pub struct PersonEmail {
    pub id: i64,
    pub recipient: String,
    pub inquiry_id: Option<i64>,
    pub subject: String,
    pub state: mail::DeliveryState,
    pub attempts: i64,
    pub transport: Option<mail::TransportKind>,
    pub is_dismissed: bool,
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub queued_at: Timestamp,
}

/// E-mails to an address, and e-mails about these inquiries, oldest first.
pub async fn emails_of(db: impl SqliteExecutor<'_>, email: &str, inquiries: &[i64]) -> sqlx::Result<Vec<PersonEmail>> {
    sqlx::query_as(
        "SELECT id, recipient, inquiry_id, subject, state, attempts, transport, dismissed_at IS NOT NULL AS is_dismissed, queued_at
         FROM outbox
         WHERE id IN (SELECT id FROM outbox WHERE recipient = ?1 COLLATE NOCASE AND ?1 <> ''
                      UNION SELECT id FROM outbox WHERE inquiry_id IN (SELECT value FROM json_each(?2)))
         ORDER BY id",
    )
    .bind(email)
    .bind(json!(inquiries).to_string())
    .fetch_all(db)
    .await
}

/// Time and reason of a permanent bounce.
pub async fn find_bounce(db: impl SqliteExecutor<'_>, email: &str) -> sqlx::Result<Option<(String, String)>> {
    sqlx::query_as("SELECT since, reason FROM bounced_addresses WHERE address = ?").bind(email).fetch_optional(db).await
}

/// An inquiry as JSON with every column, its history and its consent text. Leaves out the receipt token, which would let
/// anyone with the file open the receipt.
pub async fn inquiry_as_json(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Option<Map<String, Value>>> {
    let row = sqlx::query(
        "SELECT inquiries.*, (SELECT text FROM consent_texts WHERE version = consent_version) AS consent_text,
                (SELECT staff.name FROM staff WHERE staff.id = owner_id) AS owner,
                (SELECT other.reference FROM inquiries other WHERE other.id = inquiries.merged_into) AS answered_in,
                (SELECT json_group_array(contact) FROM previous_contacts
                 WHERE inquiry_id = inquiries.id) AS previous_contacts,
                (SELECT json_group_array(json_object('at', at, 'actor', actor, 'kind', kind, 'note', note))
                 FROM (SELECT e.at, e.actor, e.kind, e.note FROM inquiry_events e
                       WHERE e.inquiry_id = inquiries.id ORDER BY e.id)) AS events,
                (SELECT json_group_array(json_object('at', at, 'from', sender, 'subject', subject, 'text', note,
                                                     'quoted', quoted, 'attachments', json(attachments)))
                 FROM (SELECT e.at, e.note, r.sender, r.subject, r.quoted, r.attachments
                       FROM inquiry_replies r JOIN inquiry_events e ON e.id = r.event_id
                       WHERE r.inquiry_id = inquiries.id ORDER BY r.event_id)) AS replies
         FROM inquiries WHERE id = ?",
    )
    .bind(id)
    .fetch_optional(db)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let mut inquiry = row_as_json(&row, &["id", "owner_id", "merged_into", "receipt_token"])?;
    for column in ["numbers", "previous_contacts", "events", "replies"] {
        inquiry.insert(column.to_owned(), row.try_get::<Json<Value>, _>(column)?.0);
    }
    inquiry.insert("on_hold".to_owned(), row.try_get::<bool, _>("on_hold")?.into());
    Ok(Some(inquiry))
}

/// An e-mail as JSON with every column and both bodies.
pub async fn email_as_json(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Option<Map<String, Value>>> {
    sqlx::query(
        "SELECT *, (SELECT reference FROM inquiries WHERE inquiries.id = inquiry_id) AS about FROM outbox WHERE id = ?",
    )
    .bind(id)
    .fetch_optional(db)
    .await?
    .map(|row| row_as_json(&row, &["id", "inquiry_id"]))
    .transpose()
}

/// The columns of a row, all of them texts or integers, except those in `excluded`.
fn row_as_json(row: &SqliteRow, excluded: &[&str]) -> sqlx::Result<Map<String, Value>> {
    let columns = row.columns().iter().filter(|column| !excluded.contains(&column.name()));
    let value = |name: &str| match row.try_get_raw(name)?.type_info().name() {
        "INTEGER" => row.try_get::<i64, _>(name).map(Value::from),
        _ => row.try_get::<Option<String>, _>(name).map(Value::from),
    };
    columns.map(|column| Ok((column.name().to_owned(), value(column.name())?))).collect()
}
