//! SQL of the audit log.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use sqlx::types::Json;
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::staff::audit::changes::AuditChanges;
use crate::staff::audit::entry::AuditEntry;
use crate::staff::audit::filter::AuditFilter;
use crate::staff::audit::source::{AuditSource, masked_address};

/// Audit log entries for failed sign-ins per hour. Further ones are counted in one shared entry.
const MAX_FAILED_SIGN_IN_ENTRIES_PER_HOUR: i64 = 20;
const FAILED_SIGN_IN_TTL: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Adds an audit log entry, in the transaction of the action.
pub async fn audit(
    tx: &mut SqliteConnection,
    now: Timestamp,
    actor: &str,
    action: &str,
    subject: &str,
) -> sqlx::Result<()> {
    audit_change(tx, now, actor, action, subject, &AuditChanges::default()).await
}

/// Like [`audit`], with the values before and after.
pub async fn audit_change(
    tx: &mut SqliteConnection,
    now: Timestamp,
    actor: &str,
    action: &str,
    subject: &str,
    changes: &AuditChanges,
) -> sqlx::Result<()> {
    let AuditSource { staff_id, address } = AuditSource::current();
    sqlx::query(
        "INSERT INTO audit_log (at, actor, action, subject, staff_id, address, changes) VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(now.to_sqlx())
    .bind(actor)
    .bind(action)
    .bind(subject)
    .bind(staff_id)
    .bind(address)
    .bind(Json(changes))
    .execute(tx)
    .await?;
    Ok(())
}

/// Statement with the conditions of an [`AuditFilter`]: user, since and until are bound first.
macro_rules! matching {
    ($select:literal, $from:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $select,
            " FROM ",
            $from,
            " WHERE (?1 = '' OR a.actor = ?1) AND a.at >= ?2 AND a.at < ?3 ",
            $rest
        )
    };
}

macro_rules! select_entries {
    ($from:literal, $rest:literal) => {
        matching!("a.id, a.at, a.actor, a.action, a.subject, a.times, a.address, a.changes", $from, $rest)
    };
}

const COUNT: &str = matching!("count(*)", "audit_log a INDEXED BY audit_log_by_time", "");
const COUNT_FOUND: &str =
    matching!("count(*)", "audit_log_fts JOIN audit_log a ON a.id = audit_log_fts.rowid", "AND audit_log_fts MATCH ?4");
// The order of the IDs is that of the table.
const ENTRIES: &str = select_entries!("audit_log a NOT INDEXED", "AND a.id < ?4 ORDER BY a.id DESC LIMIT ?5 OFFSET ?6");
const ENTRIES_FOUND: &str = select_entries!(
    "audit_log_fts JOIN audit_log a ON a.id = audit_log_fts.rowid",
    "AND audit_log_fts.rowid < ?4 AND audit_log_fts MATCH ?7 ORDER BY audit_log_fts.rowid DESC LIMIT ?5 OFFSET ?6"
);

pub async fn count(db: impl SqliteExecutor<'_>, filter: &AuditFilter) -> sqlx::Result<i64> {
    let query = sqlx::query_scalar(if filter.search.is_some() { COUNT_FOUND } else { COUNT })
        .bind(&filter.user)
        .bind(filter.since.to_sqlx())
        .bind(filter.until.to_sqlx());
    match &filter.search {
        Some(search) => query.bind(search).fetch_one(db).await,
        None => query.fetch_one(db).await,
    }
}

/// Page of entries, newest first.
pub async fn page(
    db: impl SqliteExecutor<'_>,
    filter: &AuditFilter,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<AuditEntry>> {
    entries(db, filter, i64::MAX, limit, offset).await
}

/// Entries before one, newest first.
pub async fn before(
    db: impl SqliteExecutor<'_>,
    filter: &AuditFilter,
    id: i64,
    limit: i64,
) -> sqlx::Result<Vec<AuditEntry>> {
    entries(db, filter, id, limit, 0).await
}

async fn entries(
    db: impl SqliteExecutor<'_>,
    filter: &AuditFilter,
    before_id: i64,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<AuditEntry>> {
    let query = sqlx::query_as(if filter.search.is_some() { ENTRIES_FOUND } else { ENTRIES })
        .bind(&filter.user)
        .bind(filter.since.to_sqlx())
        .bind(filter.until.to_sqlx())
        .bind(before_id)
        .bind(limit)
        .bind(offset);
    match &filter.search {
        Some(search) => query.bind(search).fetch_all(db).await,
        None => query.fetch_all(db).await,
    }
}

/// Everyone with an entry, by name.
pub async fn users(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar("SELECT DISTINCT actor FROM audit_log ORDER BY actor").fetch_all(db).await
}

/// Deletes old failed sign-ins. Anybody can cause them, so they are not kept like the actions of staff.
pub async fn delete_old_failed_sign_ins(tx: &mut SqliteConnection, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM audit_log WHERE action = 'failed to sign in' AND at < ?")
        .bind((now - FAILED_SIGN_IN_TTL).to_sqlx())
        .execute(tx)
        .await?;
    Ok(())
}

/// Records a failed sign-in.
///
/// The number of entries is limited: one per hour for each masked e-mail address and network, with a counter, and one for
/// all others once there are many.
pub async fn record_failed_sign_in(
    tx: &mut SqliteConnection,
    now: Timestamp,
    subject: &str,
    client: IpAddr,
) -> sqlx::Result<()> {
    delete_old_failed_sign_ins(tx, now).await?;
    let since = (now - SignedDuration::from_hours(1)).to_sqlx();
    let network = masked_address(client);
    if increment_failed_sign_in(tx, since, subject, &network).await? {
        return Ok(());
    }
    let entries: i64 =
        sqlx::query_scalar("SELECT count(*) FROM audit_log WHERE action = 'failed to sign in' AND at > ?")
            .bind(since)
            .fetch_one(&mut *tx)
            .await?;
    let (subject, address) = match entries < MAX_FAILED_SIGN_IN_ENTRIES_PER_HOUR {
        true => (subject, network),
        false => ("other addresses", String::new()),
    };
    if increment_failed_sign_in(tx, since, subject, &address).await? {
        return Ok(());
    }
    let entry = audit(tx, now, "anonymous", "failed to sign in", subject);
    AuditSource { staff_id: None, address }.scope(entry).await
}

async fn increment_failed_sign_in(
    tx: &mut SqliteConnection,
    since: jiff_sqlx::Timestamp,
    subject: &str,
    address: &str,
) -> sqlx::Result<bool> {
    let counted = sqlx::query(
        "UPDATE audit_log SET times = times + 1
         WHERE id = (SELECT max(id) FROM audit_log
                     WHERE action = 'failed to sign in' AND at > ? AND subject = ? AND address = ?)",
    )
    .bind(since)
    .bind(subject)
    .bind(address)
    .execute(tx)
    .await?;
    Ok(counted.rows_affected() > 0)
}
