//! The counter at which inquiries are kept, each with its emails or not at all. Those that come at the same time are
//! written to disk together: that is the slow part, and one writing serves them all.

mod reference_journal;
mod resubmission;
mod store;
mod submission;

pub use reference_journal::{ReferenceJournal, read_reference_journal};
pub use store::{raise_reference_counter, reference_counters};
pub use submission::Submission;

use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use jiff::Timestamp;
use sqlx::SqliteConnection;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::db::{Database, WriteTx};
use crate::http::BaseUrl;
use crate::inquiries::clock_guard::{ClockSample, SharedClockGuard};
use crate::inquiries::inquiry::reference_year;
use crate::inquiries::intake::resubmission::StaffNotice;
use crate::inquiries::intake::submission::{Decision, decide};
use crate::inquiries::store::find;
use crate::inquiries::submit::{staff_inbox, with_message_id};
use crate::inquiries::{Inquiry, InquiryState, emails};
use crate::mail::{self, Notifier, QueuedEmail};
use crate::web::Firm;

/// How many are kept together at most: what comes after waits no longer than these take.
const BATCH_SIZE: usize = 64;
/// How many may wait; more of them wait in the network.
const QUEUE_CAPACITY: usize = 1024;

/// Where forms are handed in. Whoever hands one in may go away: it is kept all the same.
#[derive(Clone)]
pub struct IntakeQueue {
    queue: mpsc::Sender<PendingSubmission>,
}

/// What receiving a form led to.
pub enum IntakeResult {
    /// A new inquiry.
    New(Inquiry),
    /// A double submission of this inquiry.
    Duplicate(Inquiry),
    /// This inquiry, sent again later.
    Resubmission(Inquiry),
    /// Too many came from the same network; nothing was kept.
    RateLimited,
}

struct PendingSubmission {
    submission: Submission,
    firm: Arc<Firm>,
    reply_tx: oneshot::Sender<Result<IntakeResult>>,
}

impl IntakeQueue {
    /// The queue and its worker. After `stop` is cancelled the queue accepts nothing more, and the worker ends when all
    /// accepted submissions are stored.
    pub fn new(
        db: Database,
        clock: Clock,
        trust: SharedClockGuard,
        site: BaseUrl,
        references: Arc<ReferenceJournal>,
        notifier: Notifier,
        stop: CancellationToken,
    ) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (queue, waiting) = mpsc::channel(QUEUE_CAPACITY);
        let work = run(
            waiting,
            Arc::new(BatchWriter { db, clock, clock_guard: trust, site, reference_journal: references }),
            notifier,
            stop,
        );
        (Self { queue }, work)
    }

    /// Keeps an inquiry and queues its emails in one transaction. Answers after the commit.
    pub async fn submit(&self, arrival: Submission, firm: Arc<Firm>) -> Result<IntakeResult> {
        let (answer, answered) = oneshot::channel();
        self.queue
            .send(PendingSubmission { submission: arrival, firm, reply_tx: answer })
            .await
            .ok()
            .context("the counter is closed")?;
        answered.await.context("the counter broke down")?
    }
}

async fn run(
    mut waiting: mpsc::Receiver<PendingSubmission>,
    writer: Arc<BatchWriter>,
    notifier: Notifier,
    stop: CancellationToken,
) {
    let mut pending = vec![];
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled(), if !waiting.is_closed() => waiting.close(),
            count = waiting.recv_many(&mut pending, BATCH_SIZE) => if count == 0 { return },
        }
        let (batch, clerk, notifier) = (std::mem::take(&mut pending), writer.clone(), notifier.clone());
        // A task of its own: should it break down, those it served are told, and the counter stays open.
        let served = tokio::spawn(async move {
            let outcomes = clerk.commit_batch(&batch).await;
            notifier.notify();
            for (visitor, outcome) in batch.into_iter().zip(outcomes) {
                // Whoever has gone away meanwhile needs no answer.
                let _ = visitor.reply_tx.send(outcome);
            }
        });
        if let Err(error) = served.await {
            tracing::error!(%error, "the counter broke down and goes on");
        }
    }
}

struct BatchWriter {
    db: Database,
    clock: Clock,
    clock_guard: SharedClockGuard,
    site: BaseUrl,
    reference_journal: Arc<ReferenceJournal>,
}

impl BatchWriter {
    /// One outcome for each. What is wrong with one of them is no fault of the others: should it keep them all from
    /// being written, each is written alone.
    async fn commit_batch(&self, batch: &[PendingSubmission]) -> Vec<Result<IntakeResult>> {
        let tx = match self.db.begin_write().await {
            Ok(tx) => tx,
            // Where nothing can be written at all, each alone would only wait as long.
            Err(error) => return batch.iter().map(|_| Err(anyhow!("{error}"))).collect(),
        };
        match self.commit_all(tx, batch).await {
            Ok(received) => received.into_iter().map(Ok).collect(),
            Err(error) if batch.len() < 2 => vec![Err(error)],
            Err(_) => {
                let mut outcomes = vec![];
                for alone in batch.chunks(1) {
                    outcomes.extend(Box::pin(self.commit_batch(alone)).await);
                }
                outcomes
            }
        }
    }

