//! Sender of the outbox: hands due e-mails to the transport, one after the other, and records each outcome.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use governor::clock::MonotonicClock;
use jiff::Timestamp;
use lettre::message::Mailbox;
use sqlx::SqliteConnection;
use tokio::sync::{Mutex, Notify};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::db::Database;
use crate::mail::address::redact_addresses;
use crate::mail::delivery_error::{DeliveryError, FailureClass};
use crate::mail::email::TransportKind;
use crate::mail::message::compose;
use crate::mail::outage::Outage;
use crate::mail::rate_limit::SendRateLimits;
use crate::mail::transport::Transport;
use crate::mail::{OutboxMessage, sending, store};

/// Time between checks for due retries, and for e-mails that another process or a command has queued.
const POLL_INTERVAL: Duration = Duration::from_secs(2);
const RECORD_RETRY_DELAY: Duration = Duration::from_secs(1);

/// Reads the sender's address from the settings when an e-mail is sent.
pub type FromAddress = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<Mailbox>> + Send>> + Send + Sync>;

type Outcome = Result<(), DeliveryError>;

/// Handle that wakes the sender after an e-mail was queued.
#[derive(Clone, Debug, Default)]
pub struct Notifier(Arc<Notify>);

impl Notifier {
    /// Wakes the sender. Call this after the commit, since the sender finds nothing before.
    pub fn notify(&self) {
        self.0.notify_one();
    }
}

/// Sender of one site. A lock on a file next to the database lets only one sender work at a time.
pub struct Sender {
    db: Database,
    clock: Clock,
    transport: Transport,
    from: FromAddress,
    notifier: Notifier,
    state: Mutex<SenderState>,
}

struct SenderState {
    rate_limits: SendRateLimits<MonotonicClock>,
    /// E-mail of the last attempt. During an outage, others are tried first, so that this one cannot block them.
    last_attempted: Option<i64>,
    /// E-mail that was being sent when the last outage began. If it happens again with this e-mail after others were
    /// sent, the attempt counts.
    suspect: Option<i64>,
    outage: Option<Outage>,
}

impl Sender {
    /// Sends at most `rate` e-mails per minute, and none before [`Sender::run`].
    pub fn new(
        db: Database,
        clock: Clock,
        transport: Transport,
        from: FromAddress,
        notifier: Notifier,
        rate: u32,
    ) -> Self {
        let rate_limits = SendRateLimits::new(rate, MonotonicClock);
        let state = SenderState { rate_limits, last_attempted: None, suspect: None, outage: None };
        Self { db, clock, transport, from, notifier, state: Mutex::new(state) }
    }

    /// Sends until `stop` is cancelled. An attempt that has begun is completed.
    pub async fn run(&self, stop: CancellationToken) {
        self.retry_server_after_start().await;
        tokio::join!(self.probe_at_start(stop.clone()), async {
            while !stop.is_cancelled() {
                if let Err(error) = self.deliver_due(&stop).await {
                    tracing::error!("cannot send e-mails: {error:#}");
                }
                tokio::select! {
                    () = self.notifier.0.notified() => {}
                    () = tokio::time::sleep(POLL_INTERVAL) => {}
                    () = stop.cancelled() => {}
                }
            }
        });
    }

    /// Ends the pause of an outage, since the settings may have been corrected before the start.
    async fn retry_server_after_start(&self) {
        let retry = async {
            if sending::outage(self.db.read()).await?.is_some() {
                let mut tx = self.db.begin_write().await?;
                store::retry_server(&mut tx, self.clock.now()).await?;
                tx.commit().await?;
            }
            Ok::<(), sqlx::Error>(())
        };
        if let Err(error) = retry.await {
            tracing::warn!("cannot read the outage of the mail server: {error}");
        }
    }

    /// Connects once, so that the log shows whether the server is available and forms know which addresses it accepts.
    async fn probe_at_start(&self, stop: CancellationToken) {
        tokio::select! {
            probed = self.transport.probe() => if let Err(error) = probed {
                tracing::warn!("mail server unavailable: {} (SMTP_URL)", redact_addresses(&error.reason, ""));
            },
            () = stop.cancelled() => {}
        }
    }

