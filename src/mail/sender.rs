//! The one sender that takes due letters from the outbox to the transport, and writes down how each fared.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use jiff::Timestamp;
use lettre::message::Mailbox;
use sqlx::SqliteConnection;
use tokio::sync::{Mutex, Notify};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::db::Database;
use crate::mail::address::redact_addresses;
use crate::mail::delivery_error::{DeliveryError, FailureClass};
use crate::mail::email::TransportKind;
use crate::mail::lease::SenderLease;
use crate::mail::message::compose;
use crate::mail::outage::Outage;
use crate::mail::rate_limit::SendRateLimits;
use crate::mail::transport::Transport;
use crate::mail::{OutboxMessage, store};

/// Even when nothing seems due, the outbox is looked at this often: another process or a command may have queued a
/// letter, and the process that was to send it may have died.
const MAX_POLL_INTERVAL: Duration = Duration::from_secs(5);
const RECORD_RETRY_DELAY: Duration = Duration::from_secs(1);

/// Where the sender finds out who letters come from, at the moment one is sent.
pub type FromAddress = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<Mailbox>> + Send>> + Send + Sync>;

/// Rouses the sender when a letter was queued.
#[derive(Clone, Debug, Default)]
pub struct Notifier(Arc<Notify>);

impl Notifier {
    /// To be called after the commit: before it, the sender would find nothing.
    pub fn notify(&self) {
        self.0.notify_one();
    }
}

/// The sender of one running site. Of several on one database, one at a time works.
pub struct Sender {
    db: Database,
    clock: Clock,
    transport: Transport,
    from: FromAddress,
    notifier: Notifier,
    lease: SenderLease,
    state: Mutex<SenderState>,
}

/// What the sender remembers from e-mail to e-mail.
struct SenderState {
    rate_limit: SendRateLimits,
    /// The e-mail tried last during an outage: others are tried before it, so that it cannot hold them up.
    last_attempted: Option<i64>,
    /// The e-mail that was under way when the last outage began: should it happen with it again, after others have gone out,
    /// it counts as an attempt of it.
    suspect: Option<i64>,
    outage: Option<Outage>,
}

impl Sender {
    /// Takes everything it needs; nothing is sent before [`Sender::run`]. No more than `rate` letters go out in a minute.
    pub fn new(
        db: Database,
        clock: Clock,
        transport: Transport,
        from: FromAddress,
        notifier: Notifier,
        rate: u32,
    ) -> Self {
        let lease = SenderLease::new(db.clone(), clock.clone());
        let state =
            SenderState { rate_limit: SendRateLimits::new(rate), last_attempted: None, suspect: None, outage: None };
        Self { db, clock, transport, from, notifier, lease, state: Mutex::new(state) }
    }

    /// Works until `stop` is cancelled. A letter that is under way is finished first.
    pub async fn run(&self, stop: CancellationToken) {
        self.retry_server_after_start().await;
        tokio::join!(self.probe_at_start(stop.clone()), async {
            while !stop.is_cancelled() {
                if let Err(error) = self.deliver_due(&stop).await {
                    tracing::error!(error = format!("{error:#}"), "the outbox could not be worked");
                }
                let rest = self.next_poll_delay().await;
                tokio::select! {
                    () = self.notifier.0.notified() => {}
                    () = tokio::time::sleep(rest) => {}
                    () = stop.cancelled() => {}
                }
            }
        });
    }

    /// After a start the server is tried at once: the settings may have been corrected.
    async fn retry_server_after_start(&self) {
        let forgotten = async {
            if store::outage(self.db.read()).await?.is_some() {
                let mut tx = self.db.begin_write().await?;
                store::retry_server(&mut tx, self.clock.now()).await?;
                tx.commit().await?;
            }
            Ok::<(), sqlx::Error>(())
        };
        if let Err(error) = forgotten.await {
            tracing::warn!(%error, "the mail server's outage could not be read");
        }
    }

    /// Connects to the mail server once at the start, so that the log says whether it can be used, and forms know which
    /// addresses it takes.
    async fn probe_at_start(&self, stop: CancellationToken) {
        tokio::select! {
            probed = self.transport.probe() => if let Err(refusal) = probed {
                tracing::warn!("mail server unavailable: {} (SMTP_URL)", redact_addresses(&refusal.reason, ""));
            },
            () = stop.cancelled() => {}
        }
    }

    /// Tries every letter that is due, one after the other, unless another process is at it. No transaction is open
    /// while the other side is talked to.
    pub async fn deliver_due(&self, stop: &CancellationToken) -> Result<()> {
        let mut state = self.state.lock().await;
        let now = self.clock.now();
        let due = store::next_due_at(self.db.read(), now).await?;
        let is_idle = due.is_none_or(|due| due > now);
        state.outage = store::outage(self.db.read()).await?;
        if (is_idle && state.outage.is_none()) || state.is_waiting(now) || !self.lease.acquire().await? {
            return Ok(());
        }
        if is_idle {
            let asked = self.probe_during_outage(&mut state).await;
            self.lease.release().await?;
            return asked;
        }
        let worked = self.drain(&mut state, stop).await;
        self.transport.close_idle().await;
        self.lease.release().await?;
        worked
    }

