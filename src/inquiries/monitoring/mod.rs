//! What somebody must notice though nobody looks: the daily digest, and the silence that means something is broken.

mod digest;
mod inactivity;
mod store;

pub use digest::send as send_digest;

use jiff::{SignedDuration, Timestamp};

use crate::db::Database;
use crate::inquiries::monitoring::inactivity::{LOOKBACK, unusual_inactivity};

/// A sentence for staff where no inquiry has come for so long that it is unusual for this site.
pub async fn inactivity_warning(db: &Database, now: Timestamp) -> sqlx::Result<Option<String>> {
    let Some(newest) = store::latest_received_at(db.read(), now).await? else { return Ok(None) };
    let received = store::received_times(db.read(), newest - LOOKBACK, newest + SignedDuration::from_secs(1)).await?;
    Ok(unusual_inactivity(&received, now).map(|days| {
        format!("No inquiry for {days} days. That is unusual for this site: try the forms, and look at the mail.")
    }))
}
