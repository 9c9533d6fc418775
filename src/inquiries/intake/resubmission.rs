//! What becomes of an inquiry that a visitor sends again after the time of a double submission: it is recorded, opened
//! again where staff were done with it, and staff are told.

use jiff::{SignedDuration, Timestamp};
use sqlx::SqliteConnection;

use crate::inquiries::intake::store;
use crate::inquiries::{Inquiry, InquiryState, store as inquiries};

/// Staff get no more than one e-mail about repetitions of one inquiry in this time, unless it was opened again.
const NOTIFY_INTERVAL: SignedDuration = SignedDuration::from_hours(1);

/// What staff are told about an inquiry.
pub struct StaffNotice {
    /// The inquiry that staff work on.
    pub inquiry: Inquiry,
    /// One sentence.
    pub sentence: String,
}

/// Records that the inquiry with this number was sent again. What staff are to be told by e-mail, if anything.
pub async fn record_resubmission(
    tx: &mut SqliteConnection,
    id: i64,
    network_hash: &str,
    now: Timestamp,
) -> sqlx::Result<Option<StaffNotice>> {
    let root = inquiries::merge_root(&mut *tx, id).await?.unwrap_or(id);
    let is_known = store::was_resubmitted(&mut *tx, root, now - NOTIFY_INTERVAL, now + NOTIFY_INTERVAL).await?;
    let found = inquiries::find(&mut *tx, id).await?.ok_or(sqlx::Error::RowNotFound)?;
    store::insert_resubmission(&mut *tx, id, "", network_hash, now).await?;
    if root != id {
        store::insert_resubmission(&mut *tx, root, &found.reference, "", now).await?;
    }
    let is_reopened = reopen(&mut *tx, root, now).await?;
    let inquiry = inquiries::find(&mut *tx, root).await?.ok_or(sqlx::Error::RowNotFound)?;
    // Nobody is written to about what is quarantined.
    if inquiry.state == InquiryState::Quarantined || (is_known && !is_reopened) {
        return Ok(None);
    }
    let what = if root == id { "this inquiry".to_owned() } else { found.reference };
    let then = if is_reopened { " It is open again." } else { "" };
    Ok(Some(StaffNotice { sentence: format!("The visitor sent {what} again.{then}"), inquiry }))
}

/// Opens an inquiry, and those that are answered in it, where staff were done with them.
async fn reopen(tx: &mut SqliteConnection, root: i64, now: Timestamp) -> sqlx::Result<bool> {
    let mut is_reopened = false;
    let below = inquiries::merge_children(&mut *tx, root).await?;
    for id in [root].into_iter().chain(below) {
        let Some(inquiry) = inquiries::find(&mut *tx, id).await? else { continue };
        if matches!(inquiry.state, InquiryState::Answered | InquiryState::Closed) && inquiry.trashed_at.is_none() {
            inquiries::set_state(&mut *tx, id, InquiryState::New, now).await?;
            inquiries::record_event(&mut *tx, id, "state", "visitor", InquiryState::New.as_str(), now).await?;
            is_reopened = true;
        }
    }
    Ok(is_reopened)
}
