//! The counter at which inquiries are kept, each with its letters or not at all. Those that come at the same time are
//! written to disk together: that is the slow part, and one writing serves them all.

use std::sync::Arc;

use anyhow::{Context, Result};
use jiff::Timestamp;
use sqlx::{Acquire, SqliteConnection};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::db::Database;
use crate::inquiries::State;
use crate::inquiries::receive::queue_letters;
use crate::inquiries::store::{self, Arrival, Received};
use crate::mail::Wake;
use crate::web::{Firm, SiteAddress};

/// How many are kept together at most: what comes after waits no longer than these take.
const TOGETHER: usize = 64;
/// How many may wait; more of them wait in the network.
const WAITING: usize = 1024;

/// Where forms are handed in. Whoever hands one in may go away: it is kept all the same.
pub struct Counter {
    queue: mpsc::Sender<Visitor>,
}

struct Visitor {
    arrival: Arrival,
    firm: Arc<Firm>,
    answer: oneshot::Sender<Result<Received>>,
}

impl Counter {
    /// Opens the counter. Once `stop` turns true it takes nothing more, and its work ends when all that was handed in
    /// is kept.
    pub fn open(
        db: Database,
        clock: Clock,
        site: SiteAddress,
        wake: Wake,
        stop: watch::Receiver<bool>,
    ) -> (Self, JoinHandle<()>) {
        let (queue, waiting) = mpsc::channel(WAITING);
        let work = tokio::spawn(serve(waiting, Arc::new(Clerk { db, clock, site }), wake, stop));
        (Self { queue }, work)
    }

    /// Keeps an inquiry and queues its letters in one transaction. Answers after the commit.
    pub async fn keep(&self, arrival: Arrival, firm: Arc<Firm>) -> Result<Received> {
        let (answer, answered) = oneshot::channel();
        self.queue.send(Visitor { arrival, firm, answer }).await.ok().context("the counter is closed")?;
        answered.await.context("the counter broke down")?
    }
}

async fn serve(mut waiting: mpsc::Receiver<Visitor>, clerk: Arc<Clerk>, wake: Wake, mut stop: watch::Receiver<bool>) {
    let mut visitors = vec![];
    loop {
        tokio::select! {
            biased;
            // Also where whoever could say so is gone.
            _ = stop.wait_for(|stop| *stop), if !waiting.is_closed() => waiting.close(),
            count = waiting.recv_many(&mut visitors, TOGETHER) => if count == 0 { return },
        }
        let (together, clerk, wake) = (std::mem::take(&mut visitors), clerk.clone(), wake.clone());
        // A task of its own: should it break down, those it served are told, and the counter stays open.
        let served = tokio::spawn(async move {
            let outcomes = clerk.keep_together(&together).await;
            wake.sender();
            for (visitor, outcome) in together.into_iter().zip(outcomes) {
                // Whoever has gone away meanwhile needs no answer.
                let _ = visitor.answer.send(outcome);
            }
        });
        if let Err(error) = served.await {
            tracing::error!(%error, "the counter broke down and goes on");
        }
    }
}

struct Clerk {
    db: Database,
    clock: Clock,
    site: SiteAddress,
}

impl Clerk {
    /// One outcome for each. What is wrong with one of them is no fault of the others; where the whole cannot be
    /// written, none is kept.
    async fn keep_together(&self, visitors: &[Visitor]) -> Vec<Result<Received>> {
        match self.try_together(visitors).await {
            Ok(outcomes) => outcomes,
            Err(error) => {
                let cause = format!("{error:#}");
                visitors.iter().map(|_| Err(anyhow::anyhow!(cause.clone()))).collect()
            }
        }
    }

    async fn try_together(&self, visitors: &[Visitor]) -> Result<Vec<Result<Received>>> {
        let now = self.clock.now();
        let mut outcomes = vec![];
        let mut tx = self.db.begin_write().await?;
        if let [visitor] = visitors {
            let kept = self.keep(&mut tx, visitor, now).await?;
            tx.commit().await?;
            return Ok(vec![Ok(kept)]);
        }
        for visitor in visitors {
            let mut part = tx.begin().await?;
            let outcome = self.keep(&mut part, visitor, now).await;
            // A reference that was taken for what is not kept is given back, so that there is no gap.
            if outcome.is_ok() {
                part.commit().await?
            } else {
                part.rollback().await?
            }
            outcomes.push(outcome);
        }
        tx.commit().await?;
        Ok(outcomes)
    }

    async fn keep(&self, tx: &mut SqliteConnection, visitor: &Visitor, now: Timestamp) -> Result<Received> {
        let received = store::receive(tx, &visitor.arrival, now).await?;
        if let Received::New(inquiry) = &received
            && inquiry.state != State::Quarantined
        {
            queue_letters(tx, inquiry, &visitor.firm, &self.site, now).await?;
        }
        Ok(received)
    }
}
