//! SQL of the digest and the inactivity warning.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use serde_json::json;
use sqlx::{SqliteConnection, SqliteExecutor};

/// Time of the last digest queued before `now`. A later one was queued while the clock was wrong.
pub async fn last_digest(db: impl SqliteExecutor<'_>, now: Timestamp) -> sqlx::Result<Option<Timestamp>> {
    let last: Option<jiff_sqlx::Timestamp> =
        sqlx::query_scalar("SELECT queued_at FROM digest_runs WHERE queued_at <= ? ORDER BY queued_at DESC LIMIT 1")
            .bind(now.to_sqlx())
            .fetch_optional(db)
            .await?;
    Ok(last.map(jiff_sqlx::Timestamp::to_jiff))
}

pub async fn has_digest(db: impl SqliteExecutor<'_>, day: Date) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM digest_runs WHERE day = ?)")
        .bind(day.to_string())
        .fetch_one(db)
        .await
}

/// Returns false if the digest of this day was already recorded.
pub async fn record_digest(tx: &mut SqliteConnection, day: Date, now: Timestamp) -> sqlx::Result<bool> {
    let done = sqlx::query("INSERT INTO digest_runs (day, queued_at) VALUES (?, ?) ON CONFLICT DO NOTHING")
        .bind(day.to_string())
        .bind(now.to_sqlx())
        .execute(tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether the site was set up or received an inquiry before `moment`.
pub async fn was_active_before(db: impl SqliteExecutor<'_>, moment: Timestamp) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM page_revisions WHERE version = 1 AND saved_at < ?1)
             OR EXISTS (SELECT 1 FROM inquiries WHERE received_at < ?1)",
    )
    .bind(moment.to_sqlx())
    .fetch_one(db)
    .await
}

/// Numbers of inquiries received in `since..until`: not quarantined, and quarantined.
pub async fn count_received(
    db: impl SqliteExecutor<'_>,
    since: Timestamp,
    until: Timestamp,
) -> sqlx::Result<(i64, i64)> {
    sqlx::query_as(
        "SELECT count(*) FILTER (WHERE state <> 'quarantined'), count(*) FILTER (WHERE state = 'quarantined')
         FROM inquiries WHERE received_at >= ? AND received_at < ?",
    )
    .bind(since.to_sqlx())
    .bind(until.to_sqlx())
    .fetch_one(db)
    .await
}

/// Number of unanswered inquiries received before `moment`.
pub async fn count_unanswered(db: impl SqliteExecutor<'_>, moment: Timestamp) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "SELECT count(*) FROM inquiries
         WHERE state IN ('new', 'reading') AND trashed_at IS NULL AND merged_into IS NULL
           AND received_at < ?1 AND (visitor_replied_at IS NULL OR visitor_replied_at < ?1)",
    )
    .bind(moment.to_sqlx())
    .fetch_one(db)
    .await
}

/// Unanswered inquiry, without personal data.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct UnansweredInquiry {
    pub id: i64,
    pub reference: String,
    /// Part of the identity in links.
    pub receipt_token: String,
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub waiting_since: Timestamp,
}

/// The oldest unanswered inquiries received before `moment`.
pub async fn oldest_unanswered(
    db: impl SqliteExecutor<'_>,
    moment: Timestamp,
    limit: i64,
) -> sqlx::Result<Vec<UnansweredInquiry>> {
    sqlx::query_as(
        "SELECT id, reference, receipt_token, coalesce(visitor_replied_at, received_at) AS waiting_since FROM inquiries
         WHERE state IN ('new', 'reading') AND trashed_at IS NULL AND merged_into IS NULL
           AND received_at < ?1 AND (visitor_replied_at IS NULL OR visitor_replied_at < ?1)
         ORDER BY received_at, id LIMIT ?2",
    )
    .bind(moment.to_sqlx())
    .bind(limit)
    .fetch_all(db)
    .await
}

/// Decision of staff on spam, without personal data.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SpamVerdict {
    pub verdict: String,
    pub reference: String,
    pub spam_score: i64,
    /// One per line.
    pub spam_reasons: String,
}

/// The last decision on each inquiry in `since..until`, oldest first.
pub async fn spam_verdicts(
    db: impl SqliteExecutor<'_>,
    since: Timestamp,
    until: Timestamp,
) -> sqlx::Result<Vec<SpamVerdict>> {
    sqlx::query_as(
        "SELECT v.verdict, i.reference, i.spam_score, i.spam_reasons
         FROM spam_verdicts v JOIN inquiries i ON i.id = v.inquiry_id
         WHERE v.at >= ? AND v.at < ? AND v.id = (SELECT max(id) FROM spam_verdicts WHERE inquiry_id = v.inquiry_id)
         ORDER BY v.id",
    )
    .bind(since.to_sqlx())
    .bind(until.to_sqlx())
    .fetch_all(db)
    .await
}

/// Time of the newest inquiry that is not quarantined. One after `now` was received while the clock was wrong.
pub async fn latest_received_at(db: impl SqliteExecutor<'_>, now: Timestamp) -> sqlx::Result<Option<Timestamp>> {
    let newest: Option<jiff_sqlx::Timestamp> = sqlx::query_scalar(
        "SELECT received_at FROM inquiries WHERE state <> 'quarantined' AND received_at <= ?
         ORDER BY received_at DESC LIMIT 1",
    )
    .bind(now.to_sqlx())
    .fetch_optional(db)
    .await?;
    Ok(newest.map(jiff_sqlx::Timestamp::to_jiff))
}

/// Query of [`newest_in_each`]. One row of an index for each period.
const NEWEST_IN_EACH: &str = "
    SELECT received FROM (
        SELECT (SELECT received_at FROM inquiries
                WHERE state <> 'quarantined' AND received_at > value ->> 0 AND received_at <= value ->> 1
                ORDER BY received_at DESC LIMIT 1) AS received
        FROM json_each(?))
    WHERE received IS NOT NULL";

/// Time of the newest inquiry that is not quarantined in each of these periods, if any: after which time, and until which.
pub async fn newest_in_each(
    db: impl SqliteExecutor<'_>,
    periods: &[(Timestamp, Timestamp)],
) -> sqlx::Result<Vec<Timestamp>> {
    let periods: Vec<[String; 2]> =
        periods.iter().map(|(after, until)| [after.to_string(), until.to_string()]).collect();
    let received: Vec<jiff_sqlx::Timestamp> =
        sqlx::query_scalar(NEWEST_IN_EACH).bind(json!(periods).to_string()).fetch_all(db).await?;
    Ok(received.into_iter().map(jiff_sqlx::Timestamp::to_jiff).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::QueryPlan;

    #[tokio::test]
    async fn newest_inquiries_are_found_without_reading_all() {
        let plan = QueryPlan::explain(NEWEST_IN_EACH).await;
        assert!(!plan.scans("inquiries") && plan.uses("inquiries_by_day") && !plan.sorts(), "{plan:?}");
    }
}
