//! Warning about missing inquiries, for the dashboard and the digest.

use jiff::Timestamp;

use crate::db::Database;
use crate::inquiries::monitoring::inactivity::{WEEKS, is_long, unusual_inactivity, weeks};
use crate::inquiries::monitoring::store;

/// Warning for staff that no inquiry has arrived for an unusually long time.
pub async fn inactivity_warning(db: &Database, now: Timestamp) -> sqlx::Result<Option<String>> {
    let Some(newest) = store::latest_received_at(db.read(), now).await? else { return Ok(None) };
    if !is_long(newest, now) {
        return Ok(None);
    }
    let received = store::newest_in_each(db.read(), &weeks(newest)).await?;
    Ok(unusual_inactivity(&received, now).map(|days| {
        format!(
            "No inquiry for {days} days, although there was at least one in each of the {WEEKS} weeks before. \
             Test the forms and check that e-mails are sent."
        )
    }))
}
