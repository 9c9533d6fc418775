//! The one sender that takes due letters from the outbox to the transport, and writes down how each fared.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use jiff::Timestamp;
use lettre::Message;
use lettre::message::{Mailbox, MultiPart};
use tokio::sync::{Mutex, Notify, watch};
use tokio::time::Instant;

use crate::clock::Clock;
use crate::db::Database;
use crate::mail::lease::Lease;
use crate::mail::letter::Carrier;
use crate::mail::pace::Pace;
use crate::mail::refusal::Refusal;
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
    pace: Mutex<Pace>,
}

impl Sender {
    /// Takes everything it needs; nothing is sent before [`Sender::run`]. No more than `rate` letters go out in a minute.
    pub fn new(db: Database, clock: Clock, transport: Transport, from: FromAddress, wake: Wake, rate: u32) -> Self {
        let lease = Lease::new(db.clone(), clock.clone());
        Self { db, clock, transport, from, wake, lease, pace: Mutex::new(Pace::new(rate)) }
    }

    /// Works until `stop` turns true. A letter that is under way is finished first.
    pub async fn run(&self, mut stop: watch::Receiver<bool>) {
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
    }

    /// Tries every letter that is due, one after the other, unless another process is at it. No transaction is open
    /// while the other side is talked to.
    pub async fn deliver_due(&self, stop: &watch::Receiver<bool>) -> Result<()> {
        // Whoever has the pace has the turn.
        let mut pace = self.pace.lock().await;
        let now = self.clock.now();
        let due = store::next_due_at(self.db.read(), now).await?;
        if due.is_none_or(|due| due > now) || !self.lease.hold().await? {
            return Ok(());
        }
        let worked = self.work(&mut pace, stop).await;
        self.transport.rest().await;
        self.lease.release().await?;
        worked
    }

    async fn work(&self, pace: &mut Pace, stop: &watch::Receiver<bool>) -> Result<()> {
        // What is due is read while the lease is held: before, another sender might have just sent it.
        while !is_over(stop) && self.lease.hold().await? {
            let Some(letter) = store::next_due(self.db.read(), self.clock.now()).await? else {
                break;
            };
            let sending = async {
                if in_turn(pace, stop).await {
                    let outcome = self.deliver(&letter).await;
                    self.note_surely(&letter, &outcome, stop).await;
                }
            };
            self.lease.held_during(sending).await;
        }
        Ok(())
    }

    /// A letter that went out and is not noted would go out again and again. Where the disk is full, say, everything
    /// waits here until it can be noted.
    async fn note_surely(&self, letter: &Outgoing, outcome: &Result<(), Refusal>, stop: &watch::Receiver<bool>) {
        while let Err(error) = self.note(letter, outcome).await {
            tracing::error!(letter = letter.id, error = format!("{error:#}"), "an attempt could not be noted");
            if is_over(stop) {
                break;
            }
            tokio::time::sleep(BEFORE_NOTING_AGAIN).await;
        }
    }

    async fn note(&self, letter: &Outgoing, outcome: &Result<(), Refusal>) -> Result<()> {
        let now = self.clock.now();
        let attempt = letter.attempts + 1;
        let mut tx = self.db.begin_write().await?;
        if !store::is_there(&mut *tx, letter).await? {
            tx.rollback().await?;
            // Whoever erased it could not remove what was not written yet; and nothing of it is to be remembered.
            self.transport.take_back(&letter.message_id).await?;
            tracing::info!(letter = letter.id, attempt, "a letter was erased while it was under way");
            return Ok(());
        }
        match outcome {
            Ok(()) => {
                let carrier = self.transport.carrier();
                store::mark_sent(&mut tx, letter.id, carrier, now).await?;
                // A file says nothing about an address.
                if carrier != Carrier::File {
                    store::clear_refused(&mut tx, &letter.recipient).await?;
                }
            }
            Err(refusal) => {
                let retry_at = if refusal.for_good { None } else { letter.retry_at(now) };
                store::mark_attempt(&mut tx, letter, &refusal.reason, retry_at).await?;
                if refusal.blames_address {
                    store::mark_refused(&mut tx, &letter.recipient, &refusal.reason, now).await?;
                }
            }
        }
        tx.commit().await?;
        // The reason of a refusal may name the recipient, so it is for the desk and not for the log.
        match outcome {
            Ok(()) => tracing::info!(letter = letter.id, attempt, "a letter went out"),
            Err(refusal) => tracing::warn!(letter = letter.id, attempt, refusal.for_good, "a letter did not go out"),
        }
        Ok(())
    }

    async fn deliver(&self, letter: &Outgoing) -> Result<(), Refusal> {
        let from = (self.from)().await.map_err(|error| Refusal::for_now(format!("{error:#}")))?;
        let message = message(letter, from).map_err(|error| Refusal::for_good(format!("{error:#}")))?;
        self.transport.deliver(message, &letter.message_id).await
    }

    async fn rest(&self) -> Duration {
        let now = self.clock.now();
        match store::next_due_at(self.db.read(), now).await {
            Ok(Some(due)) => until(due, now).clamp(Duration::from_secs(1), LONGEST_REST),
            _ => LONGEST_REST,
        }
    }
}

/// Waits until the next letter may go out and counts it; false where the site stops before that.
async fn in_turn(pace: &mut Pace, stop: &watch::Receiver<bool>) -> bool {
    let wait = pace.wait(Instant::now());
    if !wait.is_zero() {
        let stopped = stop.clone();
        let until_stopped = async move {
            let mut stopped = stopped;
            // An error says that whoever could stop us is gone.
            let _ = stopped.wait_for(|stop| *stop).await;
        };
        if tokio::time::timeout(wait, until_stopped).await.is_ok() {
            return false;
        }
    }
    pace.count(Instant::now());
    true
}

/// Whether the site stops, or has gone without a word.
fn is_over(stop: &watch::Receiver<bool>) -> bool {
    *stop.borrow() || stop.has_changed().is_err()
}

fn until(due: Timestamp, now: Timestamp) -> Duration {
    Duration::from_secs(u64::try_from(due.as_second() - now.as_second()).unwrap_or(0))
}

fn message(letter: &Outgoing, from: Mailbox) -> Result<Message> {
    let mut message = Message::builder()
        .from(from)
        .to(Mailbox::new(None, letter.recipient.parse().context("the recipient's address cannot be used")?))
        .subject(&letter.subject)
        .date(letter.queued_at.into())
        .message_id(Some(format!("<{}>", letter.message_id)));
    if let Some(reply_to) = &letter.reply_to {
        message =
            message.reply_to(Mailbox::new(None, reply_to.parse().context("the address for answers cannot be used")?));
    }
    if let Some(earlier) = &letter.in_reply_to {
        message = message.in_reply_to(format!("<{earlier}>")).references(format!("<{earlier}>"));
    }
    message
        .multipart(MultiPart::alternative_plain_html(letter.body_text.clone(), letter.body_html.clone()))
        .context("the letter cannot be put together")
}
