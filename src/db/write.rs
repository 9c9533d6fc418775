//! A write under way, and how long writes wait for their turn and take.

use std::ops::{Deref, DerefMut};
use std::time::Instant;

use prometheus_client::metrics::histogram::Histogram;
use sqlx::{Sqlite, SqliteConnection, Transaction};

use crate::db::Database;
use crate::db::revision::Revisions;

/// Upper ends of the classes that times are counted in, in seconds: from half a millisecond to ten seconds.
pub fn time_buckets() -> impl Iterator<Item = f64> {
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0].into_iter()
}

/// How long writes waited, and how long they kept others waiting. Copies count together.
#[derive(Clone, Debug)]
pub struct WriteTimes {
    /// From asking to the beginning of the write.
    pub waited: Histogram,
    /// From there to its end.
    pub held: Histogram,
}

impl Default for WriteTimes {
    fn default() -> Self {
        Self { waited: Histogram::new(time_buckets()), held: Histogram::new(time_buckets()) }
    }
}

/// A write under way: nobody else writes until it is committed, or rolled back by letting it go.
#[derive(Debug)]
pub struct Write {
    transaction: Transaction<'static, Sqlite>,
    // Let go after the transaction: in the order in which they stand here.
    held: Held,
}

#[derive(Debug)]
struct Held {
    since: Instant,
    times: Histogram,
    revisions: Revisions,
    raised: bool,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.times.observe(self.since.elapsed().as_secs_f64());
        if self.raised {
            self.revisions.note_write();
        }
    }
}

impl Write {
    pub(super) fn begun(transaction: Transaction<'static, Sqlite>, asked: Instant, db: &Database) -> Self {
        let since = Instant::now();
        db.write_times.waited.observe((since - asked).as_secs_f64());
        Self {
            transaction,
            held: Held { since, times: db.write_times.held.clone(), revisions: db.revisions.clone(), raised: false },
        }
    }

    /// Keeps what was written; once this returns, it survives a power cut.
    ///
    /// It is done even where whoever waits for it goes away meanwhile, and only then is it noted as done.
    pub async fn commit(self) -> sqlx::Result<()> {
        let Self { transaction, mut held } = self;
        held.raised = held.revisions.was_raised();
        let committing = tokio::spawn(async move {
            let committed = transaction.commit().await;
            drop(held);
            committed
        });
        committing.await.unwrap_or(Err(sqlx::Error::WorkerCrashed))
    }

    /// Forgets what was written.
    pub async fn rollback(self) -> sqlx::Result<()> {
        self.transaction.rollback().await
    }
}

impl Deref for Write {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.transaction
    }
}

impl DerefMut for Write {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.transaction
    }
}
