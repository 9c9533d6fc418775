//! Editions: what visitors' pages look like between two changes. Each page is made once for an edition, kept in memory as
//! a ready copy, and handed out from there until anything that pages show has changed.
//!
//! An edition is of one revision of the content and of one day in the firm's offices, since pages say what holds today.

mod answer;
mod purge;
mod ready;

pub use answer::answer;
pub use purge::Caches;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jiff::{Timestamp, ToSpan};
use moka::future::Cache;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::db::Database;
use crate::editions::ready::Ready;
use crate::metrics::Metrics;
use crate::web::{Addresses, firm_zone};

/// How often the database is asked whether another process changed something.
const ASKED_EVERY: Duration = Duration::from_millis(500);

/// The edition of this moment, and what is counted of all of them. Shared by all who answer.
pub struct Editions {
    db: Database,
    clock: Clock,
    metrics: Metrics,
    addresses: Addresses,
    bytes: u64,
    /// No ready copy is handed out any more, since each answer is to be the last on its connection.
    has_ended: AtomicBool,
    current: RwLock<Arc<Edition>>,
    counted: Counted,
}

#[derive(Default)]
struct Counted {
    handed_out: Counter,
    made: Counter,
    editions: Counter,
    bytes: Gauge,
}

impl Counted {
    fn register(&self, registry: &mut Registry) {
        let Self { handed_out, made, editions, bytes } = self;
        registry.register("site_ready_copies_handed_out", "Answers from a ready copy", handed_out.clone());
        registry.register("site_ready_copies_made", "Ready copies made", made.clone());
        let help = "Editions begun: one for each change of what pages show, and one each day";
        registry.register("site_editions", help, editions.clone());
        registry.register("site_ready_copies_bytes", "Memory that ready copies take", bytes.clone());
    }
}

/// Every page that was asked for since something changed.
struct Edition {
    number: Number,
    copies: Cache<String, Arc<Ready>>,
}

/// Which edition it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Number {
    revision: i64,
    /// The first instant of its day, and the first after it.
    day: (Timestamp, Timestamp),
}

impl Number {
    fn at(revision: i64, now: Timestamp) -> Self {
        let day = now.to_zoned(firm_zone()).start_of_day();
        let next = day.as_ref().ok().and_then(|day| day.checked_add(1.day()).ok());
        let day = match (day, next) {
            (Ok(day), Some(next)) => (day.timestamp(), next.timestamp()),
            // At the end of all time: of this instant alone.
            _ => (now, now),
        };
        Self { revision, day }
    }

    fn is_of(&self, revision: i64, now: Timestamp) -> bool {
        self.revision == revision && self.day.0 <= now && now < self.day.1
    }
}

impl Edition {
    fn new(number: Number, bytes: u64) -> Self {
        let weigh =
            |address: &String, ready: &Arc<Ready>| u32::try_from(address.len() + ready.weight()).unwrap_or(u32::MAX);
        Self { number, copies: Cache::builder().max_capacity(bytes).weigher(weigh).build() }
    }
}

impl Editions {
    /// For a site with these public addresses, which is counted by `metrics`. The ready copies take at most `bytes` of memory; with 0 every page is made
    /// anew whenever somebody asks for it.
    pub fn new(db: Database, clock: Clock, metrics: Metrics, addresses: Addresses, bytes: u64) -> Self {
        let before_the_first = Edition::new(Number { revision: 0, day: (Timestamp::MIN, Timestamp::MIN) }, bytes);
        let current = RwLock::new(Arc::new(before_the_first));
        let counted = Counted::default();
        metrics.register(|registry| counted.register(registry));
        Self { db, clock, metrics, addresses, bytes, has_ended: AtomicBool::new(false), current, counted }
    }

    /// From now on every page is made for whoever asks: the site is stopping.
    pub fn end(&self) {
        self.has_ended.store(true, Ordering::SeqCst);
    }

    /// The edition of `now`: a new one where anything changed since the last time.
    async fn current(&self, now: Timestamp) -> sqlx::Result<Arc<Edition>> {
        let revision = self.db.revision().await?;
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner).clone();
        if current.number.is_of(revision, now) {
            return Ok(current);
        }
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if current.number.revision > revision {
            // Somebody who asked a moment later was quicker: a newer edition is not thrown away for an older one.
            return Ok(Arc::new(Edition::new(Number::at(revision, now), 0)));
        }
        if !current.number.is_of(revision, now) {
            *current = Arc::new(Edition::new(Number::at(revision, now), self.bytes));
            self.counted.editions.inc();
        }
        Ok(current.clone())
    }

    /// Looks out for changes by other processes, and tells the caches before the site of every change, until `stop` turns
    /// true.
    pub async fn watch(&self, caches: Caches, mut stop: watch::Receiver<bool>) {
        let telling = caches.tell();
        while !*stop.borrow() {
            match self.current(self.clock.now()).await {
                Ok(edition) => telling.edition(edition.number),
                Err(error) => tracing::error!(%error, "whether pages changed could not be found out"),
            }
            tokio::select! {
                () = self.db.write_ended() => {},
                () = tokio::time::sleep(ASKED_EVERY) => {
                    // What is wrong with the database is said above, where nothing is known any more.
                    let _ = self.db.look_at_revision().await;
                }
                changed = stop.changed() => if changed.is_err() { return },
            }
        }
    }
}
