//! What becomes of an inquiry that a visitor sends again after the time of a double submission: it is recorded, opened
//! again where staff were done with it, and staff are told.

use jiff::{SignedDuration, Timestamp};
use sqlx::SqliteConnection;

use crate::inquiries::counter::store;
use crate::inquiries::{Inquiry, State, store as inquiries};

/// Staff get no more than one e-mail about repetitions of one inquiry in this time, unless it was opened again.
const TOLD_ONCE_IN: SignedDuration = SignedDuration::from_hours(1);

/// What staff are told about an inquiry.
pub struct News {
    /// The inquiry that staff work on.
    pub inquiry: Inquiry,
    /// One sentence.
    pub sentence: String,
}

/// Records that the inquiry with this number was sent again. What staff are to be told by e-mail, if anything.
pub async fn sent_again(
    tx: &mut SqliteConnection,
    id: i64,
    network: &str,
    now: Timestamp,
) -> sqlx::Result<Option<News>> {
    let root = inquiries::root(&mut *tx, id).await?.unwrap_or(id);
    let is_known = store::was_sent_again(&mut *tx, root, now - TOLD_ONCE_IN, now + TOLD_ONCE_IN).await?;
    let found = inquiries::find(&mut *tx, id).await?.ok_or(sqlx::Error::RowNotFound)?;
    store::note_sent_again(&mut *tx, id, "", network, now).await?;
    if root != id {
        store::note_sent_again(&mut *tx, root, &found.reference, "", now).await?;
    }
    let is_reopened = reopen(&mut *tx, root, now).await?;
    let inquiry = inquiries::find(&mut *tx, root).await?.ok_or(sqlx::Error::RowNotFound)?;
    // Nobody is written to about what is quarantined.
    if inquiry.state == State::Quarantined || (is_known && !is_reopened) {
        return Ok(None);
    }
    let what = if root == id { "this inquiry".to_owned() } else { found.reference };
    let then = if is_reopened { " It is open again." } else { "" };
    Ok(Some(News { sentence: format!("The visitor sent {what} again.{then}"), inquiry }))
}

/// Opens an inquiry, and those that are answered in it, where staff were done with them.
async fn reopen(tx: &mut SqliteConnection, root: i64, now: Timestamp) -> sqlx::Result<bool> {
    let mut is_reopened = false;
    let below = inquiries::below(&mut *tx, root).await?;
    for id in [root].into_iter().chain(below) {
        let Some(inquiry) = inquiries::find(&mut *tx, id).await? else { continue };
        if matches!(inquiry.state, State::Answered | State::Closed) && inquiry.binned_at.is_none() {
            inquiries::set_state(&mut *tx, id, State::New, now).await?;
            inquiries::note(&mut *tx, id, "state", "visitor", State::New.as_str(), now).await?;
            is_reopened = true;
        }
    }
    Ok(is_reopened)
}
