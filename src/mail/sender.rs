//! The one sender that takes due letters from the outbox to the transport, and writes down how each fared.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use jiff::Timestamp;
use lettre::message::Mailbox;
use sqlx::SqliteConnection;
use tokio::sync::{Mutex, Notify, watch};
use tokio::time::Instant;

use crate::clock::Clock;
use crate::db::Database;
use crate::mail::address::without_addresses;
use crate::mail::lease::Lease;
use crate::mail::letter::Carrier;
use crate::mail::message::compose;
use crate::mail::outage::Outage;
use crate::mail::pace::Paces;
use crate::mail::refusal::{Refusal, Verdict};
use crate::mail::transport::Transport;
use crate::mail::{Outgoing, store};

/// Even when nothing seems due, the outbox is looked at this often: another process or a command may have queued a
/// letter, and the process that was to send it may have died.
const LONGEST_REST: Duration = Duration::from_secs(5);
const BEFORE_NOTING_AGAIN: Duration = Duration::from_secs(1);

/// Where the sender finds out who letters come from, at the moment one is sent.
pub type FromAddress = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<Mailbox>> + Send>> + Send + Sync>;

/// Rouses the sender when a letter was queued.
#[derive(Clone, Debug, Default)]
pub struct Wake(Arc<Notify>);

impl Wake {
    /// To be called after the commit: before it, the sender would find nothing.
    pub fn sender(&self) {
        self.0.notify_one();
    }
}

/// The sender of one running site. Of several on one database, one at a time works.
pub struct Sender {
    db: Database,
    clock: Clock,
    transport: Transport,
    from: FromAddress,
    wake: Wake,
    lease: Lease,
    turn: Mutex<Turn>,
}

/// What the sender remembers from e-mail to e-mail.
struct Turn {
    pace: Paces,
    /// The e-mail tried last during an outage: others are tried before it, so that it cannot hold them up.
    last: Option<i64>,
    /// The e-mail that was under way when the last outage began: should it happen with it again, after others have gone out,
    /// it counts as an attempt of it.
    suspect: Option<i64>,
    outage: Option<Outage>,
}

impl Sender {
    /// Takes everything it needs; nothing is sent before [`Sender::run`]. No more than `rate` letters go out in a minute.
    pub fn new(db: Database, clock: Clock, transport: Transport, from: FromAddress, wake: Wake, rate: u32) -> Self {
        let lease = Lease::new(db.clone(), clock.clone());
        let turn = Turn { pace: Paces::new(rate), last: None, suspect: None, outage: None };
        Self { db, clock, transport, from, wake, lease, turn: Mutex::new(turn) }
    }

    /// Works until `stop` turns true. A letter that is under way is finished first.
    pub async fn run(&self, mut stop: watch::Receiver<bool>) {
        self.begin_anew().await;
        tokio::join!(self.greet_server(stop.clone()), async {
            while !*stop.borrow() {
                if let Err(error) = self.deliver_due(&stop).await {
                    tracing::error!(error = format!("{error:#}"), "the outbox could not be worked");
                }
                let rest = self.rest().await;
                tokio::select! {
                    () = self.wake.0.notified() => {}
                    () = tokio::time::sleep(rest) => {}
                    changed = stop.changed() => if changed.is_err() { return },
                }
            }
        });
    }