    /// All of them in one transaction, which the numbers of rows and references that are given out here stand in.
    async fn commit_all(&self, mut tx: WriteTx, batch: &[PendingSubmission]) -> Result<Vec<IntakeResult>> {
        let now = self.clock.now();
        let submissions: Vec<&Submission> = batch.iter().map(|visitor| &visitor.submission).collect();
        let lookups = store::lookup(&mut tx, &submissions, now).await?;
        let (outcomes, last_number) = decide(&submissions, &lookups, now);
        let new: Vec<(&PendingSubmission, &Inquiry)> = batch.iter().zip(&outcomes).filter_map(new_inquiry).collect();
        if !new.is_empty() {
            let rows: Vec<(&Submission, &Inquiry)> =
                new.iter().map(|(visitor, it)| (&visitor.submission, *it)).collect();
            let clock_is_trusted = self.clock_guard.is_trusted(ClockSample::of(&self.clock));
            store::insert(&mut tx, &rows, last_number, now, clock_is_trusted).await?;
            let emails = self.new_inquiry_emails(&mut tx, &new).await?;
            if !emails.is_empty() {
                mail::queue_all(&mut tx, &emails, now).await?;
            }
        }
        self.record_resubmissions(&mut tx, batch, &outcomes, now).await?;
        let received = intake_results(&mut tx, &outcomes).await?;
        tx.commit().await?;
        if !new.is_empty() {
            self.reference_journal.record(reference_year(now).into(), last_number).await;
        }
        Ok(received)
    }

    /// Records what was sent again, and queues what staff are told about it.
    async fn record_resubmissions(
        &self,
        tx: &mut SqliteConnection,
        batch: &[PendingSubmission],
        outcomes: &[Decision],
        now: Timestamp,
    ) -> Result<()> {
        for (visitor, outcome) in batch.iter().zip(outcomes) {
            let Decision::Resubmission(id) = outcome else { continue };
            let news = resubmission::record_resubmission(&mut *tx, *id, &visitor.submission.network_hash, now).await?;
            if let Some(StaffNotice { inquiry, sentence }) = news {
                let inbox = staff_inbox(&mut *tx, &visitor.firm).await?;
                let notices = emails::staff_notices(&inquiry, &sentence, &inbox, &self.site)?;
                let notices: Vec<QueuedEmail> =
                    notices.into_iter().map(|email| with_message_id(email, &self.site)).collect();
                mail::queue_all(&mut *tx, &notices, now).await?;
            }
        }
        Ok(())
    }

    /// What is written about them: nothing about what is set aside.
    async fn new_inquiry_emails(
        &self,
        tx: &mut SqliteConnection,
        new: &[(&PendingSubmission, &Inquiry)],
    ) -> Result<Vec<QueuedEmail>> {
        let mut all = vec![];
        for (visitor, inquiry) in new.iter().filter(|(_, inquiry)| inquiry.state != InquiryState::Quarantined) {
            let inbox = staff_inbox(&mut *tx, &visitor.firm).await?;
            let emails = emails::new_inquiry_emails(
                inquiry,
                &inbox,
                &visitor.firm,
                &self.site,
                &visitor.submission.network_hash,
            )?;
            all.extend(emails.into_iter().map(|email| with_message_id(email, &self.site)));
        }
        Ok(all)
    }
}

fn new_inquiry<'a>(
    (visitor, outcome): (&'a PendingSubmission, &'a Decision),
) -> Option<(&'a PendingSubmission, &'a Inquiry)> {
    match outcome {
        Decision::New(inquiry) => Some((visitor, inquiry)),
        _ => None,
    }
}

/// What each is told.
async fn intake_results(tx: &mut SqliteConnection, outcomes: &[Decision]) -> sqlx::Result<Vec<IntakeResult>> {
    let mut all: Vec<IntakeResult> = vec![];
    for outcome in outcomes {
        all.push(match outcome {
            Decision::New(inquiry) => IntakeResult::New(inquiry.as_ref().clone()),
            Decision::Duplicate(id) => {
                find(&mut *tx, *id).await?.map(IntakeResult::Duplicate).ok_or(sqlx::Error::RowNotFound)?
            }
            Decision::Resubmission(id) => {
                find(&mut *tx, *id).await?.map(IntakeResult::Resubmission).ok_or(sqlx::Error::RowNotFound)?
            }
            Decision::DuplicateInBatch(place) => match all.get(*place) {
                Some(IntakeResult::New(inquiry) | IntakeResult::Resubmission(inquiry)) => {
                    IntakeResult::Duplicate(inquiry.clone())
                }
                _ => return Err(sqlx::Error::RowNotFound),
            },
            Decision::RateLimited => IntakeResult::RateLimited,
        });
    }
    Ok(all)
}
