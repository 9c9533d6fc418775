//! What is done by the clock and not by anybody's hand: digests sent, old inquiries deleted, networks forgotten.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use crate::clock::{AHEAD, Clock};
use crate::db::Database;
use crate::inquiries::Shredder;
use crate::inquiries::store;
use crate::inquiries::trust::{Belief, Reading, SharedTrust};
use crate::inquiries::watch::send_digest;
use crate::mail;
use crate::site::FirmSource;
use crate::web::SiteAddress;

/// How often the clock is looked at.
const EVERY: Duration = Duration::from_secs(60);
/// Which network an inquiry came from tells floods apart, and is of no use later.
const NETWORKS_KEPT: SignedDuration = SignedDuration::from_hours(24);

/// The housekeeping of one running site. Each of its duties may be done twice, or by two processes, without harm.
pub struct Housekeeping {
    db: Database,
    clock: Clock,
    firm: Arc<FirmSource>,
    site: SiteAddress,
    shredder: Arc<Shredder>,
    trust: SharedTrust,
}

impl Housekeeping {
    /// Takes everything it needs; nothing is done before [`Housekeeping::run`].
    pub fn new(
        db: Database,
        clock: Clock,
        trust: SharedTrust,
        firm: Arc<FirmSource>,
        site: SiteAddress,
        shredder: Arc<Shredder>,
    ) -> Self {
        Self { db, clock, firm, site, shredder, trust }
    }

    /// How far the clock can be believed now; what changed is said once. To be asked first at the start, before
    /// anything new is kept.
    pub async fn look_at_clock(&self) -> sqlx::Result<Belief> {
        let newest = store::newest_instant(self.db.read()).await?;
        let (belief, before) = self.trust.take(Reading::of(&self.clock), newest);
        if belief != before {
            match belief {
                Belief::Sure => tracing::info!("the clock is believed again"),
                Belief::Unproven => tracing::warn!(
                    "nothing was kept within a day of what the clock shows: is it right? Nothing is deleted for a day"
                ),
                Belief::Jumped => tracing::error!(
                    "the clock jumped by more than a day: is it right? Nothing is deleted, and no digest sent, for a day"
                ),
            }
        }
        Ok(belief)
    }

    /// Works until `stop` turns true, first of all at what was due while the site was down. What is under way then is
    /// broken off, as by a power cut: a write that is not committed never was, and is done at the next start.
    pub async fn run(&self, mut stop: watch::Receiver<bool>) {
        let working = async {
            loop {
                self.look_around().await;
                tokio::time::sleep(EVERY).await;
            }
        };
        tokio::select! {
            () = working => {}
            // Also where whoever could say so is gone.
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }

    /// Does everything whose time has come; what cannot be done is logged, and tried again the next time.
    pub async fn look_around(&self) {
        if let Err(error) = self.do_what_is_due().await {
            tracing::error!(error = format!("{error:#}"), "the housekeeping could not be done");
        }
    }

    /// Does everything whose time has come.
    pub async fn do_what_is_due(&self) -> Result<()> {
        let belief = self.look_at_clock().await?;
        let firm = self.firm.current().await;
        let now = self.clock.now();
        // Each in its turn, whatever became of the ones before it.
        let mut done = vec![];
        if belief != Belief::Jumped {
            done.push(send_digest(&self.db, &firm, &self.site, now).await);
        }
        // What is deleted is gone, so that it is done only where the clock is right.
        if belief == Belief::Sure {
            // First, so that what came while the clock was wrong is not taken for old.
            let noted = self.note_trusted(now).await;
            if noted.is_ok() {
                done.push(self.shredder.do_what_is_due(&firm.keeps, now).await);
            }
            done.push(noted);
            done.push(self.forget_networks(now).await);
        }
        done.into_iter().collect()
    }

    async fn note_trusted(&self, now: Timestamp) -> Result<()> {
        if store::any_untrusted(self.db.read()).await? {
            let mut tx = self.db.begin_write().await?;
            store::note_trusted(&mut tx, now).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    async fn forget_networks(&self, now: Timestamp) -> Result<()> {
        let before = now - NETWORKS_KEPT;
        let ahead = now + AHEAD;
        if store::any_network(self.db.read(), before, ahead).await?
            || mail::any_network(self.db.read(), before, ahead).await?
        {
            let mut tx = self.db.begin_write().await?;
            store::forget_networks(&mut tx, before, ahead).await?;
            mail::forget_networks(&mut tx, before, ahead).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}
