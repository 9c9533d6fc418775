//! Write transactions with metrics of their wait and duration.

use std::ops::{Deref, DerefMut};
use std::time::Instant;

use prometheus_client::metrics::histogram::Histogram;
use sqlx::{Sqlite, SqliteConnection, Transaction};

use crate::db::content_version::ContentVersion;

/// Upper bounds of the histogram buckets in seconds.
pub fn latency_buckets() -> impl Iterator<Item = f64> {
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0].into_iter()
}

/// Wait and duration of write transactions. Clones share the histograms.
#[derive(Clone, Debug)]
pub struct WriteMetrics {
    /// Time from the request to the start of the transaction.
    pub wait: Histogram,
    /// Time from start to end.
    pub duration: Histogram,
}

impl Default for WriteMetrics {
    fn default() -> Self {
        Self { wait: Histogram::new(latency_buckets()), duration: Histogram::new(latency_buckets()) }
    }
}

/// Write transaction. Nobody else can write until it is committed or dropped, which rolls it back.
#[derive(Debug)]
pub struct WriteTx {
    transaction: Transaction<'static, Sqlite>,
    // Fields are dropped in this order: the guard after the transaction.
    guard: WriteGuard,
}

#[derive(Debug)]
struct WriteGuard {
    started_at: Instant,
    durations: Histogram,
    content_version: ContentVersion,
    content_changed: bool,
}

impl Drop for WriteGuard {
    fn drop(&mut self) {
        self.durations.observe(self.started_at.elapsed().as_secs_f64());
        if self.content_changed {
            self.content_version.after_write();
        }
    }
}

impl WriteTx {
    pub(super) fn new(
        transaction: Transaction<'static, Sqlite>,
        requested_at: Instant,
        metrics: &WriteMetrics,
        content_version: &ContentVersion,
    ) -> Self {
        let started_at = Instant::now();
        metrics.wait.observe((started_at - requested_at).as_secs_f64());
        Self {
            transaction,
            guard: WriteGuard {
                started_at,
                durations: metrics.duration.clone(),
                content_version: content_version.clone(),
                content_changed: false,
            },
        }
    }

    /// Commits. When this returns, the data survive a power cut.
    ///
    /// The commit runs to its end even if the caller is cancelled, and only then is recorded as done.
    pub async fn commit(self) -> sqlx::Result<()> {
        let Self { transaction, mut guard } = self;
        guard.content_changed = guard.content_version.take_changed();
        let committing = tokio::spawn(async move {
            let committed = transaction.commit().await;
            drop(guard);
            committed
        });
        committing.await.unwrap_or(Err(sqlx::Error::WorkerCrashed))
    }

    /// Rolls back.
    pub async fn rollback(self) -> sqlx::Result<()> {
        self.transaction.rollback().await
    }
}

impl Deref for WriteTx {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.transaction
    }
}

impl DerefMut for WriteTx {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.transaction
    }
}
