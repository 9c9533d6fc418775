//! All SQL about what is known of a person.

use jiff::Timestamp;
use serde_json::json;
use sqlx::SqliteExecutor;

use crate::inquiries::privacy::subject::Subject;
use crate::inquiries::{InquiryKind, InquiryState};
use crate::mail;

/// An inquiry that has to do with a person.
#[derive(Debug, sqlx::FromRow)]
pub struct PersonInquiry {
    /// Number of the row.
    pub id: i64,
    /// `IE-2026-000123`
    pub reference: String,
    /// Which form it came by.
    pub kind: InquiryKind,
    /// How far staff are with it.
    pub state: InquiryState,
    /// Who sent it, by its own account.
    pub name: String,
    /// When it was kept.
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub received_at: Timestamp,
    /// Whether it is on hold.
    pub on_hold: bool,
    /// Whether it is in the bin.
    pub is_trashed: bool,
    /// Whether it is answered in another.
    pub is_merged: bool,
    /// Whether it gives this e-mail address.
    pub by_email: bool,
    /// Whether it gives this number to be called.
    pub by_phone: bool,
    /// Whether it gives this number for WhatsApp.
    pub by_whatsapp: bool,
    /// Whether it gave this address or number before it was corrected.
    pub by_correction: bool,
    /// Whether one of its numbers can be this one, if it is read for another country than it was, or is not the first
    /// in its field.
    pub by_reading: bool,
    /// The telephone number it is read as.
    pub phone_e164: String,
    /// The WhatsApp number it is read as.
    pub whatsapp_e164: String,
}

/// Every inquiry that gives this address or number, or gave it before a correction, whatever became of it; and those
/// answered together with one of them. Newest first.
pub async fn find_inquiries(db: impl SqliteExecutor<'_>, subject: &Subject) -> sqlx::Result<Vec<PersonInquiry>> {
    sqlx::query_as(
        "WITH corrected (id) AS (
             SELECT inquiry_id FROM previous_contacts WHERE contact = ?1 AND ?1 <> ''
             UNION SELECT inquiry_id FROM previous_contacts WHERE contact = ?3 AND ?3 <> ''
             UNION SELECT inquiry_id FROM previous_contacts WHERE e164 = ?2 AND e164 <> ''
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

/// A letter that has to do with a person.
#[derive(Debug, sqlx::FromRow)]
pub struct PersonEmail {
    /// Number in the outbox.
    pub id: i64,
    /// Address it goes to.
    pub recipient: String,
    /// What it is about, where it is about an inquiry.
    pub inquiry_id: Option<i64>,
    /// One line.
    pub subject: String,
    /// How far it got.
    pub state: mail::DeliveryState,
    /// How often it was tried.
    pub attempts: i64,
    /// What took it away.
    pub transport: Option<mail::TransportKind>,
    /// Whether staff dismissed it after it had failed.
    pub is_dismissed: bool,
    /// When it was queued.
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub queued_at: Timestamp,
}

/// Every letter to an address, and every letter about these inquiries, oldest first.
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

/// When the mail server of an address refused a letter for good, and its words.
pub async fn find_bounce(db: impl SqliteExecutor<'_>, email: &str) -> sqlx::Result<Option<(String, String)>> {
    sqlx::query_as("SELECT since, reason FROM bounced_addresses WHERE address = ?").bind(email).fetch_optional(db).await
}

/// All that is kept of an inquiry as JSON: every column, its history, and the text that was agreed to; not the key to its
/// receipt, which opens it to whoever has the file.
pub async fn inquiry_as_json(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar(
        "SELECT json_object(
             'reference', reference, 'kind', kind, 'state', state, 'received_at', received_at,
             'state_changed_at', state_changed_at, 'version', version,
             'form_token', form_token, 'content_hash', content_hash, 'name', name, 'email', email, 'phone', phone,
             'phone_e164', phone_e164, 'whatsapp', whatsapp, 'whatsapp_e164', whatsapp_e164, 'numbers', json(numbers),
             'residence', residence,
             'citizenship', citizenship, 'age', age, 'age_typed', age_typed, 'program', program, 'occupation', occupation, 'noc', noc,
             'education', education, 'experience_years', experience_years, 'experience_typed', experience_typed,
             'english_test', english_test, 'french_test', french_test, 'crs', crs, 'crs_typed', crs_typed,
             'consent_at', consent_at, 'consent_version', consent_version,
             'consent_text', (SELECT text FROM consent_texts WHERE version = consent_version), 'message', message,
             'owner', (SELECT staff.name FROM staff WHERE staff.id = owner_id),
             'answered_in', (SELECT other.reference FROM inquiries other WHERE other.id = inquiries.merged_into),
             'spam_score', spam_score, 'spam_reasons', spam_reasons, 'message_hash', message_hash, 'network_hash', network_hash,
             'on_hold', json(iif(on_hold, 'true', 'false')), 'trusted_at', trusted_at, 'trashed_at', trashed_at, 'trash_reason', trash_reason,
             'previous_contacts', json((SELECT json_group_array(contact) FROM previous_contacts
                                       WHERE inquiry_id = inquiries.id)),
             'events', json((SELECT json_group_array(json_object('at', at, 'actor', actor, 'kind', kind, 'note', note))
                             FROM (SELECT e.at, e.actor, e.kind, e.note FROM inquiry_events e
                                   WHERE e.inquiry_id = inquiries.id ORDER BY e.id))))
         FROM inquiries WHERE id = ?",
    )
    .bind(id)
    .fetch_optional(db)
    .await
}

/// A letter as JSON: every column, with both bodies.
pub async fn email_as_json(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar(
        "SELECT json_object(
             'message_id', message_id, 'recipient', recipient, 'reply_to', reply_to, 'in_reply_to', in_reply_to,
             'subject', subject, 'about', (SELECT reference FROM inquiries WHERE inquiries.id = inquiry_id),
             'state', state, 'attempts', attempts, 'last_error', last_error, 'queued_at', queued_at,
             'next_attempt_at', next_attempt_at, 'expires_at', expires_at, 'sent_at', sent_at, 'transport', transport,
             'purpose', purpose, 'mailbox', mailbox, 'network', network, 'first_tried_at', first_tried_at,
             'dismissed_at', dismissed_at,
             'body_text', body_text, 'body_html', body_html)
         FROM outbox WHERE id = ?",
    )
    .bind(id)
    .fetch_optional(db)
    .await
}
