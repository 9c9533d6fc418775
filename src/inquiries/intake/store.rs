//! SQL of the intake queue. Each statement handles a whole batch, because a round trip costs more than the work itself.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use serde_json::{Value, json};
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::clock::MAX_CLOCK_SKEW;
use crate::inquiries::Inquiry;
use crate::inquiries::consent::Consent;
use crate::inquiries::inquiry::reference_year;
use crate::inquiries::intake::dedup::DedupLookup;
use crate::inquiries::intake::submission::Submission;

/// For the same form sent twice and the same message from several senders.
const DEDUP_WINDOW: SignedDuration = SignedDuration::from_hours(24);
/// Within this time, the same content is a double submission, even from another display of the form.
const DOUBLE_SUBMIT_WINDOW: SignedDuration = SignedDuration::from_mins(10);

/// One lookup per submission, in order.
pub async fn lookup(
    tx: &mut SqliteConnection,
    submissions: &[&Submission],
    now: Timestamp,
) -> sqlx::Result<Vec<DedupLookup>> {
    let rows: Vec<Value> = submissions
        .iter()
        .map(|submission| {
            json!({
                "content_hash": submission.content_hash, "form_token": submission.form_token,
                "network_hash": submission.network_hash, "message_hash": submission.message_hash,
                "email": submission.details.email, "phone": submission.details.phone,
            })
        })
        .collect();
    sqlx::query_as(
        "WITH asked AS MATERIALIZED (
             SELECT key AS position, value->>'content_hash' AS content_hash, value->>'form_token' AS form_token, value->>'network_hash' AS network_hash,
                    value->>'message_hash' AS message_hash, value->>'email' AS email, value->>'phone' AS phone
             FROM json_each(?1)
         )
         SELECT b.id AS duplicate_of,
                coalesce(b.state IN ('new', 'quarantined')
                         AND ((b.form_token = asked.form_token AND b.form_token <> '' AND b.received_at > ?2 AND b.received_at < ?6)
                              OR (b.received_at > ?8 AND b.received_at < ?9)
                              OR EXISTS (SELECT 1 FROM inquiry_events e
                                         WHERE e.inquiry_id = b.id AND e.kind = 'sent_again' AND e.at > ?8 AND e.at < ?9)),
                         false) AS is_double_submit,
                iif(asked.network_hash = '', 0,
                    -- The upper bound ignores rows that were written while the clock was ahead.
                    (SELECT count(*) FROM (SELECT 1 FROM inquiries
                                           WHERE inquiries.network_hash = asked.network_hash AND inquiries.network_hash <> ''
                                             AND received_at > ?3 AND received_at < ?4 LIMIT ?5))
                    + (SELECT count(*) FROM (SELECT 1 FROM inquiry_events e
                                             WHERE e.network_hash = asked.network_hash AND e.network_hash <> ''
                                               AND e.at > ?3 AND e.at < ?4 LIMIT ?5))) AS recent_from_network,
                iif(asked.message_hash = '', 0,
                    (SELECT count(*) FROM (SELECT 1 FROM inquiries
                                           WHERE inquiries.message_hash = asked.message_hash AND inquiries.message_hash <> ''
                                             AND received_at > ?2 AND received_at < ?6
                                             AND NOT (inquiries.email = asked.email COLLATE NOCASE
                                                      AND inquiries.phone = asked.phone) LIMIT 10))) AS same_message_count,
                coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'inquiries'), 0) AS last_id,
                coalesce((SELECT last FROM reference_counters WHERE year = ?7), 0) AS last_number
         FROM asked
         LEFT JOIN inquiries b ON b.id = (
             SELECT id FROM inquiries c INDEXED BY inquiries_by_content
             WHERE content_hash = asked.content_hash AND trashed_at IS NULL AND state <> 'withdrawn'
               AND (merged_into IS NULL OR NOT EXISTS (
                   WITH RECURSIVE up (merged_into, is_gone) AS (
                       SELECT i.merged_into, i.trashed_at IS NOT NULL OR i.state = 'withdrawn' FROM inquiries i
                       WHERE i.id = c.merged_into
                       UNION SELECT i.merged_into, i.trashed_at IS NOT NULL OR i.state = 'withdrawn'
                             FROM inquiries i JOIN up ON i.id = up.merged_into)
                   SELECT 1 FROM up WHERE merged_into IS NULL AND is_gone))
             ORDER BY id DESC LIMIT 1)
         ORDER BY asked.position",
    )
    .bind(Value::from(rows).to_string())
    .bind((now - DEDUP_WINDOW).to_sqlx())
    .bind((now - SignedDuration::from_hours(1)).to_sqlx())
    .bind((now + SignedDuration::from_hours(1)).to_sqlx())
    .bind(submissions.iter().map(|submission| submission.forms_per_hour).max())
    .bind((now + MAX_CLOCK_SKEW).to_sqlx())
    .bind(reference_year(now))
    .bind((now - DOUBLE_SUBMIT_WINDOW).to_sqlx())
    .bind((now + DOUBLE_SUBMIT_WINDOW).to_sqlx())
    .fetch_all(tx)
    .await
}

