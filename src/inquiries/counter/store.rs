//! All SQL of the counter: each statement serves all who came at the same time, since the way to the database costs more
//! than what is done there.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use serde_json::{Value, json};
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::clock::AHEAD;
use crate::inquiries::Inquiry;
use crate::inquiries::consent::{Consent, Purpose};
use crate::inquiries::counter::arrival::Arrival;
use crate::inquiries::inquiry::reference_year;

/// Within this time the same content is the same inquiry, whichever showing of the form it came from.
const SAME_WITHIN: SignedDuration = SignedDuration::from_hours(24);

/// What the database knows of an arrival before it is kept.
#[derive(Debug, Default, sqlx::FromRow)]
pub struct Known {
    /// The inquiry that the same form became when it was sent before. What was taken back or lies in the bin does not
    /// count: who sends it again means it.
    pub before: Option<i64>,
    /// How many came from this network within an hour; no further than are taken.
    pub from_network: i64,
    /// How many others sent the same message within a day, up to ten. Somebody who writes again is not another.
    pub same_text: i64,
    /// The number of the newest row.
    pub last_id: i64,
    /// The number in the newest reference of this year.
    pub last_number: i64,
}

/// What is known of each arrival, in their order.
pub async fn known(tx: &mut SqliteConnection, arrivals: &[&Arrival], now: Timestamp) -> sqlx::Result<Vec<Known>> {
    let asked: Vec<Value> = arrivals
        .iter()
        .map(|arrival| {
            json!({
                "digest": arrival.digest, "form_key": arrival.form_key, "network": arrival.network,
                "text_hash": arrival.text_hash, "email": arrival.details.email, "phone": arrival.details.phone,
            })
        })
        .collect();
    sqlx::query_as(
        "WITH asked AS MATERIALIZED (
             SELECT key AS place, value->>'digest' AS digest, value->>'form_key' AS form_key, value->>'network' AS network,
                    value->>'text_hash' AS text_hash, value->>'email' AS email, value->>'phone' AS phone
             FROM json_each(?1)
         )
         SELECT (SELECT id FROM inquiries INDEXED BY inquiries_by_content
                 WHERE content_hash = asked.digest
                   AND (received_at > ?2 OR (form_key = asked.form_key AND asked.form_key <> ''))
                   AND binned_at IS NULL AND state <> 'withdrawn'
                 ORDER BY id DESC LIMIT 1) AS before,
                iif(asked.network = '', 0,
                    -- What came later than now came while the clock was wrong, and is not counted for ever.
                    (SELECT count(*) FROM (SELECT 1 FROM inquiries
                                           WHERE inquiries.network = asked.network AND inquiries.network <> ''
                                             AND received_at > ?3 AND received_at < ?4 LIMIT ?5))) AS from_network,
                iif(asked.text_hash = '', 0,
                    (SELECT count(*) FROM (SELECT 1 FROM inquiries
                                           WHERE inquiries.text_hash = asked.text_hash AND inquiries.text_hash <> ''
                                             AND received_at > ?2 AND received_at < ?6
                                             AND NOT (inquiries.email = asked.email COLLATE NOCASE
                                                      AND inquiries.phone = asked.phone) LIMIT 10))) AS same_text,
                (SELECT coalesce(max(id), 0) FROM inquiries) AS last_id,
                coalesce((SELECT last FROM inquiry_numbers WHERE year = ?7), 0) AS last_number
         FROM asked ORDER BY asked.place",
    )
    .bind(Value::from(asked).to_string())
    .bind((now - SAME_WITHIN).to_sqlx())
    .bind((now - SignedDuration::from_hours(1)).to_sqlx())
    .bind((now + SignedDuration::from_hours(1)).to_sqlx())
    .bind(arrivals.iter().map(|arrival| arrival.limit).max())
    .bind((now + AHEAD).to_sqlx())
    .bind(reference_year(now))
    .fetch_all(tx)
    .await
}

