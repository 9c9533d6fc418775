//! All SQL about inquiries.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::inquiries::consent::PrivacyNotice;
use crate::inquiries::{Inquiry, InquiryState};

/// Every column of an inquiry, and then which inquiries are meant.
macro_rules! inquiries {
    ($($which:tt)+) => {
        concat!(
            "SELECT inquiries.id, reference, state, state_changed_at, version, received_at, receipt_token, kind,
                    inquiries.name, inquiries.email, phone, phone_e164, whatsapp, whatsapp_e164, residence, citizenship, age,
                    age_typed, program, occupation, noc, education, experience_years, experience_typed, english_test,
                    french_test, crs, crs_typed, message, owner_id,
                    (SELECT staff.name FROM staff WHERE staff.id = owner_id) AS owner, merged_into, spam_score, spam_reasons, on_hold,
                    trashed_at, consent_at, consent_version
             FROM inquiries ",
            $($which)+
        )
    };
}

pub(super) use inquiries;

/// The inquiry with this number.
pub async fn find(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Option<Inquiry>> {
    sqlx::query_as(inquiries!("WHERE id = ?")).bind(id).fetch_optional(db).await
}

/// The inquiry whose receipt this is.
pub async fn find_by_receipt(db: impl SqliteExecutor<'_>, token: &str) -> sqlx::Result<Option<Inquiry>> {
    sqlx::query_as(inquiries!("WHERE receipt_token = ?")).bind(token).fetch_optional(db).await
}

/// How many inquiries are in `state`, or in any; those answered in another are not counted, nor those in the bin.
pub async fn count_in_state(db: impl SqliteExecutor<'_>, state: Option<InquiryState>) -> sqlx::Result<i64> {
    let Some(state) = state else {
        let sql = "SELECT count(*) FROM inquiries WHERE trashed_at IS NULL AND merged_into IS NULL";
        return sqlx::query_scalar(sql).fetch_one(db).await;
    };
    sqlx::query_scalar("SELECT count(*) FROM inquiries WHERE trashed_at IS NULL AND merged_into IS NULL AND state = ?")
        .bind(state)
        .fetch_one(db)
        .await
}

/// How many inquiries are in each state; those answered in another are not counted, and those in the bin apart.
pub async fn count_by_state(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<(&'static str, i64)>> {
    let found: Vec<(String, i64)> = sqlx::query_as(
        "SELECT state, count(*) FROM inquiries WHERE trashed_at IS NULL AND merged_into IS NULL GROUP BY state
         UNION ALL SELECT 'trashed', count(*) FROM inquiries WHERE trashed_at IS NOT NULL",
    )
    .fetch_all(db)
    .await?;
    let count = |name: &str| found.iter().find(|(state, _)| state == name).map_or(0, |(_, count)| *count);
    Ok(InquiryState::ALL
        .map(InquiryState::as_str)
        .into_iter()
        .chain(["trashed"])
        .map(|name| (name, count(name)))
        .collect())
}

/// The inquiries that have waited for an answer longest.
pub async fn oldest_unanswered(db: impl SqliteExecutor<'_>, limit: i64) -> sqlx::Result<Vec<Inquiry>> {
    sqlx::query_as(inquiries!(
        "WHERE state = 'new' AND trashed_at IS NULL AND merged_into IS NULL ORDER BY received_at, inquiries.id LIMIT ?"
    ))
    .bind(limit)
    .fetch_all(db)
    .await
}

/// Moves an inquiry to another state; false where it is there already.
pub async fn set_state(tx: &mut SqliteConnection, id: i64, state: InquiryState, now: Timestamp) -> sqlx::Result<bool> {
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
pub async fn record_event(
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

/// The inquiry in which this one is answered in the end: itself, where it is answered in no other.
pub async fn merge_root(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar(
        "WITH RECURSIVE up (id, merged_into) AS (
             SELECT id, merged_into FROM inquiries WHERE id = ?
             UNION SELECT i.id, i.merged_into FROM inquiries i JOIN up ON i.id = up.merged_into)
         SELECT id FROM up WHERE merged_into IS NULL",
    )
    .bind(id)
    .fetch_optional(db)
    .await
}

/// Numbers of the inquiries that are answered in this one, those of theirs among them.
pub async fn merge_children(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar(
        "WITH RECURSIVE below (id) AS (
             SELECT id FROM inquiries WHERE merged_into = ?
             UNION SELECT i.id FROM inquiries i JOIN below b ON i.merged_into = b.id)
         SELECT id FROM below",
    )
    .bind(id)
    .fetch_all(db)
    .await
}

/// Notes when inquiries that came while the clock was not trusted are first seen with a clock that is.
pub async fn set_trusted_at(tx: &mut SqliteConnection, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query("UPDATE inquiries SET trusted_at = ? WHERE trusted_at = ''").bind(now.to_sqlx()).execute(tx).await?;
    Ok(())
}

/// Whether there are inquiries that came while the clock was not trusted, and were not seen since.
pub async fn any_untrusted(db: impl SqliteExecutor<'_>) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM inquiries WHERE trusted_at = '')").fetch_one(db).await
}

/// Forgets which networks inquiries came from, once they are older than `before`: they only serve the limit. What came
/// after `ahead` came while the clock was wrong.
pub async fn purge_network_hashes(tx: &mut SqliteConnection, before: Timestamp, ahead: Timestamp) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE inquiries SET network_hash = '' WHERE network_hash <> '' AND (received_at < ?1 OR received_at > ?2);
         UPDATE inquiry_events SET network_hash = '' WHERE network_hash <> '' AND (at < ?1 OR at > ?2)",
    )
    .bind(before.to_sqlx())
    .bind(ahead.to_sqlx())
    .execute(tx)
    .await?;
    Ok(())
}

