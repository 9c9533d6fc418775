//! Resubmission of an existing inquiry: records it, reopens an answered or closed inquiry, and notifies staff.

use jiff::{SignedDuration, Timestamp};
use sqlx::SqliteConnection;

use crate::inquiries::intake::store;
use crate::inquiries::{Inquiry, InquiryState, store as inquiries};

/// Staff get at most one e-mail about resubmissions of an inquiry in this time, unless it was reopened.
const NOTIFY_INTERVAL: SignedDuration = SignedDuration::from_hours(1);

/// Notice to staff about an inquiry.
pub struct StaffNotice {
    /// The inquiry itself, or the one it was merged into.
    pub inquiry: Inquiry,
    pub sentence: String,
}

/// Records a resubmission. Returns the notice to staff, if one is due.
pub async fn record_resubmission(
    tx: &mut SqliteConnection,
    id: i64,
    network_hash: &str,
    now: Timestamp,
) -> sqlx::Result<Option<StaffNotice>> {
    let root = inquiries::merge_root(&mut *tx, id).await?.unwrap_or(id);
    let was_notified = store::was_resubmitted(&mut *tx, root, now - NOTIFY_INTERVAL, now + NOTIFY_INTERVAL).await?;
    let found = inquiries::find(&mut *tx, id).await?.ok_or(sqlx::Error::RowNotFound)?;
    store::insert_resubmission(&mut *tx, id, "", network_hash, now).await?;
    if root != id {
        store::insert_resubmission(&mut *tx, root, &found.reference, "", now).await?;
    }
    let is_reopened = reopen(&mut *tx, root, now).await?;
    let inquiry = inquiries::find(&mut *tx, root).await?.ok_or(sqlx::Error::RowNotFound)?;
    // Quarantined inquiries send no e-mails.
    if inquiry.state == InquiryState::Quarantined || (was_notified && !is_reopened) {
        return Ok(None);
    }
    let what = if root == id { "this inquiry".to_owned() } else { found.reference };
    let then = if is_reopened { " It was reopened." } else { "" };
    Ok(Some(StaffNotice { sentence: format!("The visitor sent {what} again.{then}"), inquiry }))
}

/// Reopens an inquiry and those merged into it, if they were answered or closed.
async fn reopen(tx: &mut SqliteConnection, root: i64, now: Timestamp) -> sqlx::Result<bool> {
    let mut is_reopened = false;
    let children = inquiries::merge_children(&mut *tx, root).await?;
    for id in [root].into_iter().chain(children) {
        let Some(inquiry) = inquiries::find(&mut *tx, id).await? else { continue };
        if matches!(inquiry.state, InquiryState::Answered | InquiryState::Closed) && inquiry.trashed_at.is_none() {
            inquiries::set_state(&mut *tx, id, InquiryState::New, now).await?;
            inquiries::record_event(&mut *tx, id, "state", "visitor", InquiryState::New.as_str(), now).await?;
            is_reopened = true;
        }
    }
    Ok(is_reopened)
}
