//! SQL of retention, trash and legal hold.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::inquiries::{InquiryKind, InquiryState};

#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum DeletionReason {
    /// The retention period ended.
    Retention,
    /// The visitor withdrew the inquiry.
    Withdrawn,
    /// Staff moved it to the trash.
    Staff,
    /// The person requested erasure.
    Request,
}

impl DeletionReason {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Retention => "retention",
            Self::Withdrawn => "withdrawn",
            Self::Staff => "staff",
            Self::Request => "request",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Retention => "retention period ended",
            Self::Withdrawn => "withdrawn by the visitor",
            Self::Staff => "moved to the trash by staff",
            Self::Request => "requested by the person",
        }
    }
}

/// Time of the last activity: received, first seen with a trusted clock, submitted again, status changed, answered,
/// corrected, released, hold placed or removed, restored by a person. Automatic restores do not count.
macro_rules! last_activity {
    () => {
        "max(received_at, state_changed_at, coalesce(trusted_at, ''), coalesce(
            (SELECT max(e.at) FROM inquiry_events e WHERE e.inquiry_id = inquiries.id
             AND (e.kind IN ('state', 'answer', 'corrected', 'released', 'hold', 'sent_again')
                  OR (e.kind = 'restored' AND e.note <> 'retention'))), received_at)) AS since"
    };
}

/// Inquiry whose retention period may have ended.
#[derive(Debug, sqlx::FromRow)]
pub struct RetentionCandidate {
    pub id: i64,
    /// Last activity.
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub since: Timestamp,
}

/// Inquiries without activity since `before`, oldest activity first; not those in the trash or on hold.
pub async fn oldest_inactive(
    db: impl SqliteExecutor<'_>,
    kind: InquiryKind,
    is_quarantined: bool,
    before: Timestamp,
    limit: i64,
) -> sqlx::Result<Vec<RetentionCandidate>> {
    sqlx::query_as(concat!(
        "SELECT id, since FROM (SELECT id, ",
        last_activity!(),
        " FROM inquiries
          WHERE received_at <= ?1 AND trashed_at IS NULL AND on_hold = 0 AND kind = ?2 AND (state = 'quarantined') = ?3)
          WHERE since <= ?1 ORDER BY since, id LIMIT ?4"
    ))
    .bind(before.to_sqlx())
    .bind(kind)
    .bind(is_quarantined)
    .bind(limit)
    .fetch_all(db)
    .await
}

/// Moves an inquiry to the trash. Returns false if it is already there, or on hold.
pub async fn trash(tx: &mut SqliteConnection, id: i64, why: DeletionReason, now: Timestamp) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "UPDATE inquiries SET trashed_at = ?, trash_reason = ?, version = version + 1
         WHERE id = ? AND trashed_at IS NULL AND on_hold = 0",
    )
    .bind(now.to_sqlx())
    .bind(why)
    .bind(id)
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Restores an inquiry from the trash; a withdrawn one becomes new. Returns false if it is not in the trash.
pub async fn restore(tx: &mut SqliteConnection, id: i64, now: Timestamp) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "UPDATE inquiries SET trashed_at = NULL, trash_reason = NULL, version = version + 1,
                state_changed_at = iif(state = 'withdrawn', ?2, state_changed_at),
                state = iif(state = 'withdrawn', 'new', state)
         WHERE id = ?1 AND trashed_at IS NOT NULL",
    )
    .bind(id)
    .bind(now.to_sqlx())
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Restores an inquiry without changing its state. Returns false if it is not in the trash.
pub async fn untrash_silently(tx: &mut SqliteConnection, id: i64) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "UPDATE inquiries SET trashed_at = NULL, trash_reason = NULL, version = version + 1
         WHERE id = ? AND trashed_at IS NOT NULL",
    )
    .bind(id)
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Places or removes a legal hold. Returns false if nothing changed.
pub async fn set_hold(tx: &mut SqliteConnection, id: i64, on_hold: bool) -> sqlx::Result<bool> {
    let done = sqlx::query("UPDATE inquiries SET on_hold = ?1, version = version + 1 WHERE id = ?2 AND on_hold <> ?1")
        .bind(on_hold)
        .bind(id)
        .execute(tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Inquiries trashed by retention, latest activity first.
pub async fn trashed_by_retention(
    db: impl SqliteExecutor<'_>,
    kind: InquiryKind,
    is_quarantined: bool,
    limit: i64,
) -> sqlx::Result<Vec<RetentionCandidate>> {
    sqlx::query_as(concat!(
        "SELECT id, ",
        last_activity!(),
        " FROM inquiries
          WHERE trashed_at IS NOT NULL AND trash_reason = 'retention' AND kind = ? AND (state = 'quarantined') = ?
          ORDER BY since DESC, id LIMIT ?"
    ))
    .bind(kind)
    .bind(is_quarantined)
    .bind(limit)
    .fetch_all(db)
    .await
}

#[derive(Debug, sqlx::FromRow)]
pub struct RetentionStatus {
    pub kind: InquiryKind,
    pub state: InquiryState,
    /// Last activity.
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub since: Timestamp,
    pub trash_reason: Option<DeletionReason>,
}

pub async fn retention_status(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Option<RetentionStatus>> {
    sqlx::query_as(concat!("SELECT kind, state, trash_reason, ", last_activity!(), " FROM inquiries WHERE id = ?"))
        .bind(id)
        .fetch_optional(db)
        .await
}

#[derive(Debug, sqlx::FromRow)]
pub struct TrashedInquiry {
    pub id: i64,
    pub reference: String,
    pub receipt_token: String,
    pub name: String,
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub trashed_at: Timestamp,
    #[sqlx(rename = "trash_reason")]
    pub reason: DeletionReason,
}

macro_rules! trashed {
    ($rest:literal) => {
        concat!("SELECT id, reference, receipt_token, name, trashed_at, trash_reason FROM inquiries ", $rest)
    };
}

/// Inquiries trashed at `before` or earlier and not on hold, oldest first.
pub async fn trashed_before(
    db: impl SqliteExecutor<'_>,
    before: Timestamp,
    limit: i64,
) -> sqlx::Result<Vec<TrashedInquiry>> {
    sqlx::query_as(trashed!("WHERE trashed_at <= ? AND on_hold = 0 ORDER BY trashed_at, id LIMIT ?"))
        .bind(before.to_sqlx())
        .bind(limit)
        .fetch_all(db)
        .await
}

pub async fn count_trashed(db: impl SqliteExecutor<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT count(*) FROM inquiries WHERE trashed_at IS NOT NULL").fetch_one(db).await
}

/// One page of the trash, next to be deleted first.
pub async fn trashed(db: impl SqliteExecutor<'_>, limit: i64, offset: i64) -> sqlx::Result<Vec<TrashedInquiry>> {
    sqlx::query_as(trashed!("WHERE trashed_at IS NOT NULL ORDER BY trashed_at, id LIMIT ? OFFSET ?"))
        .bind(limit)
        .bind(offset)
        .fetch_all(db)
        .await
}