/// Whether there is a network hash to delete.
pub async fn has_expired_network_hashes(
    db: impl SqliteExecutor<'_>,
    before: Timestamp,
    ahead: Timestamp,
) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM inquiries WHERE network_hash <> '' AND (received_at < ?1 OR received_at > ?2))
             OR EXISTS (SELECT 1 FROM inquiry_events WHERE network_hash <> '' AND (at < ?1 OR at > ?2))",
    )
    .bind(before.to_sqlx())
    .bind(ahead.to_sqlx())
    .fetch_one(db)
    .await
}

/// The newest instant that anything kept speaks of, as far as the newest row of each table tells.
pub async fn latest_timestamp(db: impl SqliteExecutor<'_>) -> sqlx::Result<Option<Timestamp>> {
    let newest: Option<jiff_sqlx::Timestamp> = sqlx::query_scalar(
        "SELECT max(at) FROM (
             SELECT * FROM (SELECT received_at AS at FROM inquiries ORDER BY id DESC LIMIT 1)
             UNION ALL SELECT * FROM (SELECT at FROM inquiry_events ORDER BY id DESC LIMIT 1)
             UNION ALL SELECT * FROM (SELECT queued_at FROM outbox ORDER BY id DESC LIMIT 1)
             UNION ALL SELECT * FROM (SELECT at FROM audit_log ORDER BY id DESC LIMIT 1)
             UNION ALL SELECT max(queued_at) FROM digest_runs
             UNION ALL SELECT max(last_seen_at) FROM staff_sessions
             UNION ALL SELECT max(saved_at) FROM page_revisions)",
    )
    .fetch_one(db)
    .await?;
    Ok(newest.map(jiff_sqlx::Timestamp::to_jiff))
}

/// Keeps the sentence that applicants are asked to agree to, where it is a new one.
pub async fn insert_consent_text(
    tx: &mut SqliteConnection,
    privacy_notice: &PrivacyNotice,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO consent_texts (version, text, first_shown) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
        .bind(&privacy_notice.version)
        .bind(&privacy_notice.consent_text)
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
    /// `received`, `state`, `note`, `owner`, `answer`, `sent_again`, …
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