    /// After a start the server is tried at once: the settings may have been corrected.
    async fn begin_anew(&self) {
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
    async fn greet_server(&self, mut stop: watch::Receiver<bool>) {
        tokio::select! {
            probed = self.transport.probe() => if let Err(refusal) = probed {
                tracing::warn!("mail server unavailable: {} (SMTP_URL)", without_addresses(&refusal.reason, ""));
            },
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }

    /// Tries every letter that is due, one after the other, unless another process is at it. No transaction is open
    /// while the other side is talked to.
    pub async fn deliver_due(&self, stop: &watch::Receiver<bool>) -> Result<()> {
        let mut turn = self.turn.lock().await;
        let now = self.clock.now();
        let due = store::next_due_at(self.db.read(), now).await?;
        let is_idle = due.is_none_or(|due| due > now);
        turn.outage = store::outage(self.db.read()).await?;
        if (is_idle && turn.outage.is_none()) || turn.is_waiting(now) || !self.lease.hold().await? {
            return Ok(());
        }
        if is_idle {
            let asked = self.ask_server(&mut turn).await;
            self.lease.release().await?;
            return asked;
        }
        let worked = self.work(&mut turn, stop).await;
        self.transport.rest().await;
        self.lease.release().await?;
        worked
    }

    /// Asks the server of an outage whether it is back while no e-mail is due that would find out.
    async fn ask_server(&self, turn: &mut Turn) -> Result<()> {
        let probed = self.transport.probe().await;
        let (Some(outage), now) = (turn.outage.take(), self.clock.now()) else { return Ok(()) };
        let mut tx = self.db.begin_write().await?;
        match probed {
            Ok(()) => {
                store::end_outage(&mut tx, &outage, now).await?;
                tracing::info!("mail server available again");
            }
            Err(refusal) => {
                let outage = Outage::after(Some(&outage), without_addresses(&refusal.reason, ""), now);
                store::mark_outage(&mut tx, &outage).await?;
                turn.outage = Some(outage);
            }
        }
        tx.commit().await?;
        Ok(())
    }

    async fn work(&self, turn: &mut Turn, stop: &watch::Receiver<bool>) -> Result<()> {
        // What is due is read while the lease is held: before, another sender might have just sent it.
        while !is_over(stop) && self.lease.hold().await? && !turn.is_waiting(self.clock.now()) {
            let Some(email) = self.next(turn).await? else { break };
            let wait = turn.pace.wait(email.purpose, Instant::now());
            if !wait.is_zero() {
                // A more urgent one may be queued meanwhile.
                self.lease.held_during(self.wait(wait, stop)).await;
                continue;
            }
            turn.pace.count(email.purpose, Instant::now());
            let sending = async {
                let date = email.first_tried_at.map_or_else(|| self.clock.now(), jiff_sqlx::Timestamp::to_jiff);
                let outcome = self.deliver(&email, date).await;
                self.note_surely(turn, &email, &outcome, date, stop).await;
            };
            self.lease.held_during(sending).await;
        }
        Ok(())
    }

    async fn next(&self, turn: &Turn) -> sqlx::Result<Option<Outgoing>> {
        let now = self.clock.now();
        let last = turn.last.filter(|_| turn.outage.is_some());
        let next = store::next_due(self.db.read(), now, last).await?;
        if next.is_none() && last.is_some() { store::next_due(self.db.read(), now, None).await } else { Ok(next) }
    }

    /// Waits for a turn, until something is queued, or until the site stops.
    async fn wait(&self, wait: Duration, stop: &watch::Receiver<bool>) {
        let mut stop = stop.clone();
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = self.wake.0.notified() => {}
            // An error means that the sending side is gone.
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }

    /// A letter that went out and is not noted would go out again and again. Where the disk is full, say, everything
    /// waits here until it can be noted.
    async fn note_surely(
        &self,
        turn: &mut Turn,
        email: &Outgoing,
        outcome: &Result<(), Refusal>,
        date: Timestamp,
        stop: &watch::Receiver<bool>,
    ) {
        while let Err(error) = self.note(turn, email, outcome, date).await {
            tracing::error!(letter = email.id, error = format!("{error:#}"), "an attempt could not be noted");
            if is_over(stop) {
                break;
            }
            tokio::time::sleep(BEFORE_NOTING_AGAIN).await;
        }
    }

    async fn note(
        &self,
        turn: &mut Turn,
        email: &Outgoing,
        outcome: &Result<(), Refusal>,
        date: Timestamp,
    ) -> Result<()> {
        let now = self.clock.now();
        let mut tx = self.db.begin_write().await?;
        let outage = self.note_outage(&mut tx, turn, email, outcome, now).await?;
        if store::is_there(&mut *tx, email).await? {
            self.note_attempt(&mut tx, turn, email, outcome, date).await?;
        } else {
            // It was erased meanwhile, when its file was not written yet.
            self.transport.take_back(&email.message_id).await?;
        }
        tx.commit().await?;
        log(email, outcome, turn.outage.as_ref(), outage.as_ref());
        turn.remember(email, outcome, outage);
        Ok(())
    }

    /// The outage after this attempt: begun, going on or ended.
    async fn note_outage(
        &self,
        tx: &mut SqliteConnection,
        turn: &Turn,
        email: &Outgoing,
        outcome: &Result<(), Refusal>,
        now: Timestamp,
    ) -> sqlx::Result<Option<Outage>> {
        match (outcome, &turn.outage) {
            (Err(refusal), before) if refusal.is_outage() => {
                // It stays when the e-mail is erased.
                let reason = without_addresses(&refusal.reason, &email.recipient);
                let mut outage = Outage::after(before.as_ref(), reason, now);
                // Staff asked for another attempt while this one was under way.
                if store::was_put_back(&mut *tx, email).await? {
                    outage.retry_at = now;
                }
                store::mark_outage(tx, &outage).await?;
                Ok(Some(outage))
            }
            // The server was not reached: this e-mail cannot be put together.
            (Err(refusal), Some(before)) if refusal.is_our_own => Ok(Some(before.clone())),
            (_, Some(before)) => store::end_outage(tx, before, now).await.map(|()| None),
            (_, None) => Ok(None),
        }
    }

    async fn note_attempt(
        &self,
        tx: &mut SqliteConnection,
        turn: &Turn,
        email: &Outgoing,
        outcome: &Result<(), Refusal>,
        date: Timestamp,
    ) -> sqlx::Result<()> {
        let now = self.clock.now();
        let refusal = match outcome {
            Ok(()) => {
                let carrier = self.transport.carrier();
                store::mark_sent(&mut *tx, email.id, carrier, date, now).await?;
                // A file says nothing about an address.
                if carrier != Carrier::File {
                    store::clear_refused(tx, &email.recipient).await?;
                }
                return Ok(());
            }
            Err(refusal) => refusal,
        };
        let retry_at = match refusal.verdict {
            Verdict::ServerAway { .. } if !turn.suspects(email, refusal) => return Ok(()),
            Verdict::ServerAway { .. } | Verdict::BrokenOff => email.retry_after_break(now),
            Verdict::ForNow => email.retry_at(now),
            Verdict::ForGood | Verdict::NoSuchAddress => None,
        };
        store::mark_attempt(&mut *tx, email, &refusal.reason, retry_at, date).await?;
        if refusal.verdict == Verdict::NoSuchAddress {
            store::mark_refused(tx, &email.recipient, &refusal.reason, now).await?;
        }
        Ok(())
    }

    async fn deliver(&self, email: &Outgoing, date: Timestamp) -> Result<(), Refusal> {
        let from = (self.from)().await.map_err(|error| Refusal::of_all(format!("{error:#}")))?;
        let message = compose(email, from, date).map_err(|error| Refusal::unsendable(format!("{error:#}")))?;
        self.transport.deliver(message, &email.message_id).await
    }

    async fn rest(&self) -> Duration {
        let now = self.clock.now();
        match store::next_due_at(self.db.read(), now).await {
            Ok(Some(due)) => until(due, now).clamp(Duration::from_secs(1), LONGEST_REST),
            _ => LONGEST_REST,
        }
    }
}

impl Turn {
    fn is_waiting(&self, now: Timestamp) -> bool {
        self.outage.as_ref().is_some_and(|outage| outage.is_waiting(now))
    }

    /// Whether this e-mail, and not the server, seems to be the cause of an outage.
    fn suspects(&self, email: &Outgoing, refusal: &Refusal) -> bool {
        let in_the_middle = refusal.verdict == Verdict::ServerAway { in_the_middle: true };
        in_the_middle && self.outage.is_none() && self.suspect == Some(email.id)
    }

    fn remember(&mut self, email: &Outgoing, outcome: &Result<(), Refusal>, outage: Option<Outage>) {
        self.last = Some(email.id);
        let away = Verdict::ServerAway { in_the_middle: true };
        if !outcome.as_ref().is_err_and(|refusal| refusal.verdict == away) {
            self.suspect = self.suspect.filter(|suspect| *suspect != email.id);
        } else if self.outage.is_none() {
            self.suspect = Some(email.id);
        }
        self.outage = outage;
    }
}

/// Says what became of an attempt, and of the mail server. No address stands in the log.
fn log(email: &Outgoing, outcome: &Result<(), Refusal>, before: Option<&Outage>, outage: Option<&Outage>) {
    let (id, attempt) = (email.id, email.attempts + 1);
    match outcome {
        Ok(()) => tracing::info!(email = id, attempt, "e-mail sent"),
        Err(refusal) => {
            let cause = without_addresses(&refusal.reason, &email.recipient);
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
                    permanent = refusal.verdict != Verdict::ForNow,
                    "e-mail not sent: {cause}"
                ),
            }
        }
    }
    if let (Some(before), None) = (before, outage) {
        tracing::info!(since = %before.since, "mail server available again");
    }
}

/// Whether the site stops, or has gone without a word.
fn is_over(stop: &watch::Receiver<bool>) -> bool {
    *stop.borrow() || stop.has_changed().is_err()
}

fn until(due: Timestamp, now: Timestamp) -> Duration {
    Duration::from_secs(u64::try_from(due.as_second() - now.as_second()).unwrap_or(0))
}
