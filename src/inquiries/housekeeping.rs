//! What is done by the clock and not by anybody's hand: texts of consent noted, digests sent, old inquiries deleted.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::db::Database;
use crate::inquiries::Kind;
use crate::inquiries::consent::Purpose;
use crate::inquiries::store;
use crate::inquiries::watch::send_digest;
use crate::site::FirmSource;
use crate::web::SiteAddress;

/// How often the clock is looked at.
const EVERY: Duration = Duration::from_secs(60);

/// The housekeeping of one running site. Each of its duties may be done twice, or by two processes, without harm.
pub struct Housekeeping {
    db: Database,
    clock: Clock,
    firm: Arc<FirmSource>,
    site: SiteAddress,
}

impl Housekeeping {
    /// Takes everything it needs; nothing is done before [`Housekeeping::run`].
    pub fn new(db: Database, clock: Clock, firm: Arc<FirmSource>, site: SiteAddress) -> Self {
        Self { db, clock, firm, site }
    }

    /// Works until `stop` turns true; the first time was at the start.
    pub async fn run(&self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            tokio::select! {
                () = tokio::time::sleep(EVERY) => self.look_around().await,
                changed = stop.changed() => if changed.is_err() { return },
            }
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
        let firm = self.firm.current().await;
        self.note_consent_text(&Purpose::of(Kind::Apply, &firm)).await?;
        send_digest(&self.db, &firm, &self.site, self.clock.now()).await?;
        Ok(())
    }

    /// A form may be sent days after it was shown, when the text has changed: each is noted while it is shown.
    async fn note_consent_text(&self, purpose: &Purpose) -> Result<()> {
        if store::consent_text(self.db.read(), &purpose.version).await?.is_none() {
            let mut tx = self.db.begin_write().await?;
            store::note_consent_text(&mut tx, purpose, self.clock.now()).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}