    /// Sends every e-mail that is due, unless another sender is working. No transaction is open while the mail server is
    /// contacted.
    pub async fn deliver_due(&self, stop: &CancellationToken) -> Result<()> {
        let mut state = self.state.lock().await;
        let now = self.clock.now();
        let is_idle = sending::next_due(self.db.read(), now, None).await?.is_none();
        state.outage = sending::outage(self.db.read()).await?;
        if (is_idle && state.outage.is_none()) || state.is_waiting(now) {
            return Ok(());
        }
        let Some(_lock) = self.db.lock_sender()? else { return Ok(()) };
        if is_idle {
            return self.probe_during_outage(&mut state).await;
        }
        let result = self.drain(&mut state, stop).await;
        self.transport.close_idle().await;
        result
    }

    /// Checks whether the server is available again while no e-mail is due.
    async fn probe_during_outage(&self, state: &mut SenderState) -> Result<()> {
        let probed = self.transport.probe().await;
        let (Some(outage), now) = (state.outage.take(), self.clock.now()) else { return Ok(()) };
        let mut tx = self.db.begin_write().await?;
        match probed {
            Ok(()) => {
                sending::end_outage(&mut tx, &outage, now).await?;
                tracing::info!("mail server available again");
            }
            Err(error) => {
                let outage = Outage::after(Some(&outage), redact_addresses(&error.reason, ""), now);
                sending::mark_outage(&mut tx, &outage).await?;
                state.outage = Some(outage);
            }
        }
        tx.commit().await?;
        Ok(())
    }

    async fn drain(&self, state: &mut SenderState, stop: &CancellationToken) -> Result<()> {
        while !stop.is_cancelled() && !state.is_waiting(self.clock.now()) {
            let Some(email) = self.next_due(state).await? else { break };
            if let Err(wait) = state.rate_limits.check(email.purpose) {
                // A more urgent e-mail may be queued in the meantime.
                self.await_rate_limit(wait, stop).await;
                continue;
            }
            let from = (self.from)().await.context("cannot read the sender's address from the settings")?;
            let date = email.first_tried_at.map_or_else(|| self.clock.now(), jiff_sqlx::Timestamp::to_jiff);
            let outcome = self.deliver(&email, from, date).await;
            // Without a record, the e-mail would be sent again. Retry until, for example, the disk has space.
            while let Err(error) = self.record_outcome(state, &email, &outcome, date).await {
                tracing::error!(email = email.id, "cannot record a delivery attempt: {error:#}");
                if stop.is_cancelled() {
                    break;
                }
                tokio::time::sleep(RECORD_RETRY_DELAY).await;
            }
        }
        Ok(())
    }

    async fn next_due(&self, state: &SenderState) -> sqlx::Result<Option<OutboxMessage>> {
        let now = self.clock.now();
        let last = state.last_attempted.filter(|_| state.outage.is_some());
        let next = sending::next_due(self.db.read(), now, last).await?;
        if next.is_none() && last.is_some() { sending::next_due(self.db.read(), now, None).await } else { Ok(next) }
    }

