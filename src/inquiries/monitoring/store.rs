//! All SQL about what the watch looks at.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use sqlx::{SqliteConnection, SqliteExecutor};

/// When the last digest was queued before `now`: one after it was queued while the clock was wrong.
pub async fn last_digest(db: impl SqliteExecutor<'_>, now: Timestamp) -> sqlx::Result<Option<Timestamp>> {
    let last: Option<jiff_sqlx::Timestamp> =
        sqlx::query_scalar("SELECT queued_at FROM digest_runs WHERE queued_at <= ? ORDER BY queued_at DESC LIMIT 1")
            .bind(now.to_sqlx())
            .fetch_optional(db)
            .await?;
    Ok(last.map(jiff_sqlx::Timestamp::to_jiff))
}

/// Whether the digest of this day was queued.
pub async fn has_digest(db: impl SqliteExecutor<'_>, day: Date) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM digest_runs WHERE day = ?)")
        .bind(day.to_string())
        .fetch_one(db)
        .await
}

/// Notes that the digest of this day is being queued; false where it was before.
pub async fn record_digest(tx: &mut SqliteConnection, day: Date, now: Timestamp) -> sqlx::Result<bool> {
    let done = sqlx::query("INSERT INTO digest_runs (day, queued_at) VALUES (?, ?) ON CONFLICT DO NOTHING")
        .bind(day.to_string())
        .bind(now.to_sqlx())
        .execute(tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether the site was at work before `moment`: it had been filled, as it is at its first start, or received an inquiry.
pub async fn was_active_before(db: impl SqliteExecutor<'_>, moment: Timestamp) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM page_revisions WHERE version = 1 AND saved_at < ?1)
             OR EXISTS (SELECT 1 FROM inquiries WHERE received_at < ?1)",
    )
    .bind(moment.to_sqlx())
    .fetch_one(db)
    .await
}

/// How many inquiries came from `since` to before `until` that are not set aside as spam, and how many that are.
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

/// How many inquiries that came before `moment` nobody has answered.
pub async fn count_unanswered(db: impl SqliteExecutor<'_>, moment: Timestamp) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "SELECT count(*) FROM inquiries
         WHERE state IN ('new', 'reading') AND trashed_at IS NULL AND merged_into IS NULL AND received_at < ?",
    )
    .bind(moment.to_sqlx())
    .fetch_one(db)
    .await
}

/// An inquiry that waits, without anything its sender said.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct UnansweredInquiry {
    /// Number of the row.
    pub id: i64,
    /// `IE-2026-000123`
    pub reference: String,
    /// What the identity in a link is made from.
    pub receipt_token: String,
    /// When it was kept.
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub received_at: Timestamp,
}

/// The oldest of those.
pub async fn oldest_unanswered(
    db: impl SqliteExecutor<'_>,
    moment: Timestamp,
    limit: i64,
) -> sqlx::Result<Vec<UnansweredInquiry>> {
    sqlx::query_as(
        "SELECT id, reference, receipt_token, received_at FROM inquiries
         WHERE state IN ('new', 'reading') AND trashed_at IS NULL AND merged_into IS NULL AND received_at < ?
         ORDER BY received_at, id LIMIT ?",
    )
    .bind(moment.to_sqlx())
    .bind(limit)
    .fetch_all(db)
    .await
}

/// When the newest inquiry came that is not set aside as spam; what came after `now` came while the clock was wrong.
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

/// When the inquiries of a time came that are not set aside as spam, oldest first.
pub async fn received_times(
    db: impl SqliteExecutor<'_>,
    since: Timestamp,
    until: Timestamp,
) -> sqlx::Result<Vec<Timestamp>> {
    let received: Vec<jiff_sqlx::Timestamp> = sqlx::query_scalar(
        "SELECT received_at FROM inquiries WHERE state <> 'quarantined' AND received_at >= ? AND received_at < ?
         ORDER BY received_at",
    )
    .bind(since.to_sqlx())
    .bind(until.to_sqlx())
    .fetch_all(db)
    .await?;
    Ok(received.into_iter().map(jiff_sqlx::Timestamp::to_jiff).collect())
}
