//! Recurring job of pages: empties the trash.

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};

use crate::db::Database;
use crate::pages::store;
use crate::staff::{self, SYSTEM_ACTOR};

/// Days for which a page stays in the trash.
pub const TRASH_DAYS: i64 = 30;

/// Deletes the pages that have been in the trash for `TRASH_DAYS` days. For a trusted clock.
pub async fn purge_trash(db: &Database, now: Timestamp) -> Result<()> {
    let before = now - SignedDuration::from_hours(24 * TRASH_DAYS);
    let titles = store::titles_trashed_before(db.read(), before).await?;
    if titles.is_empty() {
        return Ok(());
    }
    let mut tx = db.begin_write().await?;
    store::purge_trashed_before(&mut tx, before).await?;
    for title in titles {
        staff::audit(&mut tx, now, SYSTEM_ACTOR, "deleted a page after 30 days in the trash", &title).await?;
    }
    Ok(tx.commit().await?)
}
