//! SQL of inquiries that several folders use.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::inquiries::consent::PrivacyNotice;
use crate::inquiries::{Inquiry, InquiryState};

/// `SELECT` of inquiries, followed by the given clauses.
macro_rules! inquiries {
    ($($clauses:tt)+) => {
        concat!(
            "SELECT inquiries.*, (SELECT staff.name FROM staff WHERE staff.id = owner_id) AS owner FROM inquiries ",
            $($clauses)+
        )
    };
}

pub(super) use inquiries;

pub async fn find(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Option<Inquiry>> {
    sqlx::query_as(inquiries!("WHERE id = ?")).bind(id).fetch_optional(db).await
}

pub async fn find_by_receipt(db: impl SqliteExecutor<'_>, token: &str) -> sqlx::Result<Option<Inquiry>> {
    sqlx::query_as(inquiries!("WHERE receipt_token = ?")).bind(token).fetch_optional(db).await
}

pub async fn find_by_reference(db: impl SqliteExecutor<'_>, reference: &str) -> sqlx::Result<Option<Inquiry>> {
    sqlx::query_as(inquiries!("WHERE reference = ?")).bind(reference).fetch_optional(db).await
}

/// Whether there is an inquiry, except in the trash.
pub async fn has_any(db: impl SqliteExecutor<'_>) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM inquiries WHERE trashed_at IS NULL)").fetch_one(db).await
}

/// Number of inquiries in `state`. Merged and trashed inquiries are not counted.
pub async fn count_in_state(db: impl SqliteExecutor<'_>, state: InquiryState) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT count(*) FROM inquiries WHERE trashed_at IS NULL AND merged_into IS NULL AND state = ?")
        .bind(state)
        .fetch_one(db)
        .await
}

/// Number of inquiries per state, and in the trash. Merged inquiries are not counted.
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

/// New inquiries, oldest first.
pub async fn oldest_unanswered(db: impl SqliteExecutor<'_>, limit: i64) -> sqlx::Result<Vec<Inquiry>> {
    sqlx::query_as(inquiries!(
        "WHERE state = 'new' AND trashed_at IS NULL AND merged_into IS NULL ORDER BY received_at, inquiries.id LIMIT ?"
    ))
    .bind(limit)
    .fetch_all(db)
    .await
}

/// Sets the state of an inquiry by staff. Answered and closed ones wait for nothing. False if it is already in that state.
pub async fn set_state(tx: &mut SqliteConnection, id: i64, state: InquiryState, now: Timestamp) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "UPDATE inquiries SET state = ?1, state_changed_at = ?2, state_before_spam = NULL, version = version + 1,
                visitor_replied_at = iif(?1 IN ('answered', 'closed'), NULL, visitor_replied_at)
         WHERE id = ?3 AND state <> ?1",
    )
    .bind(state)
    .bind(now.to_sqlx())
    .bind(id)
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Quarantines an inquiry that staff mark as spam, and stores its previous state.
pub async fn quarantine(tx: &mut SqliteConnection, id: i64, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE inquiries SET state_before_spam = state, state = 'quarantined', state_changed_at = ?, version = version + 1
         WHERE id = ? AND state <> 'quarantined'",
    )
    .bind(now.to_sqlx())
    .bind(id)
    .execute(tx)
    .await?;
    Ok(())
}

/// Records a decision of staff: `spam` or `not_spam`.
pub async fn insert_spam_verdict(
    tx: &mut SqliteConnection,
    id: i64,
    verdict: &'static str,
    actor: &str,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO spam_verdicts (inquiry_id, at, actor, verdict) VALUES (?, ?, ?, ?)")
        .bind(id)
        .bind(now.to_sqlx())
        .bind(actor)
        .bind(verdict)
        .execute(tx)
        .await?;
    Ok(())
}

