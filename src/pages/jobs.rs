//! Recurring job of pages: empties the trash.

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};

use crate::db::Database;
use crate::pages::store;

/// Days for which a page stays in the trash.
pub const TRASH_DAYS: i64 = 30;

/// Deletes the pages that have been in the trash for `TRASH_DAYS` days. For a trusted clock.
pub async fn purge_trash(db: &Database, now: Timestamp) -> Result<()> {
    let before = now - SignedDuration::from_hours(24 * TRASH_DAYS);
    if store::count_trashed_before(db.read(), before).await? > 0 {
        let mut tx = db.begin_write().await?;
        store::purge_trashed_before(&mut tx, before).await?;
        tx.commit().await?;
    }
    Ok(())
}