    /// Asks the server of an outage whether it is back while no e-mail is due that would find out.
    async fn probe_during_outage(&self, state: &mut SenderState) -> Result<()> {
        let probed = self.transport.probe().await;
        let (Some(outage), now) = (state.outage.take(), self.clock.now()) else { return Ok(()) };
        let mut tx = self.db.begin_write().await?;
        match probed {
            Ok(()) => {
                store::end_outage(&mut tx, &outage, now).await?;
                tracing::info!("mail server available again");
            }
            Err(refusal) => {
                let outage = Outage::after(Some(&outage), redact_addresses(&refusal.reason, ""), now);
                store::mark_outage(&mut tx, &outage).await?;
                state.outage = Some(outage);
            }
        }
        tx.commit().await?;
        Ok(())
    }

    async fn drain(&self, state: &mut SenderState, stop: &CancellationToken) -> Result<()> {
        // What is due is read while the lease is held: before, another sender might have just sent it.
        while !stop.is_cancelled() && self.lease.acquire().await? && !state.is_waiting(self.clock.now()) {
            let Some(email) = self.next_due(state).await? else { break };
            let wait = state.rate_limit.delay(email.purpose, Instant::now());
            if !wait.is_zero() {
                // A more urgent one may be queued meanwhile.
                self.lease.renew_while(self.await_rate_limit(wait, stop)).await;
                continue;
            }
            state.rate_limit.record(email.purpose, Instant::now());
            let sending = async {
                let date = email.first_tried_at.map_or_else(|| self.clock.now(), jiff_sqlx::Timestamp::to_jiff);
                let outcome = self.deliver(&email, date).await;
                self.record_outcome_with_retry(state, &email, &outcome, date, stop).await;
            };
            self.lease.renew_while(sending).await;
        }
        Ok(())
    }

    async fn next_due(&self, state: &SenderState) -> sqlx::Result<Option<OutboxMessage>> {
        let now = self.clock.now();
        let last = state.last_attempted.filter(|_| state.outage.is_some());
        let next = store::next_due(self.db.read(), now, last).await?;
        if next.is_none() && last.is_some() { store::next_due(self.db.read(), now, None).await } else { Ok(next) }
    }

