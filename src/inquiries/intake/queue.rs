//! Queue of submitted forms. Each inquiry is committed together with its e-mails.
//!
//! Submissions that arrive at the same time share one transaction, because the fsync is the slow part.

use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use jiff::Timestamp;
use sqlx::SqliteConnection;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::clock::{Clock, ClockGuard};
use crate::db::{Database, WriteTx};
use crate::http::BaseUrl;
use crate::inquiries::inquiry::reference_year;
use crate::inquiries::intake::dedup::{Decision, decide};
use crate::inquiries::intake::reference_journal::ReferenceJournal;
use crate::inquiries::intake::resubmission::{StaffNotice, record_resubmission};
use crate::inquiries::intake::store;
use crate::inquiries::intake::submission::Submission;
use crate::inquiries::notifications::{new_inquiry_emails, queue, queue_staff_notices};
use crate::inquiries::store::find;
use crate::inquiries::{Inquiry, InquiryState};
use crate::mail::Notifier;
use crate::web::Firm;

/// Submissions in one transaction, at most. Limits how long the next one waits.
const BATCH_SIZE: usize = 64;
/// Submissions that wait in the queue. `submit` waits when it is full.
const QUEUE_CAPACITY: usize = 1024;

/// Sender of the queue. A submission is stored even if its client disconnects.
#[derive(Clone)]
pub struct IntakeQueue {
    queue: mpsc::Sender<PendingSubmission>,
}

pub enum IntakeResult {
    New(Inquiry),
    /// The form was sent twice in a row: the inquiry of the first time.
    Duplicate(Inquiry),
    /// The same content was sent again later: the existing inquiry.
    Resubmission(Inquiry),
    /// Too many forms came from the same network. Nothing was stored.
    RateLimited,
}

struct PendingSubmission {
    submission: Submission,
    firm: Arc<Firm>,
    reply_tx: oneshot::Sender<Result<IntakeResult>>,
}

impl IntakeQueue {
    /// The queue and its worker. After `stop` is cancelled, the queue accepts nothing, and the worker commits what is queued
    /// and ends.
    pub fn new(
        db: Database,
        clock: Clock,
        clock_guard: ClockGuard,
        site: BaseUrl,
        reference_journal: Arc<ReferenceJournal>,
        notifier: Notifier,
        stop: CancellationToken,
    ) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (queue, receiver) = mpsc::channel(QUEUE_CAPACITY);
        let writer = Arc::new(BatchWriter { db, clock, clock_guard, site, reference_journal });
        (Self { queue }, run(receiver, writer, notifier, stop))
    }

    /// Stores an inquiry and queues its e-mails in one transaction. Returns after the commit.
    pub async fn submit(&self, submission: Submission, firm: Arc<Firm>) -> Result<IntakeResult> {
        let (reply_tx, reply) = oneshot::channel();
        let pending = PendingSubmission { submission, firm, reply_tx };
        self.queue.send(pending).await.ok().context("the intake queue is closed")?;
        reply.await.context("the intake queue dropped the submission")?
    }
}

async fn run(
    mut receiver: mpsc::Receiver<PendingSubmission>,
    writer: Arc<BatchWriter>,
    notifier: Notifier,
    stop: CancellationToken,
) {
    let mut pending = vec![];
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled(), if !receiver.is_closed() => receiver.close(),
            count = receiver.recv_many(&mut pending, BATCH_SIZE) => if count == 0 { return },
        }
        let (batch, writer, notifier) = (std::mem::take(&mut pending), writer.clone(), notifier.clone());
        // In a task of its own, so that a panic fails this batch only and the queue goes on.
        let committed = tokio::spawn(async move {
            let results = writer.commit_batch(&batch).await;
            notifier.notify();
            for (pending, result) in batch.into_iter().zip(results) {
                // The client may have disconnected.
                let _ = pending.reply_tx.send(result);
            }
        });
        if let Err(error) = committed.await {
            tracing::error!("cannot store a batch of inquiries: {error} (DATA_DIR)");
        }
    }
}

struct BatchWriter {
    db: Database,
    clock: Clock,
    clock_guard: ClockGuard,
    site: BaseUrl,
    reference_journal: Arc<ReferenceJournal>,
}