    async fn await_rate_limit(&self, wait: Duration, stop: &CancellationToken) {
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = self.notifier.0.notified() => {}
            () = stop.cancelled() => {}
        }
    }

    async fn deliver(&self, email: &OutboxMessage, from: Mailbox, date: Timestamp) -> Outcome {
        let message =
            compose(email, from, date).map_err(|error| DeliveryError::invalid_message(format!("{error:#}")))?;
        self.transport.deliver(message, &email.message_id).await
    }

    async fn record_outcome(
        &self,
        state: &mut SenderState,
        email: &OutboxMessage,
        outcome: &Outcome,
        date: Timestamp,
    ) -> Result<()> {
        let mut tx = self.db.begin_write().await?;
        let outage = self.record_outage(&mut tx, state, email, outcome).await?;
        if sending::exists(&mut *tx, email).await? {
            self.record_attempt(&mut tx, state, email, outcome, date).await?;
        } else {
            // It was erased before its file was written.
            self.transport.delete_written(&email.message_id).await?;
        }
        tx.commit().await?;
        log_outcome(email, outcome, state.outage.as_ref(), outage.as_ref());
        state.update(email, outcome, outage);
        Ok(())
    }

    /// Begins, extends or ends an outage; returns the one after this attempt.
    async fn record_outage(
        &self,
        tx: &mut SqliteConnection,
        state: &SenderState,
        email: &OutboxMessage,
        outcome: &Outcome,
    ) -> sqlx::Result<Option<Outage>> {
        let now = self.clock.now();
        match (outcome, &state.outage) {
            (Err(error), before) if error.is_outage() => {
                // The reason is kept even if the e-mail is erased.
                let reason = redact_addresses(&error.reason, &email.recipient);
                let mut outage = Outage::after(before.as_ref(), reason, now);
                // Staff asked for another attempt during this one.
                if sending::was_requeued(&mut *tx, email).await? {
                    outage.retry_at = now;
                }
                sending::mark_outage(tx, &outage).await?;
                Ok(Some(outage))
            }
            // The server was not contacted.
            (Err(error), Some(before)) if error.is_local => Ok(Some(before.clone())),
            (_, Some(before)) => sending::end_outage(tx, before, now).await.map(|()| None),
            (_, None) => Ok(None),
        }
    }

    async fn record_attempt(
        &self,
        tx: &mut SqliteConnection,
        state: &SenderState,
        email: &OutboxMessage,
        outcome: &Outcome,
        date: Timestamp,
    ) -> sqlx::Result<()> {
        let now = self.clock.now();
        let Err(error) = outcome else {
            let transport = self.transport.kind();
            sending::mark_sent(&mut *tx, email.id, transport, date, now).await?;
            // A file proves nothing about the address.
            if transport != TransportKind::File {
                store::clear_bounce(tx, &email.recipient).await?;
            }
            return Ok(());
        };
        let retry_at = match error.class {
            FailureClass::ServerUnavailable { .. } if !state.is_suspect(email, error) => return Ok(()),
            FailureClass::ServerUnavailable { .. } | FailureClass::ConnectionLost => {
                email.next_retry_after_disconnect(now)
            }
            FailureClass::Transient => email.next_retry(now),
            FailureClass::Permanent | FailureClass::BadRecipient => None,
        };
        sending::mark_failed_attempt(&mut *tx, email, &error.reason, retry_at, date).await?;
        if error.class == FailureClass::BadRecipient {
            store::mark_bounced(tx, &email.recipient, &error.reason, now).await?;
        }
        Ok(())
    }
}

impl SenderState {
    fn is_waiting(&self, now: Timestamp) -> bool {
        self.outage.as_ref().is_some_and(|outage| outage.is_waiting(now))
    }

    /// Whether this e-mail rather than the server seems to cause an outage.
    fn is_suspect(&self, email: &OutboxMessage, error: &DeliveryError) -> bool {
        let mid_transaction = error.class == FailureClass::ServerUnavailable { mid_transaction: true };
        mid_transaction && self.outage.is_none() && self.suspect == Some(email.id)
    }

    fn update(&mut self, email: &OutboxMessage, outcome: &Outcome, outage: Option<Outage>) {
        self.last_attempted = Some(email.id);
        let mid_transaction = FailureClass::ServerUnavailable { mid_transaction: true };
        if !outcome.as_ref().is_err_and(|error| error.class == mid_transaction) {
            self.suspect = self.suspect.filter(|suspect| *suspect != email.id);
        } else if self.outage.is_none() {
            self.suspect = Some(email.id);
        }
        self.outage = outage;
    }
}

/// Logs the outcome of an attempt without any address.
fn log_outcome(email: &OutboxMessage, outcome: &Outcome, before: Option<&Outage>, outage: Option<&Outage>) {
    let (id, attempt) = (email.id, email.attempts + 1);
    let cause = |error: &DeliveryError| redact_addresses(&error.reason, &email.recipient);
    match (outcome, outage) {
        (Ok(()), _) => tracing::info!(email = id, attempt, "e-mail sent"),
        (Err(error), Some(outage)) => {
            let (failures, retry_at) = (outage.failures, outage.retry_at);
            tracing::warn!(email = id, failures, %retry_at, "mail server unavailable: {} (SMTP_URL)", cause(error));
        }
        (Err(error), None) => {
            let permanent = error.class != FailureClass::Transient;
            tracing::warn!(email = id, attempt, permanent, "e-mail not sent: {}", cause(error));
        }
    }
    if let (Some(before), None) = (before, outage) {
        tracing::info!(since = %before.since, "mail server available again");
    }
}
