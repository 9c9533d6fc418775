//! Which state of what visitors' pages show the database holds: known without asking it for every page, and never behind
//! a write of this process.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use sqlx::sqlite::SqlitePoolOptions;
use sqlx::{Executor, Row};
use tokio::sync::{Mutex, Notify};

use crate::db::Database;

/// What is known of the revision. Copies know the same.
#[derive(Clone, Debug, Default)]
pub struct Revisions(Arc<Known>);

#[derive(Debug, Default)]
struct Known {
    /// The write under way raised the revision, or one before it that was not kept.
    is_raised: AtomicBool,
    /// Writes of this process that raised it, and ended: kept or not.
    writes: AtomicU64,
    /// How many of them had ended, and one more, when the database was last asked; 0 before that.
    asked_after: AtomicU64,
    revision: AtomicI64,
    asking: Mutex<()>,
    ended: Notify,
}

impl Revisions {
    /// Has every connection of this pool, which is to write, tell when the revision is raised. So a write of something
    /// else, an inquiry or the dispatch of a letter, costs readers nothing.
    pub(super) fn hear_of_changes(&self, pool: SqlitePoolOptions) -> SqlitePoolOptions {
        let revisions = self.clone();
        pool.after_connect(move |connection, _| {
            let revisions = revisions.clone();
            Box::pin(async move {
                connection.lock_handle().await?.set_update_hook(move |change| {
                    if change.table == "content" {
                        revisions.0.is_raised.store(true, Ordering::SeqCst);
                    }
                });
                Ok(())
            })
        })
    }

    /// Whether the write under way has raised the revision. Asked by the one that holds the writing connection, before it
    /// lets go of it: from then on the next one may raise it.
    pub(super) fn was_raised(&self) -> bool {
        self.0.is_raised.swap(false, Ordering::SeqCst)
    }

    /// A write that raised the revision has ended: what was known of it is no longer certain.
    pub(super) fn note_write(&self) {
        self.0.writes.fetch_add(1, Ordering::SeqCst);
        self.0.ended.notify_one();
    }

    fn known(&self) -> Option<i64> {
        let asked_after = self.0.asked_after.load(Ordering::SeqCst);
        (asked_after == self.0.writes.load(Ordering::SeqCst) + 1).then(|| self.0.revision.load(Ordering::SeqCst))
    }
}

impl Database {
    /// The revision of what visitors' pages show: it rises with every change of that. Of what this process wrote it knows
    /// at once; of what another one wrote, after somebody [looked](Self::look_at_revision).
    pub async fn revision(&self) -> sqlx::Result<i64> {
        match self.revisions.known() {
            Some(revision) => Ok(revision),
            None => {
                let _one_asks_for_all = self.revisions.0.asking.lock().await;
                match self.revisions.known() {
                    Some(revision) => Ok(revision),
                    None => self.ask().await,
                }
            }
        }
    }

    /// Asks the database, so that what another process wrote is known from here on.
    pub async fn look_at_revision(&self) -> sqlx::Result<i64> {
        let _one_at_a_time = self.revisions.0.asking.lock().await;
        self.ask().await
    }

    /// Waits until a write of this process that raised the revision has ended.
    pub async fn write_ended(&self) {
        self.revisions.0.ended.notified().await;
    }

    /// Only while `asking` is held: an older answer may not overwrite a newer one.
    async fn ask(&self) -> sqlx::Result<i64> {
        let known = &self.revisions.0;
        // Counted first: what ends while we ask makes the answer uncertain again.
        let writes = known.writes.load(Ordering::SeqCst);
        let revision = self.read.fetch_one("SELECT revision FROM content").await?.try_get(0)?;
        known.revision.store(revision, Ordering::SeqCst);
        known.asked_after.store(writes + 1, Ordering::SeqCst);
        Ok(revision)
    }
}
