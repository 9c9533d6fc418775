//! All SQL about inquiries.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::inquiries::consent::Purpose;
use crate::inquiries::inquiry::{reference, reference_year};
use crate::inquiries::{Details, Inquiry, State};

/// Within this time the same content is the same inquiry, whichever showing of the form it came from.
const SAME_WITHIN: SignedDuration = SignedDuration::from_hours(24);

/// Every column of an inquiry, and then which inquiries are meant.
macro_rules! inquiries {
    ($($which:tt)+) => {
        concat!(
            "SELECT inquiries.id, reference, state, state_changed_at, version, received_at, receipt_token, kind,
                    inquiries.name, inquiries.email, phone, phone_e164, whatsapp, whatsapp_e164, residence, citizenship, age,
                    program, occupation, noc, education, experience_years, english_test, crs, message, owner_id,
                    (SELECT staff.name FROM staff WHERE staff.id = owner_id) AS owner, merged_into, score, doubts, held,
                    binned_at, consent_at, consent_version
             FROM inquiries ",
            $($which)+
        )
    };
}

pub(super) use inquiries;

/// What receiving a form led to.
pub enum Received {
    /// A new inquiry.
    New(Inquiry),
    /// The same form was sent before; this is what it became.
    Before(Inquiry),
}

/// Keeps what a visitor sent. The same form sent again is recognised by its content: by the same showing of the
/// form at any time, by any showing within a day. References are numbered without gaps, since the transaction
/// that takes a number is the one that uses it.
pub async fn receive(
    tx: &mut SqliteConnection,
    details: &Details,
    digest: &str,
    form_key: &str,
    receipt_token: &str,
    now: Timestamp,
) -> sqlx::Result<Received> {
    let before: Option<i64> = sqlx::query_scalar(
        "SELECT id FROM inquiries WHERE content_hash = ?1 AND (received_at > ?2 OR (form_key = ?3 AND ?3 <> '')) ORDER BY id DESC LIMIT 1",
    )
    .bind(digest)
    .bind((now - SAME_WITHIN).to_sqlx())
    .bind(form_key)
    .fetch_optional(&mut *tx)
    .await?;
    if let Some(id) = before {
        return find(tx, id).await?.map(Received::Before).ok_or(sqlx::Error::RowNotFound);
    }
    let year = reference_year(now);
    let number: i64 = sqlx::query_scalar(
        "INSERT INTO inquiry_numbers (year, last) VALUES (?, 1) ON CONFLICT (year) DO UPDATE SET last = last + 1 RETURNING last",
    )
    .bind(year)
    .fetch_one(&mut *tx)
    .await?;
    let id: i64 = sqlx::query_scalar(
        "INSERT INTO inquiries (reference, kind, received_at, state_changed_at, receipt_token, form_key, content_hash,
                                name, email, phone, whatsapp, residence, citizenship, age, program, occupation, education,
                                experience_years, english_test, crs, consent_at, message)
         VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19,
                 iif(?2 = 'apply', ?3, NULL), ?20)
         RETURNING id",
    )
    .bind(reference(year, number))
    .bind(details.kind)
    .bind(now.to_sqlx())
    .bind(receipt_token)
    .bind(form_key)
    .bind(digest)
    .bind(&details.name)
    .bind(&details.email)
    .bind(&details.phone)
    .bind(&details.whatsapp)
    .bind(&details.residence)
    .bind(&details.citizenship)
    .bind(details.age)
    .bind(&details.program)
    .bind(&details.occupation)
    .bind(&details.education)
    .bind(details.experience_years)
    .bind(&details.english_test)
    .bind(details.crs)
    .bind(&details.message)
    .fetch_one(&mut *tx)
    .await?;
    note(tx, id, "received", "visitor", "", now).await?;
    find(tx, id).await?.map(Received::New).ok_or(sqlx::Error::RowNotFound)
}

