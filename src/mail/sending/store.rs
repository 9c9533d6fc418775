//! SQL of the sender: due e-mails, outcomes of attempts, and the outage of the mail server.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::clock::MAX_CLOCK_SKEW;
use crate::mail::OutboxMessage;
use crate::mail::email::TransportKind;
use crate::mail::outage::Outage;
use crate::mail::store::select_outbox;

/// Maximum plausible length of an outage. A longer one was recorded while the clock was wrong.
const MAX_OUTAGE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Next due e-mail except `besides`: the most urgent, then the oldest. An e-mail whose time is further ahead than any pause
/// was postponed by a wrong clock and is due as well.
pub async fn next_due(
    db: impl SqliteExecutor<'_>,
    now: Timestamp,
    besides: Option<i64>,
) -> sqlx::Result<Option<OutboxMessage>> {
    sqlx::query_as(NEXT_DUE)
        .bind(now.to_sqlx())
        .bind((now + MAX_CLOCK_SKEW).to_sqlx())
        .bind(besides)
        .fetch_optional(db)
        .await
}

const NEXT_DUE: &str = select_outbox!(
    "FROM outbox INDEXED BY outbox_by_priority
     WHERE state = 'queued' AND (next_attempt_at <= ?1 OR next_attempt_at > ?2) AND id IS NOT ?3
     ORDER BY priority, next_attempt_at, id LIMIT 1"
);

pub async fn mark_sent(
    tx: &mut SqliteConnection,
    id: i64,
    by: TransportKind,
    date: Timestamp,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE outbox SET state = 'sent', attempts = attempts + 1, last_error = NULL, sent_at = ?, transport = ?,
                first_tried_at = coalesce(first_tried_at, ?)
         WHERE id = ?",
    )
    .bind(now.to_sqlx())
    .bind(by)
    .bind(date.to_sqlx())
    .bind(id)
    .execute(tx)
    .await?;
    Ok(())
}

/// Records a failed attempt. Without `retry_at` the e-mail has failed, unless staff have requeued it in the meantime.
pub async fn mark_failed_attempt(
    tx: &mut SqliteConnection,
    email: &OutboxMessage,
    error: &str,
    retry_at: Option<Timestamp>,
    date: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE outbox SET state = iif(next_attempt_at = ?1 AND attempts = ?2 AND ?3 IS NULL, 'failed', 'queued'),
                next_attempt_at = iif(next_attempt_at = ?1 AND attempts = ?2, coalesce(?3, next_attempt_at), next_attempt_at),
                attempts = attempts + 1, last_error = ?4, first_tried_at = coalesce(first_tried_at, ?5)
         WHERE id = ?6 AND state = 'queued'",
    )
    .bind(email.next_attempt_at.to_sqlx())
    .bind(email.attempts)
    .bind(retry_at.map(ToSqlx::to_sqlx))
    .bind(error)
    .bind(date.to_sqlx())
    .bind(email.id)
    .execute(tx)
    .await?;
    Ok(())
}

/// Whether an e-mail still exists; it may have been erased in the meantime.
pub async fn exists(db: impl SqliteExecutor<'_>, email: &OutboxMessage) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM outbox WHERE id = ? AND message_id = ?)")
        .bind(email.id)
        .bind(&email.message_id)
        .fetch_one(db)
        .await
}

/// Whether staff have requeued an e-mail since it was read.
pub async fn was_requeued(db: impl SqliteExecutor<'_>, email: &OutboxMessage) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM outbox WHERE id = ? AND message_id = ? AND next_attempt_at <> ?)")
        .bind(email.id)
        .bind(&email.message_id)
        .bind(email.next_attempt_at.to_sqlx())
        .fetch_one(db)
        .await
}

pub async fn outage(db: impl SqliteExecutor<'_>) -> sqlx::Result<Option<Outage>> {
    sqlx::query_as("SELECT since, failures, retry_at, reason FROM mail_outage WHERE id = 1").fetch_optional(db).await
}

pub async fn mark_outage(tx: &mut SqliteConnection, outage: &Outage) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO mail_outage (id, since, failures, retry_at, reason) VALUES (1, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET since = excluded.since, failures = excluded.failures, retry_at = excluded.retry_at,
                                        reason = excluded.reason",
    )
    .bind(outage.since.to_sqlx())
    .bind(outage.failures)
    .bind(outage.retry_at.to_sqlx())
    .bind(&outage.reason)
    .execute(tx)
    .await?;
    Ok(())
}

/// Ends an outage, and postpones the expiry of queued e-mails by its duration.
pub async fn end_outage(tx: &mut SqliteConnection, outage: &Outage, now: Timestamp) -> sqlx::Result<()> {
    let lasted = now.duration_since(outage.since).clamp(SignedDuration::ZERO, MAX_OUTAGE).as_secs();
    sqlx::query("DELETE FROM mail_outage").execute(&mut *tx).await?;
    if lasted > 0 {
        sqlx::query(
            "UPDATE outbox SET expires_at = strftime('%Y-%m-%dT%H:%M:%SZ', expires_at, ? || ' seconds')
             WHERE state = 'queued'",
        )
        .bind(lasted)
        .execute(tx)
        .await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db;

    #[tokio::test]
    async fn next_due_email_is_found_by_index() {
        let plan = db::QueryPlan::explain(NEXT_DUE).await;
        assert!(plan.uses("outbox_by_priority") && !plan.has_full_scan(), "{plan:?}");
    }
}
