//! All SQL of the counter: each statement serves all who came at the same time, since the way to the database costs more
//! than what is done there.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use serde_json::{Value, json};
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::clock::MAX_CLOCK_SKEW;
use crate::inquiries::Inquiry;
use crate::inquiries::consent::{Consent, PrivacyNotice};
use crate::inquiries::inquiry::reference_year;
use crate::inquiries::intake::submission::Submission;

/// A day: for the same form sent twice, and for the same message from several people.
const DEDUP_WINDOW: SignedDuration = SignedDuration::from_hours(24);
/// For so long the same content is a double submission, whichever opening of the form it came from.
const DOUBLE_SUBMIT_WINDOW: SignedDuration = SignedDuration::from_mins(10);

/// What the database knows of an arrival before it is kept.
#[derive(Debug, Default, sqlx::FromRow)]
pub struct DedupLookup {
    /// The inquiry with the same content. One that was withdrawn or is in the trash does not count, nor one that is answered
    /// in such an inquiry: staff would not see it.
    pub duplicate_of: Option<i64>,
    /// Whether that inquiry is still new and was sent so recently that this is a double submission.
    pub is_double_submit: bool,
    /// How many forms came from this network within an hour, inquiries sent again among them; counted no further than
    /// the limit.
    pub recent_from_network: i64,
    /// How many others sent the same message within a day, up to ten. Somebody who writes again is not another.
    pub same_message_count: i64,
    /// The highest row id that was ever given out.
    pub last_id: i64,
    /// The number in the newest reference of this year.
    pub last_number: i64,
}

/// What is known of each arrival, in their order.
pub async fn lookup(
    tx: &mut SqliteConnection,
    arrivals: &[&Submission],
    now: Timestamp,
) -> sqlx::Result<Vec<DedupLookup>> {
    let asked: Vec<Value> = arrivals
        .iter()
        .map(|arrival| {
            json!({
                "content_hash": arrival.content_hash, "form_token": arrival.form_token, "network_hash": arrival.network_hash,
                "message_hash": arrival.message_hash, "email": arrival.details.email, "phone": arrival.details.phone,
            })
        })
        .collect();
    sqlx::query_as(
        "WITH asked AS MATERIALIZED (
             SELECT key AS place, value->>'content_hash' AS content_hash, value->>'form_token' AS form_token, value->>'network_hash' AS network_hash,
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
                    -- What came later than now came while the clock was wrong, and is not counted for ever.
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
         ORDER BY asked.place",
    )
    .bind(Value::from(asked).to_string())
    .bind((now - DEDUP_WINDOW).to_sqlx())
    .bind((now - SignedDuration::from_hours(1)).to_sqlx())
    .bind((now + SignedDuration::from_hours(1)).to_sqlx())
    .bind(arrivals.iter().map(|arrival| arrival.forms_per_hour).max())
    .bind((now + MAX_CLOCK_SKEW).to_sqlx())
    .bind(reference_year(now))
    .bind((now - DOUBLE_SUBMIT_WINDOW).to_sqlx())
    .bind((now + DOUBLE_SUBMIT_WINDOW).to_sqlx())
    .fetch_all(tx)
    .await
}