/// Inserts inquiries from a JSON list. The listed columns have the names of the JSON fields.
macro_rules! insert_inquiries {
    ($($column:literal)+) => {
        concat!(
            "INSERT INTO consent_texts (version, text, first_shown)
             SELECT value->>'version', value->>'text', ? FROM json_each(?) WHERE true ON CONFLICT DO NOTHING;
             INSERT INTO reference_counters (year, last) VALUES (?, ?)
             ON CONFLICT (year) DO UPDATE SET last = excluded.last;
             INSERT INTO inquiries (",
            $($column, ", ",)+
            "consent_at, received_at, state_changed_at, trusted_at)
             WITH received (at) AS (SELECT ?), new (inquiry) AS MATERIALIZED (SELECT value FROM json_each(?))
             SELECT ",
            $("inquiry->>'", $column, "', ",)+
            "iif(inquiry->>'consent_version' IS NULL, NULL, at), at, at, iif(?, NULL, '') FROM new, received"
        )
    };
}

/// Inserts new inquiries and the consent texts their visitors agreed to. `last_number` is that of the last reference.
pub async fn insert(
    tx: &mut SqliteConnection,
    new: &[(&Submission, &Inquiry)],
    last_number: i64,
    now: Timestamp,
    clock_is_trusted: bool,
) -> sqlx::Result<()> {
    let consents: Vec<Value> = new.iter().filter_map(|(submission, _)| consent_row(submission)).collect();
    let rows: Vec<Value> = new.iter().map(|(submission, inquiry)| row(submission, inquiry)).collect();
    sqlx::query(insert_inquiries!(
        "id" "reference" "kind" "state" "receipt_token" "form_token" "content_hash" "name" "email" "phone" "phone_e164"
        "whatsapp" "whatsapp_e164" "numbers" "residence" "citizenship" "age" "age_typed" "program" "occupation" "noc" "noc_matched"
        "education" "experience_years" "experience_typed" "english_test" "french_test" "crs" "crs_typed" "consent_version"
        "message" "spam_score" "spam_reasons" "message_hash" "network_hash"
    ))
    .bind(now.to_sqlx())
    .bind(Value::from(consents).to_string())
    .bind(reference_year(now))
    .bind(last_number)
    .bind(now.to_sqlx())
    .bind(Value::from(rows).to_string())
    .bind(clock_is_trusted)
    .execute(tx)
    .await?;
    Ok(())
}

/// Whether a reference journal was ever opened for this database or the one it is a copy of.
pub async fn has_reference_journal(db: impl SqliteExecutor<'_>) -> sqlx::Result<bool> {
    let version: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(db).await?;
    Ok(version > 0)
}

/// Records that a reference journal exists. `user_version` is part of the file header, so every copy has it.
pub async fn mark_reference_journal(tx: &mut SqliteConnection) -> sqlx::Result<()> {
    sqlx::query("PRAGMA user_version = 1").execute(tx).await?;
    Ok(())
}

/// Records a resubmission. `note` is for staff.
pub async fn insert_resubmission(
    tx: &mut SqliteConnection,
    id: i64,
    note: &str,
    network_hash: &str,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO inquiry_events (inquiry_id, at, actor, kind, note, network_hash) VALUES (?1, ?2, 'visitor', 'sent_again', ?3, ?4);
          UPDATE inquiries SET version = version + 1 WHERE id = ?1",
    )
    .bind(id)
    .bind(now.to_sqlx())
    .bind(note)
    .bind(network_hash)
    .execute(tx)
    .await?;
    Ok(())
}

pub async fn was_resubmitted(
    tx: &mut SqliteConnection,
    id: i64,
    since: Timestamp,
    until: Timestamp,
) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM inquiry_events WHERE inquiry_id = ? AND kind = 'sent_again' AND at > ? AND at < ?)",
    )
    .bind(id)
    .bind(since.to_sqlx())
    .bind(until.to_sqlx())
    .fetch_one(tx)
    .await
}

fn consent_row(submission: &Submission) -> Option<Value> {
    match &submission.consent {
        Some(Consent::Current(notice)) => Some(json!({"version": notice.version, "text": notice.consent_text})),
        _ => None,
    }
}

fn row(submission: &Submission, inquiry: &Inquiry) -> Value {
    inquiry.details.to_json(json!({
        "id": inquiry.id,
        "reference": inquiry.reference,
        "state": inquiry.state.as_str(),
        "receipt_token": inquiry.receipt_token,
        "phone_e164": inquiry.phone_e164,
        "whatsapp_e164": inquiry.whatsapp_e164,
        "noc": inquiry.noc,
        "noc_matched": i64::from(inquiry.noc_matched),
        "consent_version": inquiry.consent_version,
        "spam_score": inquiry.spam_score,
        "spam_reasons": inquiry.spam_reasons,
        "numbers": submission.numbers,
        "form_token": submission.form_token,
        "content_hash": submission.content_hash,
        "message_hash": submission.message_hash,
        "network_hash": submission.network_hash,
    }))
}
