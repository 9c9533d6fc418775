//! Warning about missing inquiries, for the dashboard and the digest.

use jiff::{SignedDuration, Timestamp};

use crate::db::Database;
use crate::inquiries::monitoring::inactivity::{WEEKS, is_long, lookback, unusual_inactivity};
use crate::inquiries::monitoring::store;

/// Warning for staff that no inquiry has arrived for an unusually long time.
pub async fn inactivity_warning(db: &Database, now: Timestamp) -> sqlx::Result<Option<String>> {
    let Some(newest) = store::latest_received_at(db.read(), now).await? else { return Ok(None) };
    // Usually, so that the dashboard does not read thousands of times.
    if !is_long(newest, now) {
        return Ok(None);
    }
    let received = store::received_times(db.read(), newest - lookback(), newest + SignedDuration::from_secs(1)).await?;
    Ok(unusual_inactivity(&received, now).map(|days| {
        format!(
            "No inquiry for {days} days, although there was at least one in each of the {WEEKS} weeks before. \
             Test the forms and check that e-mails are sent."
        )
    }))
}
