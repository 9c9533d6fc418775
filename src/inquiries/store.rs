//! All SQL about inquiries.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::clock::AHEAD;
use crate::inquiries::consent::{Consent, Purpose};
use crate::inquiries::doubt::{Doubt, Signs, telling_text};
use crate::inquiries::inquiry::{reference, reference_year};
use crate::inquiries::{Details, Inquiry, State};
use crate::web::Digest;

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

/// What came with a form, and what was made of it.
pub struct Arrival {
    /// What the visitor sent.
    pub details: Details,
    /// The telephone number as it is dialled from anywhere; empty where it cannot be read.
    pub phone_e164: String,
    /// The same of the WhatsApp number.
    pub whatsapp_e164: String,
    /// The unit group it means, where that is known.
    pub noc: String,
    /// Which showing of the form it came from; empty where that is not known.
    pub form_key: String,
    /// What was agreed to, for an application.
    pub consent: Option<Consent>,
    /// The box that people never see was filled in.
    pub trap_is_filled: bool,
    /// From showing the form to sending it.
    pub took: Option<SignedDuration>,
    /// A keyed digest of the network it came from; empty where that tells nothing.
    pub network: String,
    /// How many are taken from one network in an hour.
    pub limit: i64,
    /// What the receipt will be found by.
    pub receipt_token: String,
}

impl Arrival {
    /// What becomes of it; its number is known once it is kept.
    fn inquiry(&self, reference: String, doubt: &Doubt, now: Timestamp) -> Inquiry {
        Inquiry {
            id: 0,
            reference,
            state: if doubt.is_set_aside() { State::Quarantined } else { State::New },
            state_changed_at: now,
            version: 1,
            phone_e164: self.phone_e164.clone(),
            whatsapp_e164: self.whatsapp_e164.clone(),
            noc: self.noc.clone(),
            owner_id: None,
            owner: None,
            merged_into: None,
            score: doubt.score,
            doubts: doubt.reasons.join("\n"),
            held: false,
            binned_at: None,
            consent_at: self.consent.is_some().then(|| now.to_sqlx()),
            consent_version: self.consent.as_ref().map(|consent| consent.version().to_owned()),
            received_at: now,
            receipt_token: self.receipt_token.clone(),
            details: self.details.clone(),
        }
    }
}

/// What receiving a form led to.
pub enum Received {
    /// A new inquiry.
    New(Inquiry),
    /// The same form was sent before; this is what it became.
    Before(Inquiry),
    /// Too many came from the same network; nothing was kept.
    TooMany,
}

/// Keeps what a visitor sent. The same form sent again is recognised by its content: by the same showing of the
/// form at any time, by any showing within a day. References are numbered without gaps, since the transaction
/// that takes a number is the one that uses it. What looks like spam is kept too, set aside.
pub async fn receive(tx: &mut SqliteConnection, arrival: &Arrival, now: Timestamp) -> sqlx::Result<Received> {
    let digest = arrival.details.digest();
    if let Some(id) = sent_before(tx, &digest, &arrival.form_key, now).await? {
        return find(tx, id).await?.map(Received::Before).ok_or(sqlx::Error::RowNotFound);
    }
    let from_network = count_from_network(tx, &arrival.network, now, arrival.limit).await?;
    if from_network >= arrival.limit {
        return Ok(Received::TooMany);
    }
    if let Some(Consent::Present(purpose)) = &arrival.consent {
        note_consent_text(&mut *tx, purpose, now).await?;
    }
    let text_hash = telling_text(&arrival.details.message).map_or_else(String::new, |text| Digest::of(&text));
    let signs = Signs {
        trap_is_filled: arrival.trap_is_filled,
        took: arrival.took,
        same_text: count_same_text(tx, &text_hash, &arrival.details, now).await?,
        from_network,
    };
    let doubt = Doubt::of(&arrival.details, signs);
    insert(tx, arrival, &digest, &text_hash, &doubt, now).await.map(Received::New)
}

