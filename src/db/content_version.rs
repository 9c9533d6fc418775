//! Content version: a number that every change of a public page raises. The cached value is never older than the last
//! write of this process.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use sqlx::sqlite::{SqlitePool, SqlitePoolOptions};
use sqlx::{Executor, Row};
use tokio::sync::{Mutex, Notify};

/// Cached version. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct ContentVersion(Arc<CachedVersion>);

#[derive(Debug, Default)]
struct CachedVersion {
    /// The current write, or an earlier one that was rolled back, has raised the version.
    is_changed: AtomicBool,
    /// Number of finished writes of this process that raised the version, committed or not.
    writes: AtomicU64,
    /// Value of `writes` plus one at the last query; 0 before the first.
    queried_after: AtomicU64,
    version: AtomicI64,
    query_lock: Mutex<()>,
    write_ended: Notify,
}

impl ContentVersion {
    /// Installs a hook on every connection of the write pool that detects changes of the version. Other writes, such as
    /// inquiries and sent e-mails, do not affect readers.
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

    /// Whether the current write has raised the version. Called before the write connection is released.
    pub(super) fn take_changed(&self) -> bool {
        self.0.is_changed.swap(false, Ordering::SeqCst)
    }

    /// Marks the cached version as uncertain after a write that raised it.
    pub(super) fn after_write(&self) {
        self.0.writes.fetch_add(1, Ordering::SeqCst);
        self.0.write_ended.notify_one();
    }

    fn cached(&self) -> Option<i64> {
        let asked_after = self.0.queried_after.load(Ordering::SeqCst);
        (asked_after == self.0.writes.load(Ordering::SeqCst) + 1).then(|| self.0.version.load(Ordering::SeqCst))
    }

    /// Current version. Writes of this process are known at once, those of other processes after
    /// [`refresh`](Self::refresh).
    pub(super) async fn current(&self, read: &SqlitePool) -> sqlx::Result<i64> {
        if let Some(version) = self.cached() {
            return Ok(version);
        }
        let _one_asks_for_all = self.0.query_lock.lock().await;
        match self.cached() {
            Some(version) => Ok(version),
            None => self.query(read).await,
        }
    }

    /// Reads the version, so that writes of other processes are known.
    pub(super) async fn refresh(&self, read: &SqlitePool) -> sqlx::Result<i64> {
        let _one_at_a_time = self.0.query_lock.lock().await;
        self.query(read).await
    }

    /// Waits until a write of this process that raised the version has ended.
    pub(super) async fn write_ended(&self) {
        self.0.write_ended.notified().await;
    }

    /// The caller holds `query_lock`, so that an older result does not overwrite a newer one.
    async fn query(&self, read: &SqlitePool) -> sqlx::Result<i64> {
        // Read first: a write that ends during the query makes its result uncertain again.
        let writes = self.0.writes.load(Ordering::SeqCst);
        let version = read.fetch_one("SELECT version FROM content_version").await?.try_get(0)?;
        self.0.version.store(version, Ordering::SeqCst);
        self.0.queried_after.store(writes + 1, Ordering::SeqCst);
        Ok(version)
    }
}