impl BatchWriter {
    /// One result per submission. If the batch fails, each submission is retried alone, so that one bad submission does
    /// not affect the others.
    async fn commit_batch(&self, batch: &[PendingSubmission]) -> Vec<Result<IntakeResult>> {
        let tx = match self.db.begin_write().await {
            Ok(tx) => tx,
            // Retrying alone would only wait for the same lock again.
            Err(error) => return batch.iter().map(|_| Err(anyhow!("{error}"))).collect(),
        };
        match self.commit_all(tx, batch).await {
            Ok(results) => results.into_iter().map(Ok).collect(),
            Err(error) if batch.len() < 2 => vec![Err(error)],
            Err(_) => {
                let mut results = vec![];
                for alone in batch.chunks(1) {
                    results.extend(Box::pin(self.commit_batch(alone)).await);
                }
                results
            }
        }
    }

    async fn commit_all(&self, mut tx: WriteTx, batch: &[PendingSubmission]) -> Result<Vec<IntakeResult>> {
        let now = self.clock.now();
        let submissions: Vec<&Submission> = batch.iter().map(|pending| &pending.submission).collect();
        let lookups = store::lookup(&mut tx, &submissions, now).await?;
        let (decisions, last_number) = decide(&submissions, &lookups, now);
        let new: Vec<(&PendingSubmission, &Inquiry)> = batch.iter().zip(&decisions).filter_map(new_inquiry).collect();
        if !new.is_empty() {
            let rows: Vec<(&Submission, &Inquiry)> =
                new.iter().map(|(pending, inquiry)| (&pending.submission, *inquiry)).collect();
            store::insert(&mut tx, &rows, last_number, now, self.clock_guard.check()).await?;
            self.queue_emails(&mut tx, &new, now).await?;
        }
        self.record_resubmissions(&mut tx, batch, &decisions, now).await?;
        let results = intake_results(&mut tx, &decisions).await?;
        tx.commit().await?;
        if !new.is_empty() {
            self.reference_journal.record(reference_year(now).into(), last_number).await;
        }
        Ok(results)
    }

    /// Queues the e-mails about new inquiries. Quarantined inquiries send none.
    async fn queue_emails(
        &self,
        tx: &mut SqliteConnection,
        new: &[(&PendingSubmission, &Inquiry)],
        now: Timestamp,
    ) -> Result<()> {
        let mut emails = vec![];
        for (pending, inquiry) in new.iter().filter(|(_, inquiry)| inquiry.state != InquiryState::Quarantined) {
            let network_hash = &pending.submission.network_hash;
            emails.extend(new_inquiry_emails(&mut *tx, inquiry, &pending.firm, &self.site, network_hash).await?);
        }
        queue(tx, emails, &self.site, now).await
    }

    async fn record_resubmissions(
        &self,
        tx: &mut SqliteConnection,
        batch: &[PendingSubmission],
        decisions: &[Decision],
        now: Timestamp,
    ) -> Result<()> {
        for (pending, decision) in batch.iter().zip(decisions) {
            let Decision::Resubmission(id) = decision else { continue };
            let notice = record_resubmission(&mut *tx, *id, &pending.submission.network_hash, now).await?;
            if let Some(StaffNotice { inquiry, sentence }) = notice {
                queue_staff_notices(&mut *tx, &inquiry, &sentence, &[], &pending.firm, &self.site, now).await?;
            }
        }
        Ok(())
    }
}

fn new_inquiry<'a>(
    (pending, decision): (&'a PendingSubmission, &'a Decision),
) -> Option<(&'a PendingSubmission, &'a Inquiry)> {
    match decision {
        Decision::New(inquiry) => Some((pending, inquiry)),
        _ => None,
    }
}

async fn intake_results(tx: &mut SqliteConnection, decisions: &[Decision]) -> sqlx::Result<Vec<IntakeResult>> {
    let mut results: Vec<IntakeResult> = vec![];
    for decision in decisions {
        results.push(match decision {
            Decision::New(inquiry) => IntakeResult::New(inquiry.as_ref().clone()),
            Decision::Duplicate(id) => {
                find(&mut *tx, *id).await?.map(IntakeResult::Duplicate).ok_or(sqlx::Error::RowNotFound)?
            }
            Decision::Resubmission(id) => {
                find(&mut *tx, *id).await?.map(IntakeResult::Resubmission).ok_or(sqlx::Error::RowNotFound)?
            }
            Decision::DuplicateInBatch(index) => match results.get(*index) {
                Some(IntakeResult::New(inquiry) | IntakeResult::Resubmission(inquiry)) => {
                    IntakeResult::Duplicate(inquiry.clone())
                }
                _ => return Err(sqlx::Error::RowNotFound),
            },
            Decision::RateLimited => IntakeResult::RateLimited,
        });
    }
    Ok(results)
}