/// What was taken back or lies in the bin does not count: who sends it again means it.
async fn sent_before(
    tx: &mut SqliteConnection,
    digest: &str,
    form_key: &str,
    now: Timestamp,
) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar(
        "SELECT id FROM inquiries
         WHERE content_hash = ?1 AND (received_at > ?2 OR (form_key = ?3 AND ?3 <> ''))
           AND binned_at IS NULL AND state <> 'withdrawn'
         ORDER BY id DESC LIMIT 1",
    )
    .bind(digest)
    .bind((now - SAME_WITHIN).to_sqlx())
    .bind(form_key)
    .fetch_optional(tx)
    .await
}

/// How many came from this network within an hour; no further than `enough`.
async fn count_from_network(
    tx: &mut SqliteConnection,
    network: &str,
    now: Timestamp,
    enough: i64,
) -> sqlx::Result<i64> {
    if network.is_empty() {
        return Ok(0);
    }
    sqlx::query_scalar(
        "SELECT count(*) FROM (SELECT 1 FROM inquiries
                               WHERE network = ? AND network <> '' AND received_at > ? AND received_at < ? LIMIT ?)",
    )
    .bind(network)
    .bind((now - SignedDuration::from_hours(1)).to_sqlx())
    // What came later than now came while the clock was wrong, and is not counted for ever.
    .bind((now + SignedDuration::from_hours(1)).to_sqlx())
    .bind(enough)
    .fetch_one(tx)
    .await
}

/// How many others sent the same message within a day. Somebody who writes again is not another.
async fn count_same_text(
    tx: &mut SqliteConnection,
    text_hash: &str,
    details: &Details,
    now: Timestamp,
) -> sqlx::Result<i64> {
    if text_hash.is_empty() {
        return Ok(0);
    }
    sqlx::query_scalar(
        "SELECT count(*) FROM (SELECT 1 FROM inquiries
                               WHERE text_hash = ?1 AND text_hash <> '' AND received_at > ?2 AND received_at < ?5
                                 AND NOT (email = ?3 COLLATE NOCASE AND phone = ?4) LIMIT 10)",
    )
    .bind(text_hash)
    .bind((now - SAME_WITHIN).to_sqlx())
    .bind(&details.email)
    .bind(&details.phone)
    .bind((now + AHEAD).to_sqlx())
    .fetch_one(tx)
    .await
}

async fn insert(
    tx: &mut SqliteConnection,
    arrival: &Arrival,
    digest: &str,
    text_hash: &str,
    doubt: &Doubt,
    now: Timestamp,
) -> sqlx::Result<Inquiry> {
    let year = reference_year(now);
    let number: i64 = sqlx::query_scalar(
        "INSERT INTO inquiry_numbers (year, last) VALUES (?, 1) ON CONFLICT (year) DO UPDATE SET last = last + 1 RETURNING last",
    )
    .bind(year)
    .fetch_one(&mut *tx)
    .await?;
    let inquiry = arrival.inquiry(reference(year, number), doubt, now);
    let details = &arrival.details;
    let id = sqlx::query_scalar(
        "INSERT INTO inquiries (reference, kind, state, received_at, state_changed_at, receipt_token, form_key, content_hash,
                                name, email, phone, phone_e164, whatsapp, whatsapp_e164, residence, citizenship, age, program,
                                occupation, noc, education, experience_years, english_test, crs, consent_at, consent_version,
                                message, score, doubts, text_hash, network)
         VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23,
                 iif(?24 IS NULL, NULL, ?4), ?24, ?25, ?26, ?27, ?28, ?29)
         RETURNING id",
    )
    .bind(&inquiry.reference)
    .bind(details.kind)
    .bind(inquiry.state)
    .bind(now.to_sqlx())
    .bind(&arrival.receipt_token)
    .bind(&arrival.form_key)
    .bind(digest)
    .bind(&details.name)
    .bind(&details.email)
    .bind(&details.phone)
    .bind(&arrival.phone_e164)
    .bind(&details.whatsapp)
    .bind(&arrival.whatsapp_e164)
    .bind(&details.residence)
    .bind(&details.citizenship)
    .bind(details.age)
    .bind(&details.program)
    .bind(&details.occupation)
    .bind(&arrival.noc)
    .bind(&details.education)
    .bind(details.experience_years)
    .bind(&details.english_test)
    .bind(details.crs)
    .bind(arrival.consent.as_ref().map(Consent::version))
    .bind(&details.message)
    .bind(inquiry.score)
    .bind(&inquiry.doubts)
    .bind(text_hash)
    .bind(&arrival.network)
    .fetch_one(tx)
    .await?;
    Ok(Inquiry { id, ..inquiry })
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

