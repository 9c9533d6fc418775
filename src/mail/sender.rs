//! The one task that takes due letters from the outbox to the transport, and writes down how each fared.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use jiff::Timestamp;
use lettre::Message;
use lettre::message::{Mailbox, MultiPart};
use tokio::sync::{Mutex, Notify, watch};

use crate::clock::Clock;
use crate::db::Database;
use crate::mail::transport::{Refusal, Transport};
use crate::mail::{Outgoing, store};

/// Even when nothing seems due, the outbox is looked at this often.
const LONGEST_REST: Duration = Duration::from_secs(30);
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

/// The sender of one running site.
pub struct Sender {
    db: Database,
    clock: Clock,
    transport: Transport,
    from: FromAddress,
    wake: Wake,
    one_at_a_time: Mutex<()>,
}

impl Sender {
    /// Takes everything it needs; nothing is sent before [`Sender::run`].
    pub fn new(db: Database, clock: Clock, transport: Transport, from: FromAddress, wake: Wake) -> Self {
        Self { db, clock, transport, from, wake, one_at_a_time: Mutex::new(()) }
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

    /// Tries every letter that is due, one after the other. No transaction is open while the other side is talked to.
    pub async fn deliver_due(&self, stop: &watch::Receiver<bool>) -> Result<()> {
        let _turn = self.one_at_a_time.lock().await;
        while !*stop.borrow() {
            let Some(letter) = store::next_due(self.db.read(), self.clock.now()).await? else {
                break;
            };
            let outcome = self.deliver(&letter).await;
            // A letter that went out and is not noted would go out again and again. Where the disk is full, say,
            // everything waits here until it can be noted.
            while let Err(error) = self.note(&letter, &outcome).await {
                tracing::error!(letter = letter.id, error = format!("{error:#}"), "an attempt could not be noted");
                if *stop.borrow() {
                    break;
                }
                tokio::time::sleep(BEFORE_NOTING_AGAIN).await;
            }
        }
        Ok(())
    }

    async fn note(&self, letter: &Outgoing, outcome: &Result<(), Refusal>) -> Result<()> {
        let now = self.clock.now();
        let attempt = letter.attempts + 1;
        let mut tx = self.db.begin_write().await?;
        match outcome {
            Ok(()) => store::mark_sent(&mut tx, letter.id, self.transport.carrier(), now).await?,
            Err(refusal) => {
                let retry_at = if refusal.for_good { None } else { letter.retry_at(now) };
                store::mark_attempt(&mut tx, letter.id, &refusal.reason, retry_at).await?;
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
        let from = (self.from)().await.map_err(|error| Refusal { reason: format!("{error:#}"), for_good: false })?;
        let message =
            message(letter, from).map_err(|error| Refusal { reason: format!("{error:#}"), for_good: true })?;
        self.transport.deliver(message, &letter.message_id).await
    }

    async fn rest(&self) -> Duration {
        match store::next_due_at(self.db.read()).await {
            Ok(Some(due)) => until(due, self.clock.now()).clamp(Duration::from_secs(1), LONGEST_REST),
            _ => LONGEST_REST,
        }
    }
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
