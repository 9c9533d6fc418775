//! What is done by the clock and not by anybody's hand: digests sent, old inquiries deleted, networks forgotten.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use crate::clock::{Clock, MAX_CLOCK_SKEW};
use crate::db::Database;
use crate::http::BaseUrl;
use crate::inquiries::Eraser;
use crate::inquiries::clock_guard::{ClockSample, ClockStatus, SharedClockGuard};
use crate::inquiries::monitoring::send_digest;
use crate::inquiries::store;
use crate::mail;
use crate::site::CachedFirm;

/// How often the clock is looked at.
const TICK_INTERVAL: Duration = Duration::from_secs(60);
/// Which network an inquiry came from tells floods apart, and is of no use later.
const NETWORK_HASH_TTL: SignedDuration = SignedDuration::from_hours(24);

/// The housekeeping of one running site. Each of its duties may be done twice, or by two processes, without harm.
pub struct ScheduledJobs {
    db: Database,
    clock: Clock,
    firm: Arc<CachedFirm>,
    site: BaseUrl,
    eraser: Arc<Eraser>,
    clock_guard: SharedClockGuard,
}

impl ScheduledJobs {
    /// Takes everything it needs; nothing is done before [`Housekeeping::run`].
    pub fn new(
        db: Database,
        clock: Clock,
        trust: SharedClockGuard,
        firm: Arc<CachedFirm>,
        site: BaseUrl,
        eraser: Arc<Eraser>,
    ) -> Self {
        Self { db, clock, firm, site, eraser, clock_guard: trust }
    }

    /// How far the clock can be believed now; what changed is said once. To be asked first at the start, before
    /// anything new is kept.
    pub async fn check_clock(&self) -> sqlx::Result<ClockStatus> {
        let newest = store::latest_timestamp(self.db.read()).await?;
        let (belief, before) = self.clock_guard.observe(ClockSample::of(&self.clock), newest);
        if belief != before {
            match belief {
                ClockStatus::Trusted => tracing::info!("the clock is believed again"),
                ClockStatus::Unverified => tracing::warn!(
                    "nothing was kept within a day of what the clock shows: is it right? Nothing is deleted for a day"
                ),
                ClockStatus::Jumped => tracing::error!(
                    "the clock jumped by more than a day: is it right? Nothing is deleted, and no digest sent, for a day"
                ),
            }
        }
        Ok(belief)
    }

    /// Works until `stop` is cancelled, first of all at what was due while the site was down. What is under way then is
    /// broken off, as by a power cut: a write that is not committed never was, and is done at the next start.
    pub async fn run(&self, stop: CancellationToken) {
        let working = async {
            loop {
                self.tick().await;
                tokio::time::sleep(TICK_INTERVAL).await;
            }
        };
        tokio::select! {
            () = working => {}
            () = stop.cancelled() => {}
        }
    }

    /// Does everything whose time has come; what cannot be done is logged, and tried again the next time.
    pub async fn tick(&self) {
        if let Err(error) = self.run_due().await {
            tracing::error!(error = format!("{error:#}"), "the housekeeping could not be done");
        }
    }

    /// Does everything whose time has come.
    pub async fn run_due(&self) -> Result<()> {
        let belief = self.check_clock().await?;
        let firm = self.firm.current().await;
        let now = self.clock.now();
        // Each in its turn, whatever became of the ones before it.
        let mut done = vec![];
        if belief != ClockStatus::Jumped {
            done.push(send_digest(&self.db, &firm, &self.site, now).await);
        }
        // What is deleted is gone, so that it is done only where the clock is right.
        if belief == ClockStatus::Trusted {
            // First, so that what came while the clock was wrong is not taken for old.
            let noted = self.record_trusted_time(now).await;
            if noted.is_ok() {
                done.push(self.eraser.run_due(&firm.retention, now).await);
            }
            done.push(noted);
            done.push(self.purge_network_hashes(now).await);
        }
        done.into_iter().collect()
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
