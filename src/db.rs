//! SQLite: opening, migration and write transactions.

mod content_version;
mod disk;
mod health;
mod inspect;
mod process_lock;
#[cfg(test)]
mod query_plan;
mod schema;
mod schema_check;
mod snapshot;
mod write;
mod write_check;

pub use disk::DiskSpace;
pub use health::DiskUsage;
pub use inspect::{DatabaseContent, inspect};
pub use process_lock::{ProcessLock, ensure_no_restore_pending, restore_marker, sibling_path};
#[cfg(test)]
pub use query_plan::QueryPlan;
pub use schema::Schema;
pub use schema_check::find_schema_difference;
pub use snapshot::{
    database_path, integrity_errors, open_in_memory, open_read_only, open_read_only_pool, open_snapshot, snapshot_into,
};
pub use write::{WriteMetrics, WriteTx, latency_buckets};

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Executor, Row, SqliteConnection};

use crate::db::content_version::ContentVersion;
use crate::secure_fs;

/// Connection pools: one connection for writing, several for reading.
#[derive(Clone, Debug)]
pub struct Database {
    read: SqlitePool,
    write: SqlitePool,
    checkpoint: SqlitePool,
    write_metrics: WriteMetrics,
    content_version: ContentVersion,
    write_check: write_check::WriteCheck,
    _lock: Arc<ProcessLock>,
}

/// Opens the database at `url`, creating the file if needed, and applies missing migrations.
///
/// Fails if the file cannot be created or written, or belongs to a newer version of the program.
pub async fn open(url: &str) -> Result<Database> {
    let options = SqliteConnectOptions::from_str(url)
        .with_context(|| format!("DATABASE_URL is \"{url}\", which cannot be read as the address of a SQLite file"))?
        .create_if_missing(true)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        // An acknowledged inquiry must survive a power cut, not only a crash.
        .synchronous(SqliteSynchronous::Full)
        // Another process may write a lot, and SQLite does not serve processes in order.
        .busy_timeout(Duration::from_secs(20))
        .pragma("trusted_schema", "OFF")
        // Deleted personal data must be overwritten.
        .pragma("secure_delete", "ON")
        // In pages. Checkpoints are rare, since each inquiry changes many index pages.
        .pragma("wal_autocheckpoint", "4000")
        // Large enough that a query never blocks on a full channel before its last row is read.
        .row_buffer_size(1000)
        .optimize_on_close(true, None);
    ensure_no_restore_pending(options.get_filename())?;
    let lock = Arc::new(ProcessLock::shared(options.get_filename()).await?);
    // Created before SQLite does, with mode 0600: it contains personal data.
    secure_fs::create_file(options.get_filename())?;
    let unopened = || format!("cannot open the database {}", options.get_filename().display());
    // Two write connections would only wait for each other's lock. One connection has a fair queue.
    let content_version = ContentVersion::default();
    // In kilobytes. Each inquiry touches many indexes. The four read connections keep the default of 2 MB, so that the
    // site stays below 40 MB.
    let write_options = options.clone().pragma("cache_size", "-8000");
    let write = content_version
        .install_update_hook(pool_options(1))
        .connect_with(write_options)
        .await
        .with_context(unopened)?;
    if let Some(refusal) = Schema::of(&mut *write.acquire().await?).await.with_context(unopened)?.incompatibility() {
        bail!("{refusal}");
    }
    schema::MIGRATOR
        .run(&write)
        .await
        .with_context(|| format!("cannot migrate the database {}", options.get_filename().display()))?;
    restrict_permissions(options.get_filename())?;
    // A write on a read connection fails at once.
    let read = pool_options(4).connect_with(options.clone().read_only(true)).await.with_context(unopened)?;
    // A checkpoint waits for readers and must not delay visitors for long.
    let checkpoint = pool_options(1).connect_lazy_with(options.busy_timeout(Duration::from_millis(200)));
    let write_metrics = WriteMetrics::default();
    Ok(Database {
        read,
        write,
        checkpoint,
        write_metrics,
        content_version,
        write_check: Default::default(),
        _lock: lock,
    })
}

fn pool_options(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
}

/// Restricts the database and its log files to their owner.
fn restrict_permissions(file: &Path) -> Result<()> {
    for ending in ["", "-wal", "-shm"] {
        secure_fs::restrict_permissions(&sibling_path(file, ending))?;
    }
    Ok(())
}

impl Database {
    /// Connections for reading. Writes through them fail.
    ///
    /// Every row crosses threads, which takes longer than finding it: read long lists as one row of JSON.
    pub fn read(&self) -> &SqlitePool {
        &self.read
    }

    /// Lock of the one sender of e-mail on this database; `None` while another sender has it.
    pub fn lock_sender(&self) -> Result<Option<ProcessLock>> {
        ProcessLock::sender(self.read.connect_options().get_filename())
    }

    /// Lock of the one import from WordPress on this database; `None` while another process or task has it.
    pub fn lock_import(&self) -> Result<Option<ProcessLock>> {
        ProcessLock::import(self.read.connect_options().get_filename())
    }

    /// Current content version. Writes of this process are known at once, those of other processes after
    /// [`refresh_content_version`](Self::refresh_content_version).
    pub async fn content_version(&self) -> sqlx::Result<i64> {
        self.content_version.current(&self.read).await
    }

    /// Reads the version, so that writes of other processes are known.
    pub async fn refresh_content_version(&self) -> sqlx::Result<i64> {
        self.content_version.refresh(&self.read).await
    }

