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
pub struct ContentVersion(Arc<CachedVersion>);

#[derive(Debug, Default)]
struct CachedVersion {
    /// The write under way raised the revision, or one before it that was not kept.
    is_changed: AtomicBool,
    /// Writes of this process that raised it, and ended: kept or not.
    writes: AtomicU64,
    /// How many of them had ended, and one more, when the database was last asked; 0 before that.
    queried_after: AtomicU64,
    version: AtomicI64,
    query_lock: Mutex<()>,
    write_ended: Notify,
}

impl ContentVersion {
    /// Has every connection of this pool, which is to write, tell when the revision is raised. So a write of something
    /// else, an inquiry or the dispatch of a letter, costs readers nothing.
    pub(super) fn install_update_hook(&self, pool: SqlitePoolOptions) -> SqlitePoolOptions {
        let content_version = self.clone();
        pool.after_connect(move |connection, _| {
            let version = content_version.clone();
            Box::pin(async move {
                connection.lock_handle().await?.set_update_hook(move |change| {
                    if change.table == "content_version" {
                        version.0.is_changed.store(true, Ordering::SeqCst);
                    }
                });
                Ok(())
            })
        })
    }

    /// Whether the write under way has raised the revision. Asked by the one that holds the writing connection, before it
    /// lets go of it: from then on the next one may raise it.
    pub(super) fn take_changed(&self) -> bool {
        self.0.is_changed.swap(false, Ordering::SeqCst)
    }

    /// A write that raised the revision has ended: what was known of it is no longer certain.
    pub(super) fn after_write(&self) {
        self.0.writes.fetch_add(1, Ordering::SeqCst);
        self.0.write_ended.notify_one();
    }

    fn cached(&self) -> Option<i64> {
        let asked_after = self.0.queried_after.load(Ordering::SeqCst);
        (asked_after == self.0.writes.load(Ordering::SeqCst) + 1).then(|| self.0.version.load(Ordering::SeqCst))
    }
}

impl Database {
    /// The revision of what visitors' pages show: it rises with every change of that. Of what this process wrote it knows
    /// at once; of what another one wrote, after somebody [looked](Self::look_at_revision).
    pub async fn content_version(&self) -> sqlx::Result<i64> {
        match self.content_version.cached() {
            Some(revision) => Ok(revision),
            None => {
                let _one_asks_for_all = self.content_version.0.query_lock.lock().await;
                match self.content_version.cached() {
                    Some(revision) => Ok(revision),
                    None => self.query_content_version().await,
                }
            }
        }
    }

    /// Asks the database, so that what another process wrote is known from here on.
    pub async fn refresh_content_version(&self) -> sqlx::Result<i64> {
        let _one_at_a_time = self.content_version.0.query_lock.lock().await;
        self.query_content_version().await
    }

    /// Waits until a write of this process that raised the revision has ended.
    pub async fn content_write_ended(&self) {
        self.content_version.0.write_ended.notified().await;
    }

    /// Only while `asking` is held: an older answer may not overwrite a newer one.
    async fn query_content_version(&self) -> sqlx::Result<i64> {
        let cached = &self.content_version.0;
        // Counted first: what ends while we ask makes the answer uncertain again.
        let writes = cached.writes.load(Ordering::SeqCst);
        let version = self.read.fetch_one("SELECT version FROM content_version").await?.try_get(0)?;
        cached.version.store(version, Ordering::SeqCst);
        cached.queried_after.store(writes + 1, Ordering::SeqCst);
        Ok(version)
    }
}
