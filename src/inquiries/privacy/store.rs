//! All SQL about how long inquiries are kept, and about the bin.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::inquiries::{InquiryKind, InquiryState};

/// Why something is in the bin, or was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum DeletionReason {
    /// It was past its time.
    Retention,
    /// The visitor took it back.
    Withdrawn,
    /// Staff put it in the bin.
    Staff,
    /// The person asked for it.
    Request,
}

impl DeletionReason {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Retention => "retention",
            Self::Withdrawn => "withdrawn",
            Self::Staff => "staff",
            Self::Request => "request",
        }
    }

    /// For the admin area.
    pub fn label(self) -> &'static str {
        match self {
            Self::Retention => "its time was over",
            Self::Withdrawn => "the visitor took it back",
            Self::Staff => "staff put it in the bin",
            Self::Request => "the person asked for it",
        }
    }
}

/// When an inquiry was last dealt with: received, first seen while the clock was trusted, sent again, moved on, answered,
/// corrected, released, put on hold or released from it, taken out of the trash by somebody. That the clock takes out what it put there too
/// early does not count.
macro_rules! last_activity {
    () => {
        "max(received_at, state_changed_at, coalesce(trusted_at, ''), coalesce(
            (SELECT max(e.at) FROM inquiry_events e WHERE e.inquiry_id = inquiries.id
             AND (e.kind IN ('state', 'answer', 'corrected', 'released', 'hold', 'sent_again')
                  OR (e.kind = 'restored' AND e.note <> 'retention'))), received_at)) AS since"
    };
}

/// An inquiry whose time may be over.
#[derive(Debug, sqlx::FromRow)]
pub struct RetentionCandidate {
    /// Number of the row.
    pub id: i64,
    /// When it was last dealt with.
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub since: Timestamp,
}

/// Inquiries of a kind that nobody has dealt with since `before`, the longest untouched first. Neither those in the
/// bin nor those on hold.
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

/// Puts an inquiry in the bin; false where it is there already, or on hold.
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

/// Takes an inquiry out of the bin; false where it is not in it. One that the visitor had taken back waits again.
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

/// Takes an inquiry out of the bin without anybody having dealt with it; false where it is not in it.
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

/// Says whether the clock must leave an inquiry alone; false where that is so already.
pub async fn set_hold(tx: &mut SqliteConnection, id: i64, on_hold: bool) -> sqlx::Result<bool> {
    let done = sqlx::query("UPDATE inquiries SET on_hold = ?1, version = version + 1 WHERE id = ?2 AND on_hold <> ?1")
        .bind(on_hold)
        .bind(id)
        .execute(tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Inquiries that are in the bin because their time was over, the one dealt with last first.
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

/// How an inquiry stands towards the clock.
#[derive(Debug, sqlx::FromRow)]
pub struct RetentionStatus {
    /// Which form it came by.
    pub kind: InquiryKind,
    /// How far staff are with it.
    pub state: InquiryState,
    /// When it was last dealt with.
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub since: Timestamp,
    /// Why it is in the bin.
    pub trash_reason: Option<DeletionReason>,
}

/// How the inquiry with this number stands towards the clock.
pub async fn retention_status(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Option<RetentionStatus>> {
    sqlx::query_as(concat!("SELECT kind, state, trash_reason, ", last_activity!(), " FROM inquiries WHERE id = ?"))
        .bind(id)
        .fetch_optional(db)
        .await
}

/// Something in the bin.
#[derive(Debug, sqlx::FromRow)]
pub struct TrashedInquiry {
    /// Number of the row.
    pub id: i64,
    /// `IE-2026-000123`
    pub reference: String,
    /// What the receipt is found by.
    pub receipt_token: String,
    /// Whose it is.
    pub name: String,
    /// Since when.
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub trashed_at: Timestamp,
    /// Why.
    #[sqlx(rename = "trash_reason")]
    pub reason: DeletionReason,
}

/// What has lain in the bin since `before` or longer and is not on hold, the longest first.
pub async fn trashed_before(
    db: impl SqliteExecutor<'_>,
    before: Timestamp,
    limit: i64,
) -> sqlx::Result<Vec<TrashedInquiry>> {
    sqlx::query_as(
        "SELECT id, reference, receipt_token, name, trashed_at, trash_reason FROM inquiries
         WHERE trashed_at <= ? AND on_hold = 0 ORDER BY trashed_at, id LIMIT ?",
    )
    .bind(before.to_sqlx())
    .bind(limit)
    .fetch_all(db)
    .await
}

/// Begins the time of what was binned after `ahead`, while the clock was wrong, anew at `now`.
pub async fn fix_future_trash_dates(tx: &mut SqliteConnection, limit: Timestamp, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query("UPDATE inquiries SET trashed_at = ? WHERE trashed_at > ?")
        .bind(now.to_sqlx())
        .bind(limit.to_sqlx())
        .execute(tx)
        .await?;
    Ok(())
}

/// Whether anything was binned after `ahead`.
pub async fn any_trashed_after(db: impl SqliteExecutor<'_>, limit: Timestamp) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM inquiries WHERE trashed_at > ?)")
        .bind(limit.to_sqlx())
        .fetch_one(db)
        .await
}

/// How many inquiries are in the bin.
pub async fn count_trashed(db: impl SqliteExecutor<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT count(*) FROM inquiries WHERE trashed_at IS NOT NULL").fetch_one(db).await
}

/// A part of the bin, what is deleted soonest first.
pub async fn trashed(db: impl SqliteExecutor<'_>, limit: i64, offset: i64) -> sqlx::Result<Vec<TrashedInquiry>> {
    sqlx::query_as(
        "SELECT id, reference, receipt_token, name, trashed_at, trash_reason FROM inquiries
         WHERE trashed_at IS NOT NULL ORDER BY trashed_at, id LIMIT ? OFFSET ?",
    )
    .bind(limit)
    .bind(offset)
    .fetch_all(db)
    .await
}