    /// Waits until a write of this process that raised the version has ended.
    pub async fn content_write_ended(&self) {
        self.content_version.write_ended().await;
    }

    pub fn write_metrics(&self) -> &WriteMetrics {
        &self.write_metrics
    }

    /// Begins a write transaction with `BEGIN IMMEDIATE`, so that what is read inside it still holds at commit.
    pub async fn begin_write(&self) -> sqlx::Result<WriteTx> {
        let requested_at = Instant::now();
        loop {
            match self.write.begin_with("BEGIN IMMEDIATE").await {
                // On a full disk, SQLite ends the transaction by itself, but the connection does not notice and would refuse
                // every write until a restart. Replace it.
                Err(sqlx::Error::InvalidSavePointStatement) => {
                    // It may not even be possible to close it properly.
                    let _ = self.write.acquire().await?.close().await;
                }
                begun => {
                    let tx = begun?;
                    return Ok(WriteTx::new(tx, requested_at, &self.write_metrics, &self.content_version));
                }
            }
        }
    }

    /// Writes something that the current response does not depend on. A failure is only logged, as `failure`.
    pub async fn write_best_effort(
        &self,
        failure: &str,
        write: impl AsyncFnOnce(&mut SqliteConnection) -> sqlx::Result<()>,
    ) {
        let written = async {
            // Short, since the visitor did not ask for it.
            let begun = tokio::time::timeout(Duration::from_secs(1), self.begin_write()).await;
            let mut tx = begun.map_err(|_| sqlx::Error::PoolTimedOut)??;
            write(&mut tx).await?;
            tx.commit().await
        };
        if let Err(error) = written.await {
            tracing::error!("{failure}: {error} (DATA_DIR)");
        }
    }

    /// Merges the write-ahead log into the database and empties it, so that deleted data are gone. Returns false if a
    /// reader prevents it.
    pub async fn truncate_wal(&self) -> sqlx::Result<bool> {
        let row = self.checkpoint.fetch_one("PRAGMA wal_checkpoint(TRUNCATE)").await?;
        Ok(row.try_get::<i64, _>(0)? == 0)
    }

    /// Closes all connections and merges the write-ahead log.
    pub async fn close(&self) {
        self.read.close().await;
        self.checkpoint.close().await;
        self.write.close().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn the_bundled_sqlite_has_the_wal_fix() {
        let dir = tempfile::tempdir().unwrap();
        let db = open(&format!("sqlite://{}/site.db", dir.path().display())).await.unwrap();
        let version: String = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(db.read()).await.unwrap();
        let parts: Vec<u32> = version.split('.').map(|p| p.parse().unwrap()).collect();
        assert!(parts >= vec![3, 51, 3], "{version}");
        let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&db.write).await.unwrap();
        assert_eq!(synchronous, 2, "FULL");
    }

    #[actix_web::test]
    async fn the_bundled_sqlite_has_the_configured_compile_options() {
        let dir = tempfile::tempdir().unwrap();
        let db = open(&format!("sqlite://{}/site.db", dir.path().display())).await.unwrap();
        for (option, is_used) in
            [("ENABLE_QPSG", true), ("DEFAULT_MEMSTATUS=0", true), ("ENABLE_MEMORY_MANAGEMENT", false)]
        {
            let found: bool = sqlx::query_scalar("SELECT sqlite_compileoption_used(?)")
                .bind(option)
                .fetch_one(db.read())
                .await
                .unwrap();
            assert_eq!(found, is_used, "{option}");
        }
    }

    #[actix_web::test]
    async fn deleted_data_is_overwritten_in_the_file_and_the_wal() {
        let dir = tempfile::tempdir().unwrap();
        let db = open(&format!("sqlite://{}/site.db", dir.path().display())).await.unwrap();
        let (secret, long) = ("Zarqa-Confidential", "Confided ".repeat(2000));
        let mut tx = db.begin_write().await.unwrap();
        for number in 0..50 {
            sqlx::query("INSERT INTO redirects VALUES (?, ?)")
                .bind(format!("/{secret}-{number}"))
                .bind(format!("{secret} {long}"))
                .execute(&mut *tx)
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
        let files = || {
            let all = ["site.db", "site.db-wal"].map(|name| std::fs::read(dir.path().join(name)).unwrap_or_default());
            String::from_utf8_lossy(&all.concat()).into_owned()
        };
        assert!(files().contains(secret), "otherwise the test proves nothing");
        let mut reader = db.read().begin().await.unwrap();
        sqlx::query("SELECT count(*) FROM redirects").execute(&mut *reader).await.unwrap();
        let mut tx = db.begin_write().await.unwrap();
        sqlx::query("DELETE FROM redirects").execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        assert!(!db.truncate_wal().await.unwrap(), "a reader still uses the old content");
        reader.rollback().await.unwrap();
        assert!(db.truncate_wal().await.unwrap());
        assert!(!files().contains(secret) && !files().contains("Confided"));
    }

    #[actix_web::test]
    async fn writing_through_the_read_pool_fails() {
        let dir = tempfile::tempdir().unwrap();
        let db = open(&format!("sqlite://{}/site.db", dir.path().display())).await.unwrap();
        let result = sqlx::query("INSERT INTO redirects VALUES ('/a', '/b')").execute(db.read()).await;
        assert!(result.unwrap_err().to_string().contains("readonly"));
    }
}
