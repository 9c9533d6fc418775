//! All SQL about sending: what is due, how it fared, who may send, and an outage of the mail server.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::clock::MAX_CLOCK_SKEW;
use crate::mail::OutboxMessage;
use crate::mail::email::TransportKind;
use crate::mail::outage::Outage;
use crate::mail::store::select_outbox;

/// A longer one is the work of a clock that was wrong.
const MAX_OUTAGE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The e-mail that is sent next among those due: the most urgent, then the one that has waited longest. One whose time is
/// further ahead than any pause was put off by a clock that was wrong, and is due as well. `besides` is passed over.
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

/// When the next e-mail is due, if any waits.
pub async fn next_due_at(db: impl SqliteExecutor<'_>, now: Timestamp) -> sqlx::Result<Option<Timestamp>> {
    let due: Option<jiff_sqlx::Timestamp> = sqlx::query_scalar(
        "SELECT iif(EXISTS (SELECT 1 FROM outbox INDEXED BY outbox_due WHERE state = 'queued' AND next_attempt_at > ?2), ?1,
                    (SELECT min(next_attempt_at) FROM outbox INDEXED BY outbox_due WHERE state = 'queued'))",
    )
    .bind(now.to_sqlx())
    .bind((now + MAX_CLOCK_SKEW).to_sqlx())
    .fetch_one(db)
    .await?;
    Ok(due.map(jiff_sqlx::Timestamp::to_jiff))
}

/// Records that an e-mail was sent, by which way, and the date that it carries.
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

/// Records that an attempt failed, and when to try again: never, where `retry_at` is `None`. An e-mail that was put back to
/// the front in the meantime stays there. One that has gone out stays so: the attempt of a sender that was thought
/// dead may fail after another's succeeded.
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

/// Whether an e-mail is still there: what is erased while it is under way is not.
pub async fn exists(db: impl SqliteExecutor<'_>, email: &OutboxMessage) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM outbox WHERE id = ? AND message_id = ?)")
        .bind(email.id)
        .bind(&email.message_id)
        .fetch_one(db)
        .await
}

/// Whether an e-mail was put back to the front since it was read.
pub async fn was_requeued(db: impl SqliteExecutor<'_>, email: &OutboxMessage) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM outbox WHERE id = ? AND message_id = ? AND next_attempt_at <> ?)")
        .bind(email.id)
        .bind(&email.message_id)
        .bind(email.next_attempt_at.to_sqlx())
        .fetch_one(db)
        .await
}

/// The outage of the mail server, while there is one.
pub async fn outage(db: impl SqliteExecutor<'_>) -> sqlx::Result<Option<Outage>> {
    sqlx::query_as("SELECT since, failures, retry_at, reason FROM mail_outage WHERE id = 1").fetch_optional(db).await
}

/// Records an outage of the mail server, or that it goes on.
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

/// Ends an outage. What waits gets as much longer as it lasted before it is given up.
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

/// Has the mail server tried at once, whatever pause an outage asks for.
pub async fn retry_server(tx: &mut SqliteConnection, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query("UPDATE mail_outage SET retry_at = ?1 WHERE retry_at > ?1").bind(now.to_sqlx()).execute(tx).await?;
    Ok(())
}

/// The sender that may send, and when it last said that it works.
#[derive(Debug, sqlx::FromRow)]
pub struct LeaseHolder {
    /// Which sender, in which process.
    pub name: String,
    /// When it last said so.
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub renewed_at: Timestamp,
}

/// The sender that may send now, if any.
pub async fn lease_holder(db: impl SqliteExecutor<'_>) -> sqlx::Result<Option<LeaseHolder>> {
    sqlx::query_as("SELECT holder AS name, renewed_at FROM outbox_lease WHERE id = 1").fetch_optional(db).await
}

/// Gives the right to send to this sender, or notes that it still uses it.
pub async fn acquire_lease(tx: &mut SqliteConnection, name: &str, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO outbox_lease (id, holder, renewed_at) VALUES (1, ?, ?)
         ON CONFLICT (id) DO UPDATE SET holder = excluded.holder, renewed_at = excluded.renewed_at",
    )
    .bind(name)
    .bind(now.to_sqlx())
    .execute(tx)
    .await?;
    Ok(())
}

/// Takes the right to send back from this sender, if it has it.
pub async fn release_lease(tx: &mut SqliteConnection, name: &str) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM outbox_lease WHERE holder = ?").bind(name).execute(tx).await?;
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
