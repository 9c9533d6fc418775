//! Recurring job of inquiries: sends digests and notices, deletes old inquiries, removes network digests.

use std::sync::Arc;

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};

use crate::clock::MAX_CLOCK_SKEW;
use crate::db::Database;
use crate::http::BaseUrl;
use crate::inquiries::Eraser;
use crate::inquiries::monitoring::send_digest;
use crate::inquiries::receipts::send_correction_notices;
use crate::inquiries::store;
use crate::mail;
use crate::site::CachedFirm;

/// Network digests serve only to recognise floods of forms.
const NETWORK_HASH_TTL: SignedDuration = SignedDuration::from_hours(24);

/// The recurring work on inquiries, for a trusted clock. Each part may run twice, or in two processes, without harm.
pub struct ScheduledJobs {
    db: Database,
    firm: Arc<CachedFirm>,
    site: BaseUrl,
    eraser: Arc<Eraser>,
}

impl ScheduledJobs {
    pub fn new(db: Database, firm: Arc<CachedFirm>, site: BaseUrl, eraser: Arc<Eraser>) -> Self {
        Self { db, firm, site, eraser }
    }

    /// Does everything that is due. Returns the first failure.
    pub async fn run_due(&self, now: Timestamp) -> Result<()> {
        let firm = self.firm.current().await;
        let digest = send_digest(&self.db, &firm, &self.site, now).await;
        let notices = send_correction_notices(&self.db, &firm, &self.site, now).await;
        // Also after a failed digest.
        let retention = async {
            // First, so that inquiries received while the clock was wrong do not count as old.
            self.correct_times_and_purge(now).await?;
            self.eraser.run_due(&firm.retention, now).await
        };
        digest.and(notices).and(retention.await)
    }

    async fn correct_times_and_purge(&self, now: Timestamp) -> Result<()> {
        let (before, ahead) = (now - NETWORK_HASH_TTL, now + MAX_CLOCK_SKEW);
        let mut tx = self.db.begin_write().await?;
        store::correct_times(&mut tx, ahead, now).await?;
        store::purge_network_hashes(&mut tx, before, ahead).await?;
        mail::purge_network_hashes(&mut tx, before, ahead).await?;
        tx.commit().await?;
        Ok(())
    }
}
