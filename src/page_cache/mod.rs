//! Cache of the public pages in memory, invalidated by every change of content.
//!
//! A cache generation holds the pages of one content version and of one period: until the offices open or close, or until
//! midnight in the office time zone, because pages show what is in effect today and whether the offices are open. A page
//! is rendered once per generation.

mod cached_page;
mod middleware;
mod purge;

pub use middleware::serve_cached;
pub use purge::PurgeTargets;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jiff::Timestamp;
use moka::future::Cache;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::db::Database;
use crate::http::CacheRules;
use crate::metrics::Metrics;
use crate::page_cache::cached_page::CachedPage;
use crate::site::CachedFirm;
use crate::web::OpeningHours;

/// Interval of the check for changes by other processes.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// The current cache generation and the metrics of the cache. Shared by all workers.
pub struct PageCache {
    db: Database,
    firm: Arc<CachedFirm>,
    clock: Clock,
    metrics: Metrics,
    cache_rules: CacheRules,
    max_bytes: u64,
    /// During shutdown, handlers answer every request themselves and close its connection.
    is_shut_down: AtomicBool,
    current: RwLock<Arc<Generation>>,
    cache_metrics: CacheMetrics,
}

#[derive(Default)]
struct CacheMetrics {
    hits: Counter,
    misses: Counter,
    invalidations: Counter,
    bytes: Gauge,
}

impl CacheMetrics {
    fn register(&self, registry: &mut Registry) {
        let Self { hits, misses, invalidations, bytes } = self;
        registry.register("page_cache_hits", "Requests answered from the page cache", hits.clone());
        registry.register(
            "page_cache_misses",
            "Pages rendered because they were not in the page cache",
            misses.clone(),
        );
        let help = "Invalidations of the page cache, by a change of content, the opening hours or the start of a day";
        registry.register("page_cache_invalidations", help, invalidations.clone());
        registry.register("page_cache_bytes", "Estimated memory of the cached pages in bytes", bytes.clone());
    }
}

/// The pages rendered since the last invalidation, by cache key.
struct Generation {
    version: CacheVersion,
    pages: Cache<String, Arc<CachedPage>>,
}

/// Version of the content that a generation shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct CacheVersion {
    content_version: i64,
    /// Start of the period (inclusive) and its end (exclusive).
    period: (Timestamp, Timestamp),
}

impl CacheVersion {
    fn for_version(content_version: i64, now: Timestamp, opening_hours: &OpeningHours) -> Self {
        Self { content_version, period: opening_hours.unchanged_period(now) }
    }

    fn matches(&self, content_version: i64, now: Timestamp) -> bool {
        self.content_version == content_version && self.period.0 <= now && now < self.period.1
    }
}

impl Generation {
    fn new(version: CacheVersion, bytes: u64) -> Self {
        let weigh = |key: &String, page: &Arc<CachedPage>| u32::try_from(key.len() + page.weight()).unwrap_or(u32::MAX);
        Self { version, pages: Cache::builder().max_capacity(bytes).weigher(weigh).build() }
    }
}

impl PageCache {
    /// Creates a cache of at most `max_bytes` for the pages that `cache_rules` name. With 0, every request is rendered.
    pub fn new(
        db: Database,
        firm: Arc<CachedFirm>,
        clock: Clock,
        metrics: Metrics,
        cache_rules: CacheRules,
        max_bytes: u64,
    ) -> Self {
        let initial =
            Generation::new(CacheVersion { content_version: 0, period: (Timestamp::MIN, Timestamp::MIN) }, max_bytes);
        let current = RwLock::new(Arc::new(initial));
        let cache_metrics = CacheMetrics::default();
        metrics.register(|registry| cache_metrics.register(registry));
        Self {
            db,
            firm,
            clock,
            metrics,
            cache_rules,
            max_bytes,
            is_shut_down: AtomicBool::new(false),
            current,
            cache_metrics,
        }
    }

    /// Stops answering from the cache.
    pub fn shut_down(&self) {
        self.is_shut_down.store(true, Ordering::SeqCst);
    }

    /// The generation at `now`: a new one if the content has changed or its period is over.
    async fn current_generation(&self, now: Timestamp) -> sqlx::Result<Arc<Generation>> {
        let content_version = self.db.content_version().await?;
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner).clone();
        if current.version.matches(content_version, now) {
            return Ok(current);
        }
        // Settings that change meanwhile raise the content version, and the next request makes another generation.
        let firm = self.firm.current().await;
        let version = CacheVersion::for_version(content_version, now, &firm.opening_hours);
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if current.version.content_version > content_version {
            // A later request was faster. Keep its newer generation and use a temporary one for this request.
            return Ok(Arc::new(Generation::new(version, 0)));
        }
        if !current.version.matches(content_version, now) {
            *current = Arc::new(Generation::new(version, self.max_bytes));
            self.cache_metrics.invalidations.inc();
        }
        Ok(current.clone())
    }

    /// Detects changes by other processes, and purges the upstream caches after every change.
    ///
    /// Runs until `stop` is cancelled.
    pub async fn watch_for_changes(&self, targets: PurgeTargets, stop: CancellationToken) {
        let notifier = targets.start_purgers();
        while !stop.is_cancelled() {
            match self.current_generation(self.clock.now()).await {
                Ok(generation) => notifier.notify(generation.version),
                Err(error) => tracing::error!("check for content changes failed: {error} (DATABASE_URL)"),
            }
            tokio::select! {
                () = self.db.content_write_ended() => {},
                () = tokio::time::sleep(POLL_INTERVAL) => {
                    // The next `current_generation` reports the error.
                    let _ = self.db.refresh_content_version().await;
                }
                () = stop.cancelled() => {}
            }
        }
    }
}
