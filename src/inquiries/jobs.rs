//! Recurring job of inquiries: sends digests, deletes old inquiries, removes network digests.

use std::sync::Arc;

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};

use crate::clock::{Clock, MAX_CLOCK_SKEW};
use crate::db::Database;
use crate::http::BaseUrl;
use crate::inquiries::Eraser;
use crate::inquiries::clock_guard::{ClockSample, ClockStatus, SharedClockGuard};
use crate::inquiries::monitoring::send_digest;
use crate::inquiries::store;
use crate::mail;
use crate::site::CachedFirm;

/// Network digests serve only to recognise floods of forms.
const NETWORK_HASH_TTL: SignedDuration = SignedDuration::from_hours(24);

/// The recurring work on inquiries. Each part may run twice, or in two processes, without harm.
pub struct ScheduledJobs {
    db: Database,
    clock: Clock,
    firm: Arc<CachedFirm>,
    site: BaseUrl,
    eraser: Arc<Eraser>,
    clock_guard: SharedClockGuard,
}

impl ScheduledJobs {
    pub fn new(
        db: Database,
        clock: Clock,
        clock_guard: SharedClockGuard,
        firm: Arc<CachedFirm>,
        site: BaseUrl,
        eraser: Arc<Eraser>,
    ) -> Self {
        Self { db, clock, firm, site, eraser, clock_guard }
    }

    /// Whether the clock can be trusted now. Logs each change. Call it at the start, before anything new is stored.
    pub async fn check_clock(&self) -> sqlx::Result<ClockStatus> {
        let newest = store::latest_timestamp(self.db.read()).await?;
        let (status, before) = self.clock_guard.observe(ClockSample::of(&self.clock), newest);
        if status != before {
            match status {
                ClockStatus::Trusted => tracing::info!("the clock is trusted again"),
                ClockStatus::Unverified => tracing::warn!(
                    "the clock differs by more than a day from the newest record: nothing is deleted for a day (clock)"
                ),
                ClockStatus::Jumped => tracing::error!(
                    "the clock jumped by more than a day: nothing is deleted and no digest is sent for a day (clock)"
                ),
            }
        }
        Ok(status)
    }

    /// Does everything that is due. Returns the first failure.
    pub async fn run_due(&self, now: Timestamp) -> Result<()> {
        let status = self.check_clock().await?;
        let firm = self.firm.current().await;
        // A failed part does not prevent the next one.
        let mut results = vec![];
        if status != ClockStatus::Jumped {
            results.push(send_digest(&self.db, &firm, &self.site, now).await);
        }
        // Deletion cannot be undone, so it needs a trusted clock.
        if status == ClockStatus::Trusted {
            // First, so that inquiries received while the clock was wrong do not count as old.
            let recorded = self.record_trusted_time(now).await;
            if recorded.is_ok() {
                results.push(self.eraser.run_due(&firm.retention, now).await);
            }
            results.push(recorded);
            results.push(self.purge_network_hashes(now).await);
        }
        results.into_iter().collect()
    }

    async fn record_trusted_time(&self, now: Timestamp) -> Result<()> {
        if store::any_untrusted(self.db.read()).await? {
            let mut tx = self.db.begin_write().await?;
            store::set_trusted_at(&mut tx, now).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    async fn purge_network_hashes(&self, now: Timestamp) -> Result<()> {
        let before = now - NETWORK_HASH_TTL;
        let ahead = now + MAX_CLOCK_SKEW;
        if store::has_expired_network_hashes(self.db.read(), before, ahead).await?
            || mail::has_expired_network_hashes(self.db.read(), before, ahead).await?
        {
            let mut tx = self.db.begin_write().await?;
            store::purge_network_hashes(&mut tx, before, ahead).await?;
            mail::purge_network_hashes(&mut tx, before, ahead).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}