/// Keeps new inquiries, with the sentences that were agreed to. `last_number` is the number in the last of their
/// references; `clock_is_trusted` says whether the clock is trusted now.
pub async fn insert(
    tx: &mut SqliteConnection,
    new: &[(&Submission, &Inquiry)],
    last_number: i64,
    now: Timestamp,
    clock_is_trusted: bool,
) -> sqlx::Result<()> {
    let consents: Vec<Value> = new.iter().filter_map(|(arrival, _)| current_notice(arrival)).map(consent_row).collect();
    let rows: Vec<Value> = new.iter().map(|(arrival, inquiry)| row(arrival, inquiry)).collect();
    sqlx::query(
        "INSERT INTO consent_texts (version, text, first_shown)
         SELECT value->>'version', value->>'text', ? FROM json_each(?) WHERE true ON CONFLICT DO NOTHING;
         INSERT INTO reference_counters (year, last) VALUES (?, ?) ON CONFLICT (year) DO UPDATE SET last = excluded.last;
         INSERT INTO inquiries (id, reference, kind, state, received_at, state_changed_at, receipt_token, form_token, content_hash,
                                name, email, phone, phone_e164, whatsapp, whatsapp_e164, numbers, residence, citizenship, age,
                                age_typed, program, occupation, noc, education, experience_years, experience_typed,
                                english_test, french_test, crs, crs_typed, consent_at, consent_version, message, spam_score,
                                spam_reasons, message_hash, network_hash, trusted_at)
         WITH came (at) AS (SELECT ?),
              new (inquiry) AS MATERIALIZED (SELECT value FROM json_each(?))
         SELECT inquiry->>'id', inquiry->>'reference', inquiry->>'kind', inquiry->>'state', at, at, inquiry->>'receipt_token',
                inquiry->>'form_token', inquiry->>'content_hash', inquiry->>'name', inquiry->>'email', inquiry->>'phone',
                inquiry->>'phone_e164', inquiry->>'whatsapp', inquiry->>'whatsapp_e164', inquiry->>'numbers', inquiry->>'residence',
                inquiry->>'citizenship', inquiry->>'age', inquiry->>'age_typed', inquiry->>'program', inquiry->>'occupation',
                inquiry->>'noc', inquiry->>'education', inquiry->>'experience_years', inquiry->>'experience_typed',
                inquiry->>'english_test', inquiry->>'french_test', inquiry->>'crs', inquiry->>'crs_typed',
                iif(inquiry->>'consent_version' IS NULL, NULL, at), inquiry->>'consent_version', inquiry->>'message',
                inquiry->>'spam_score', inquiry->>'spam_reasons', inquiry->>'message_hash', inquiry->>'network_hash', iif(?, NULL, '')
         FROM new, came",
    )
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

/// The last reference given in each year.
pub async fn reference_counters(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<(i64, i64)>> {
    sqlx::query_as("SELECT year, last FROM reference_counters").fetch_all(db).await
}

/// Whether references were noted beside this database, or the one that it is a copy of.
pub async fn has_reference_journal(db: impl SqliteExecutor<'_>) -> sqlx::Result<bool> {
    let version: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(db).await?;
    Ok(version > 0)
}

/// Says that references are noted beside the database from here on. It stands in the head of the file, which every copy
/// takes along.
pub async fn mark_reference_journal(tx: &mut SqliteConnection) -> sqlx::Result<()> {
    sqlx::query("PRAGMA user_version = 1").execute(tx).await?;
    Ok(())
}

/// Sees to it that references of a year go on after `last`.
pub async fn raise_reference_counter(tx: &mut SqliteConnection, year: i64, last: i64) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO reference_counters (year, last) VALUES (?, ?)
         ON CONFLICT (year) DO UPDATE SET last = max(last, excluded.last)",
    )
    .bind(year)
    .bind(last)
    .execute(tx)
    .await?;
    Ok(())
}

/// Records that an inquiry was sent again. `note` is for staff.
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

/// Whether an inquiry was sent again between `since` and `until`.
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

fn current_notice(arrival: &Submission) -> Option<&PrivacyNotice> {
    match &arrival.consent {
        Some(Consent::Current(privacy_notice)) => Some(privacy_notice),
        _ => None,
    }
}

fn consent_row(privacy_notice: &PrivacyNotice) -> Value {
    json!({"version": privacy_notice.version, "text": privacy_notice.consent_text})
}

fn row(arrival: &Submission, inquiry: &Inquiry) -> Value {
    let details = &inquiry.details;
    json!({
        "id": inquiry.id,
        "reference": inquiry.reference,
        "kind": details.kind.as_str(),
        "state": inquiry.state.as_str(),
        "receipt_token": inquiry.receipt_token,
        "form_token": arrival.form_token,
        "content_hash": arrival.content_hash,
        "name": details.name,
        "email": details.email,
        "phone": details.phone,
        "phone_e164": inquiry.phone_e164,
        "whatsapp": details.whatsapp,
        "whatsapp_e164": inquiry.whatsapp_e164,
        "numbers": arrival.numbers,
        "residence": details.residence,
        "citizenship": details.citizenship,
        "age": details.age,
        "age_typed": details.age_typed,
        "program": details.program,
        "occupation": details.occupation,
        "noc": inquiry.noc,
        "education": details.education,
        "experience_years": details.experience_years,
        "experience_typed": details.experience_typed,
        "english_test": details.english_test,
        "french_test": details.french_test,
        "crs": details.crs,
        "crs_typed": details.crs_typed,
        "consent_version": inquiry.consent_version,
        "message": details.message,
        "spam_score": inquiry.spam_score,
        "spam_reasons": inquiry.spam_reasons,
        "message_hash": arrival.message_hash,
        "network_hash": arrival.network_hash,
    })
}