/// Deletes the last decision about an inquiry, which was undone.
pub async fn forget_spam_verdict(tx: &mut SqliteConnection, id: i64) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM spam_verdicts WHERE id = (SELECT max(id) FROM spam_verdicts WHERE inquiry_id = ?)")
        .bind(id)
        .execute(tx)
        .await?;
    Ok(())
}

/// Who marked each of these inquiries as spam last, and when.
pub async fn spam_markers(db: impl SqliteExecutor<'_>, ids: &[i64]) -> sqlx::Result<HashMap<i64, (String, Timestamp)>> {
    let rows: Vec<(i64, String, jiff_sqlx::Timestamp)> = sqlx::query_as(
        "SELECT inquiry_id, actor, at FROM spam_verdicts
         WHERE verdict = 'spam' AND inquiry_id IN (SELECT value FROM json_each(?)) ORDER BY id",
    )
    .bind(serde_json::json!(ids).to_string())
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|(id, actor, at)| (id, (actor, at.to_jiff()))).collect())
}

/// Appends an event to the history of an inquiry, and increments its version. The table limits `kind`.
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

pub async fn set_noc(tx: &mut SqliteConnection, id: i64, noc: &str) -> sqlx::Result<()> {
    sqlx::query("UPDATE inquiries SET noc = ?, noc_matched = 0, version = version + 1 WHERE id = ?")
        .bind(noc)
        .bind(id)
        .execute(tx)
        .await?;
    Ok(())
}

/// The inquiry that this one was merged into, directly or indirectly. The inquiry itself if it was not merged.
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

/// IDs of the inquiries that were merged into this one, directly or indirectly.
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

/// Corrects times that were written while the clock was wrong, once it is trusted.
///
/// The retention period of an inquiry that was received at such a time starts at `now`. A trash date after `ahead` would
/// delay deletion until that date, so its seven days start at `now`.
pub async fn correct_times(tx: &mut SqliteConnection, ahead: Timestamp, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE inquiries SET trusted_at = ?1 WHERE trusted_at = '';
         UPDATE inquiries SET trashed_at = ?1 WHERE trashed_at > ?2",
    )
    .bind(now.to_sqlx())
    .bind(ahead.to_sqlx())
    .execute(tx)
    .await?;
    Ok(())
}

/// Deletes network hashes, which only the rate limit needs, of submissions outside `before..=ahead`.
pub async fn purge_network_hashes(tx: &mut SqliteConnection, before: Timestamp, ahead: Timestamp) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE inquiries SET network_hash = '' WHERE network_hash <> '' AND received_at NOT BETWEEN ?1 AND ?2;
         UPDATE inquiry_events SET network_hash = '' WHERE network_hash <> '' AND at NOT BETWEEN ?1 AND ?2",
    )
    .bind(before.to_sqlx())
    .bind(ahead.to_sqlx())
    .execute(tx)
    .await?;
    Ok(())
}

/// The latest timestamp among the newest rows of the tables that grow.
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

/// Stores a consent text if it is new.
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

/// The consent text of a version, if it was ever shown.
pub async fn consent_text(db: impl SqliteExecutor<'_>, version: &str) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar("SELECT text FROM consent_texts WHERE version = ?").bind(version).fetch_optional(db).await
}

/// An entry of an inquiry's history.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Event {
    pub id: i64,
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub at: Timestamp,
    /// Name of the member of staff, or `visitor`.
    pub actor: String,
    /// `received`, `state`, `note`, `owner`, `answer`, `sent_again`, …
    pub kind: String,
    /// The note, new state, new owner or answer.
    pub note: String,
}

/// History of an inquiry, oldest first.
pub async fn events(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Vec<Event>> {
    sqlx::query_as("SELECT id, at, actor, kind, note FROM inquiry_events WHERE inquiry_id = ? ORDER BY id")
        .bind(id)
        .fetch_all(db)
        .await
}

/// The last reference number of each year.
pub async fn reference_counters(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<(i64, i64)>> {
    sqlx::query_as("SELECT year, last FROM reference_counters").fetch_all(db).await
}

/// Makes the references of a year continue after `last`.
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
