//! The one file that holds everything: opening it, bringing it up to date, and writing to it safely.

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
pub use snapshot::{database_path, integrity_errors, open_read_only, open_snapshot, snapshot_into};
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

/// The database of one running site: one connection that writes, several that only read.
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

/// Opens the database at `url`, making the file when there is none, and applies the migrations it lacks.
///
/// Fails where the file cannot be made or written, or belongs to a newer version of the program.
pub async fn open(url: &str) -> Result<Database> {
    let options = SqliteConnectOptions::from_str(url)
        .with_context(|| format!("DATABASE_URL is \"{url}\", which cannot be read as the address of a SQLite file"))?
        .create_if_missing(true)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        // What a visitor was told is kept must survive a power cut, not only a crash.
        .synchronous(SqliteSynchronous::Full)
        // Another process may be writing a lot, and between processes turns are not given in order.
        .busy_timeout(Duration::from_secs(20))
        .pragma("trusted_schema", "OFF")
        // What is deleted is overwritten: it was confided, and is to be gone.
        .pragma("secure_delete", "ON")
        // In pages: what each inquiry adds to the indexes is folded into the file once in a while, and not every time.
        .pragma("wal_autocheckpoint", "4000")
        // Nobody waits at a full channel before the last row of a page is read.
        .row_buffer_size(1000)
        .optimize_on_close(true, None);
    ensure_no_restore_pending(options.get_filename())?;
    let lock = Arc::new(ProcessLock::shared(options.get_filename()).await?);
    // Made before SQLite does, for its owner alone: it holds what applicants confide.
    secure_fs::create_file(options.get_filename())?;
    let unopened = || format!("cannot open the database {}", options.get_filename().display());
    // Two writers would only wait for each other's lock; one connection waits in a fair queue instead.
    let content_version = ContentVersion::default();
    // In kilobytes: each inquiry touches many indexes. Readers do with the 2 MB that SQLite takes of itself: there are
    // four of them, and the whole site is to fit into 40.
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
        .with_context(|| format!("cannot bring the database {} up to date", options.get_filename().display()))?;
    restrict_permissions(options.get_filename())?;
    // A write that strays to a reading connection fails at once instead of upsetting the queue.
    let read = pool_options(4).connect_with(options.clone().read_only(true)).await.with_context(unopened)?;
    // It waits for whoever reads, and may not keep a visitor's form waiting for long meanwhile.
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

/// Closes the database to others, with what SQLite lays beside it: it may come from where it was open to them.
fn restrict_permissions(file: &Path) -> Result<()> {
    for ending in ["", "-wal", "-shm"] {
        let mut beside = file.as_os_str().to_owned();
        beside.push(ending);
        secure_fs::restrict_permissions(Path::new(&beside))?;
    }
    Ok(())
}

impl Database {
    /// Connections for reading; a write through them fails.
    ///
    /// Each row is handed from the connection's thread to the one that asks, which takes longer than to find it: a long
    /// list is better asked for as one row of JSON.
    pub fn read(&self) -> &SqlitePool {
        &self.read
    }

    /// How long its writes wait and take.
    pub fn write_metrics(&self) -> &WriteMetrics {
        &self.write_metrics
    }

    /// Begins the one kind of write there is: `IMMEDIATE`, so that what is read inside it still holds at commit.
    pub async fn begin_write(&self) -> sqlx::Result<WriteTx> {
        let requested_at = Instant::now();
        loop {
            match self.write.begin_with("BEGIN IMMEDIATE").await {
                // On a full disk SQLite ends the transaction by itself, and the connection still believes in it: it
                // would refuse every write until a restart. Another one takes its place.
                Err(sqlx::Error::InvalidSavePointStatement) => {
                    // A connection that cannot even be closed in order is gone as well.
                    let _ = self.write.acquire().await?.close().await;
                }
                begun => return begun.map(|begun| WriteTx::new(begun, requested_at, self)),
            }
        }
    }

    /// Writes what the answer under way does not depend on: a failure is logged as `failure`, and the answer goes on.
    pub async fn write_best_effort(
        &self,
        failure: &str,
        write: impl AsyncFnOnce(&mut SqliteConnection) -> sqlx::Result<()>,
    ) {
        let written = async {
            // Nobody waits long for what they did not ask for.
            let begun = tokio::time::timeout(Duration::from_secs(1), self.begin_write()).await;
            let mut tx = begun.map_err(|_| sqlx::Error::PoolTimedOut)??;
            write(&mut tx).await?;
            tx.commit().await
        };
        if let Err(error) = written.await {
            tracing::error!(%error, "{failure}");
        }
    }

    /// Folds the write-ahead log into the file and empties it, so that nothing of what was deleted stands in it any
    /// more; false where somebody is still reading, so that it must be tried again.
    pub async fn truncate_wal(&self) -> sqlx::Result<bool> {
        let row = self.checkpoint.fetch_one("PRAGMA wal_checkpoint(TRUNCATE)").await?;
        Ok(row.try_get::<i64, _>(0)? == 0)
    }

    /// Closes every connection, folding the write-ahead log into the file.
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
        assert!(files().contains(secret), "else the test proves nothing");
        let mut reader = db.read().begin().await.unwrap();
        sqlx::query("SELECT count(*) FROM redirects").execute(&mut *reader).await.unwrap();
        let mut tx = db.begin_write().await.unwrap();
        sqlx::query("DELETE FROM redirects").execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        assert!(!db.truncate_wal().await.unwrap(), "somebody still reads what was before");
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