/// How many inquiries are in each state; those answered in another are not counted, and those in the bin apart.
pub async fn count_by_state(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<(&'static str, i64)>> {
    let found: Vec<(String, i64)> = sqlx::query_as(
        "SELECT state, count(*) FROM inquiries WHERE binned_at IS NULL AND merged_into IS NULL GROUP BY state
         UNION ALL SELECT 'binned', count(*) FROM inquiries WHERE binned_at IS NOT NULL",
    )
    .fetch_all(db)
    .await?;
    let count = |name: &str| found.iter().find(|(state, _)| state == name).map_or(0, |(_, count)| *count);
    Ok(State::ALL.map(State::as_str).into_iter().chain(["binned"]).map(|name| (name, count(name))).collect())
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
    sqlx::query("UPDATE inquiries SET version = version + 1 WHERE id = ?").bind(id).execute(tx).await?;
    Ok(())
}

/// Says which unit group the occupation means.
pub async fn set_noc(tx: &mut SqliteConnection, id: i64, noc: &str) -> sqlx::Result<()> {
    sqlx::query("UPDATE inquiries SET noc = ?, version = version + 1 WHERE id = ?")
        .bind(noc)
        .bind(id)
        .execute(tx)
        .await?;
    Ok(())
}

/// Forgets which networks inquiries came from, once they are older than `before`: it was only to tell floods. What came
/// after `ahead` came while the clock was wrong.
pub async fn forget_networks(tx: &mut SqliteConnection, before: Timestamp, ahead: Timestamp) -> sqlx::Result<()> {
    sqlx::query("UPDATE inquiries SET network = '' WHERE network <> '' AND (received_at < ? OR received_at > ?)")
        .bind(before.to_sqlx())
        .bind(ahead.to_sqlx())
        .execute(tx)
        .await?;
    Ok(())
}

/// Whether there is a network to forget.
pub async fn any_network(db: impl SqliteExecutor<'_>, before: Timestamp, ahead: Timestamp) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM inquiries WHERE network <> '' AND (received_at < ? OR received_at > ?))",
    )
    .bind(before.to_sqlx())
    .bind(ahead.to_sqlx())
    .fetch_one(db)
    .await
}

/// The newest instant that anything kept speaks of, as far as the newest row of each table tells.
pub async fn newest_instant(db: impl SqliteExecutor<'_>) -> sqlx::Result<Option<Timestamp>> {
    let newest: Option<jiff_sqlx::Timestamp> = sqlx::query_scalar(
        "SELECT max(at) FROM (
             SELECT * FROM (SELECT received_at AS at FROM inquiries ORDER BY id DESC LIMIT 1)
             UNION ALL SELECT * FROM (SELECT at FROM inquiry_events ORDER BY id DESC LIMIT 1)
             UNION ALL SELECT * FROM (SELECT queued_at FROM outbox ORDER BY id DESC LIMIT 1)
             UNION ALL SELECT * FROM (SELECT at FROM audit_log ORDER BY id DESC LIMIT 1)
             UNION ALL SELECT max(queued_at) FROM digests
             UNION ALL SELECT max(last_seen_at) FROM staff_sessions
             UNION ALL SELECT max(saved_at) FROM standing_page_revisions)",
    )
    .fetch_one(db)
    .await?;
    Ok(newest.map(jiff_sqlx::Timestamp::to_jiff))
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