/// The inquiry with this number.
pub async fn find(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Option<Inquiry>> {
    sqlx::query_as(inquiries!("WHERE id = ?")).bind(id).fetch_optional(db).await
}

/// The inquiry whose receipt this is.
pub async fn find_by_receipt(db: impl SqliteExecutor<'_>, token: &str) -> sqlx::Result<Option<Inquiry>> {
    sqlx::query_as(inquiries!("WHERE receipt_token = ?")).bind(token).fetch_optional(db).await
}

/// How many inquiries are in `state`, or in any; those answered in another are not counted, nor those in the bin.
pub async fn count_in_state(db: impl SqliteExecutor<'_>, state: Option<State>) -> sqlx::Result<i64> {
    let Some(state) = state else {
        let sql = "SELECT count(*) FROM inquiries WHERE binned_at IS NULL AND merged_into IS NULL";
        return sqlx::query_scalar(sql).fetch_one(db).await;
    };
    sqlx::query_scalar("SELECT count(*) FROM inquiries WHERE binned_at IS NULL AND merged_into IS NULL AND state = ?")
        .bind(state)
        .fetch_one(db)
        .await
}

/// The inquiries that have waited for an answer longest.
pub async fn longest_unanswered(db: impl SqliteExecutor<'_>, limit: i64) -> sqlx::Result<Vec<Inquiry>> {
    sqlx::query_as(inquiries!(
        "WHERE state = 'new' AND binned_at IS NULL AND merged_into IS NULL ORDER BY received_at, inquiries.id LIMIT ?"
    ))
    .bind(limit)
    .fetch_all(db)
    .await
}

/// Moves an inquiry to another state; false where it is there already.
pub async fn set_state(tx: &mut SqliteConnection, id: i64, state: State, now: Timestamp) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "UPDATE inquiries SET state = ?1, state_changed_at = ?2, version = version + 1 WHERE id = ?3 AND state <> ?1",
    )
    .bind(state)
    .bind(now.to_sqlx())
    .bind(id)
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes down what happened to an inquiry, which raises its version; `kind` is one of those the table allows.
pub async fn note(
    tx: &mut SqliteConnection,
    id: i64,
    kind: &'static str,
    actor: &str,
    text: &str,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO inquiry_events (inquiry_id, at, actor, kind, note) VALUES (?, ?, ?, ?, ?)")
        .bind(id)
        .bind(now.to_sqlx())
        .bind(actor)
        .bind(kind)
        .bind(text)
        .execute(&mut *tx)
        .await?;
    sqlx::query("UPDATE inquiries SET version = version + 1 WHERE id = ? AND ? <> 'received'")
        .bind(id)
        .bind(kind)
        .execute(tx)
        .await?;
    Ok(())
}

/// Keeps the sentence that applicants are asked to agree to, where it is a new one.
pub async fn note_consent_text(tx: &mut SqliteConnection, purpose: &Purpose, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO consent_texts (version, text, first_shown) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
        .bind(&purpose.version)
        .bind(&purpose.consent)
        .bind(now.to_sqlx())
        .execute(tx)
        .await?;
    Ok(())
}

/// The sentence that this version stands for, where it was ever shown.
pub async fn consent_text(db: impl SqliteExecutor<'_>, version: &str) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar("SELECT text FROM consent_texts WHERE version = ?").bind(version).fetch_optional(db).await
}

/// Something that happened to an inquiry.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Event {
    /// Rises from one to the next.
    pub id: i64,
    /// When.
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub at: Timestamp,
    /// Who did it.
    pub actor: String,
    /// `received`, `state`, `note`, `owner`, `answer`, …
    pub kind: String,
    /// The note, the new state, the new owner, the answer.
    pub note: String,
}

/// Everything that happened to an inquiry, oldest first.
pub async fn events(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Vec<Event>> {
    sqlx::query_as("SELECT id, at, actor, kind, note FROM inquiry_events WHERE inquiry_id = ? ORDER BY id")
        .bind(id)
        .fetch_all(db)
        .await
}