    /// Waits for a turn, until something is queued, or until the site stops.
    async fn await_rate_limit(&self, wait: Duration, stop: &CancellationToken) {
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = self.notifier.0.notified() => {}
            () = stop.cancelled() => {}
        }
    }

    /// A letter that went out and is not noted would go out again and again. Where the disk is full, say, everything
    /// waits here until it can be noted.
    async fn record_outcome_with_retry(
        &self,
        state: &mut SenderState,
        email: &OutboxMessage,
        outcome: &Result<(), DeliveryError>,
        date: Timestamp,
        stop: &CancellationToken,
    ) {
        while let Err(error) = self.record_outcome(state, email, outcome, date).await {
            tracing::error!(email = email.id, error = format!("{error:#}"), "an attempt could not be noted");
            if stop.is_cancelled() {
                break;
            }
            tokio::time::sleep(RECORD_RETRY_DELAY).await;
        }
    }

    async fn record_outcome(
        &self,
        state: &mut SenderState,
        email: &OutboxMessage,
        outcome: &Result<(), DeliveryError>,
        date: Timestamp,
    ) -> Result<()> {
        let now = self.clock.now();
        let mut tx = self.db.begin_write().await?;
        let outage = self.record_outage(&mut tx, state, email, outcome, now).await?;
        if store::exists(&mut *tx, email).await? {
            self.record_attempt(&mut tx, state, email, outcome, date).await?;
        } else {
            // It was erased meanwhile, when its file was not written yet.
            self.transport.delete_written(&email.message_id).await?;
        }
        tx.commit().await?;
        log_outcome(email, outcome, state.outage.as_ref(), outage.as_ref());
        state.update(email, outcome, outage);
        Ok(())
    }

    /// The outage after this attempt: begun, going on or ended.
    async fn record_outage(
        &self,
        tx: &mut SqliteConnection,
        state: &SenderState,
        email: &OutboxMessage,
        outcome: &Result<(), DeliveryError>,
        now: Timestamp,
    ) -> sqlx::Result<Option<Outage>> {
        match (outcome, &state.outage) {
            (Err(refusal), before) if refusal.is_outage() => {
                // It stays when the e-mail is erased.
                let reason = redact_addresses(&refusal.reason, &email.recipient);
                let mut outage = Outage::after(before.as_ref(), reason, now);
                // Staff asked for another attempt while this one was under way.
                if store::was_requeued(&mut *tx, email).await? {
                    outage.retry_at = now;
                }
                store::mark_outage(tx, &outage).await?;
                Ok(Some(outage))
            }
            // The server was not reached: this e-mail cannot be put together.
            (Err(refusal), Some(before)) if refusal.is_local => Ok(Some(before.clone())),
            (_, Some(before)) => store::end_outage(tx, before, now).await.map(|()| None),
            (_, None) => Ok(None),
        }
    }

    async fn record_attempt(
        &self,
        tx: &mut SqliteConnection,
        state: &SenderState,
        email: &OutboxMessage,
        outcome: &Result<(), DeliveryError>,
        date: Timestamp,
    ) -> sqlx::Result<()> {
        let now = self.clock.now();
        let refusal = match outcome {
            Ok(()) => {
                let carrier = self.transport.kind();
                store::mark_sent(&mut *tx, email.id, carrier, date, now).await?;
                // A file says nothing about an address.
                if carrier != TransportKind::File {
                    store::clear_bounce(tx, &email.recipient).await?;
                }
                return Ok(());
            }
            Err(refusal) => refusal,
        };
        let retry_at = match refusal.class {
            FailureClass::ServerUnavailable { .. } if !state.is_suspect(email, refusal) => return Ok(()),
            FailureClass::ServerUnavailable { .. } | FailureClass::ConnectionLost => {
                email.next_retry_after_disconnect(now)
            }
            FailureClass::Transient => email.next_retry(now),
            FailureClass::Permanent | FailureClass::BadRecipient => None,
        };
        store::mark_failed_attempt(&mut *tx, email, &refusal.reason, retry_at, date).await?;
        if refusal.class == FailureClass::BadRecipient {
            store::mark_bounced(tx, &email.recipient, &refusal.reason, now).await?;
        }
        Ok(())
    }

    async fn deliver(&self, email: &OutboxMessage, date: Timestamp) -> Result<(), DeliveryError> {
        let from = (self.from)().await.map_err(|error| DeliveryError::server_unavailable(format!("{error:#}")))?;
        let message =
            compose(email, from, date).map_err(|error| DeliveryError::invalid_message(format!("{error:#}")))?;
        self.transport.deliver(message, &email.message_id).await
    }

    async fn next_poll_delay(&self) -> Duration {
        let now = self.clock.now();
        match store::next_due_at(self.db.read(), now).await {
            Ok(Some(due)) => duration_until(due, now).clamp(Duration::from_secs(1), MAX_POLL_INTERVAL),
            _ => MAX_POLL_INTERVAL,
        }
    }
}

impl SenderState {
    fn is_waiting(&self, now: Timestamp) -> bool {
        self.outage.as_ref().is_some_and(|outage| outage.is_waiting(now))
    }

    /// Whether this e-mail, and not the server, seems to be the cause of an outage.
    fn is_suspect(&self, email: &OutboxMessage, refusal: &DeliveryError) -> bool {
        let mid_transaction = refusal.class == FailureClass::ServerUnavailable { mid_transaction: true };
        mid_transaction && self.outage.is_none() && self.suspect == Some(email.id)
    }

    fn update(&mut self, email: &OutboxMessage, outcome: &Result<(), DeliveryError>, outage: Option<Outage>) {
        self.last_attempted = Some(email.id);
        let away = FailureClass::ServerUnavailable { mid_transaction: true };
        if !outcome.as_ref().is_err_and(|refusal| refusal.class == away) {
            self.suspect = self.suspect.filter(|suspect| *suspect != email.id);
        } else if self.outage.is_none() {
            self.suspect = Some(email.id);
        }
        self.outage = outage;
    }
}

/// Says what became of an attempt, and of the mail server. No address stands in the log.
fn log_outcome(
    email: &OutboxMessage,
    outcome: &Result<(), DeliveryError>,
    before: Option<&Outage>,
    outage: Option<&Outage>,
) {
    let (id, attempt) = (email.id, email.attempts + 1);
    match outcome {
        Ok(()) => tracing::info!(email = id, attempt, "e-mail sent"),
        Err(refusal) => {
            let cause = redact_addresses(&refusal.reason, &email.recipient);
            match outage {
                Some(outage) => tracing::warn!(
                    email = id,
                    failures = outage.failures,
                    retry_at = %outage.retry_at,
                    "mail server unavailable: {cause} (SMTP_URL)"
                ),
                None => tracing::warn!(
                    email = id,
                    attempt,
                    permanent = refusal.class != FailureClass::Transient,
                    "e-mail not sent: {cause}"
                ),
            }
        }
    }
    if let (Some(before), None) = (before, outage) {
        tracing::info!(since = %before.since, "mail server available again");
    }
}

fn duration_until(due: Timestamp, now: Timestamp) -> Duration {
    Duration::from_secs(u64::try_from(due.as_second() - now.as_second()).unwrap_or(0))
}