/// Keeps new inquiries, with the sentences that were agreed to. `last_number` is the number in the last of their
/// references.
pub async fn insert(
    tx: &mut SqliteConnection,
    new: &[(&Arrival, &Inquiry)],
    last_number: i64,
    now: Timestamp,
) -> sqlx::Result<()> {
    let consents: Vec<Value> = new.iter().filter_map(|(arrival, _)| present(arrival)).map(consent_row).collect();
    let rows: Vec<Value> = new.iter().map(|(arrival, inquiry)| row(arrival, inquiry)).collect();
    sqlx::query(
        "INSERT INTO consent_texts (version, text, first_shown)
         SELECT value->>'version', value->>'text', ? FROM json_each(?) WHERE true ON CONFLICT DO NOTHING;
         INSERT INTO inquiry_numbers (year, last) VALUES (?, ?) ON CONFLICT (year) DO UPDATE SET last = excluded.last;
         INSERT INTO inquiries (id, reference, kind, state, received_at, state_changed_at, receipt_token, form_key, content_hash,
                                name, email, phone, phone_e164, whatsapp, whatsapp_e164, residence, citizenship, age, program,
                                occupation, noc, education, experience_years, english_test, crs, consent_at, consent_version,
                                message, score, doubts, text_hash, network)
         WITH came (at) AS (SELECT ?),
              new (inquiry) AS MATERIALIZED (SELECT value FROM json_each(?))
         SELECT inquiry->>'id', inquiry->>'reference', inquiry->>'kind', inquiry->>'state', at, at, inquiry->>'receipt_token',
                inquiry->>'form_key', inquiry->>'content_hash', inquiry->>'name', inquiry->>'email', inquiry->>'phone',
                inquiry->>'phone_e164', inquiry->>'whatsapp', inquiry->>'whatsapp_e164', inquiry->>'residence',
                inquiry->>'citizenship', inquiry->>'age', inquiry->>'program', inquiry->>'occupation', inquiry->>'noc',
                inquiry->>'education', inquiry->>'experience_years', inquiry->>'english_test', inquiry->>'crs',
                iif(inquiry->>'consent_version' IS NULL, NULL, at), inquiry->>'consent_version', inquiry->>'message',
                inquiry->>'score', inquiry->>'doubts', inquiry->>'text_hash', inquiry->>'network'
         FROM new, came",
    )
    .bind(now.to_sqlx())
    .bind(Value::from(consents).to_string())
    .bind(reference_year(now))
    .bind(last_number)
    .bind(now.to_sqlx())
    .bind(Value::from(rows).to_string())
    .execute(tx)
    .await?;
    Ok(())
}

/// The last reference given in each year.
pub async fn reference_numbers(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<(i64, i64)>> {
    sqlx::query_as("SELECT year, last FROM inquiry_numbers").fetch_all(db).await
}

/// Whether references were noted beside this database, or the one that it is a copy of.
pub async fn are_noted(db: impl SqliteExecutor<'_>) -> sqlx::Result<bool> {
    let version: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(db).await?;
    Ok(version > 0)
}

/// Says that references are noted beside the database from here on. It stands in the head of the file, which every copy
/// takes along.
pub async fn say_noted(tx: &mut SqliteConnection) -> sqlx::Result<()> {
    sqlx::query("PRAGMA user_version = 1").execute(tx).await?;
    Ok(())
}

/// Sees to it that references of a year go on after `last`.
pub async fn number_from(tx: &mut SqliteConnection, year: i64, last: i64) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO inquiry_numbers (year, last) VALUES (?, ?)
         ON CONFLICT (year) DO UPDATE SET last = max(last, excluded.last)",
    )
    .bind(year)
    .bind(last)
    .execute(tx)
    .await?;
    Ok(())
}

fn present(arrival: &Arrival) -> Option<&Purpose> {
    match &arrival.consent {
        Some(Consent::Present(purpose)) => Some(purpose),
        _ => None,
    }
}

fn consent_row(purpose: &Purpose) -> Value {
    json!({"version": purpose.version, "text": purpose.consent})
}

fn row(arrival: &Arrival, inquiry: &Inquiry) -> Value {
    let details = &inquiry.details;
    json!({
        "id": inquiry.id,
        "reference": inquiry.reference,
        "kind": details.kind.as_str(),
        "state": inquiry.state.as_str(),
        "receipt_token": inquiry.receipt_token,
        "form_key": arrival.form_key,
        "content_hash": arrival.digest,
        "name": details.name,
        "email": details.email,
        "phone": details.phone,
        "phone_e164": inquiry.phone_e164,
        "whatsapp": details.whatsapp,
        "whatsapp_e164": inquiry.whatsapp_e164,
        "residence": details.residence,
        "citizenship": details.citizenship,
        "age": details.age,
        "program": details.program,
        "occupation": details.occupation,
        "noc": inquiry.noc,
        "education": details.education,
        "experience_years": details.experience_years,
        "english_test": details.english_test,
        "crs": details.crs,
        "consent_version": inquiry.consent_version,
        "message": details.message,
        "score": inquiry.score,
        "doubts": inquiry.doubts,
        "text_hash": arrival.text_hash,
        "network": arrival.network,
    })
}
