//! The counter at which inquiries are kept, each with its letters or not at all. Those that come at the same time are
//! written to disk together: that is the slow part, and one writing serves them all.

mod again;
mod arrival;
mod references;
mod store;

pub use arrival::Arrival;
pub use references::{References, noted_references};
pub use store::{number_from, reference_numbers};

use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use jiff::Timestamp;
use sqlx::SqliteConnection;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::db::{Database, Write};
use crate::inquiries::counter::again::News;
use crate::inquiries::counter::arrival::{Outcome, outcomes};
use crate::inquiries::inquiry::reference_year;
use crate::inquiries::receive::{addressed, staff_inbox};
use crate::inquiries::store::find;
use crate::inquiries::trust::{Reading, SharedTrust};
use crate::inquiries::{Inquiry, State, mail as letters};
use crate::mail::{self, Addressed, Wake};
use crate::web::{Firm, SiteAddress};

/// How many are kept together at most: what comes after waits no longer than these take.
const TOGETHER: usize = 64;
/// How many may wait; more of them wait in the network.
const WAITING: usize = 1024;

/// Where forms are handed in. Whoever hands one in may go away: it is kept all the same.
pub struct Counter {
    queue: mpsc::Sender<Visitor>,
}

/// What receiving a form led to.
pub enum Received {
    /// A new inquiry.
    New(Inquiry),
    /// A double submission of this inquiry.
    Before(Inquiry),
    /// This inquiry, sent again later.
    Again(Inquiry),
    /// Too many came from the same network; nothing was kept.
    TooMany,
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
        trust: SharedTrust,
        site: SiteAddress,
        references: Arc<References>,
        wake: Wake,
        stop: watch::Receiver<bool>,
    ) -> (Self, JoinHandle<()>) {
        let (queue, waiting) = mpsc::channel(WAITING);
        let work = tokio::spawn(serve(waiting, Arc::new(Clerk { db, clock, trust, site, references }), wake, stop));
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
    trust: SharedTrust,
    site: SiteAddress,
    references: Arc<References>,
}

impl Clerk {
    /// One outcome for each. What is wrong with one of them is no fault of the others: should it keep them all from
    /// being written, each is written alone.
    async fn keep_together(&self, visitors: &[Visitor]) -> Vec<Result<Received>> {
        let tx = match self.db.begin_write().await {
            Ok(tx) => tx,
            // Where nothing can be written at all, each alone would only wait as long.
            Err(error) => return visitors.iter().map(|_| Err(anyhow!("{error}"))).collect(),
        };
        match self.keep(tx, visitors).await {
            Ok(received) => received.into_iter().map(Ok).collect(),
            Err(error) if visitors.len() < 2 => vec![Err(error)],
            Err(_) => {
                let mut outcomes = vec![];
                for alone in visitors.chunks(1) {
                    outcomes.extend(Box::pin(self.keep_together(alone)).await);
                }
                outcomes
            }
        }
    }

    /// All of them in one transaction, which the numbers of rows and references that are given out here stand in.
    async fn keep(&self, mut tx: Write, visitors: &[Visitor]) -> Result<Vec<Received>> {
        let now = self.clock.now();
        let arrivals: Vec<&Arrival> = visitors.iter().map(|visitor| &visitor.arrival).collect();
        let known = store::known(&mut tx, &arrivals, now).await?;
        let (outcomes, last_number) = outcomes(&arrivals, &known, now);
        let new: Vec<(&Visitor, &Inquiry)> = visitors.iter().zip(&outcomes).filter_map(new).collect();
        if !new.is_empty() {
            let rows: Vec<(&Arrival, &Inquiry)> = new.iter().map(|(visitor, it)| (&visitor.arrival, *it)).collect();
            let is_sure = self.trust.is_sure(Reading::of(&self.clock));
            store::insert(&mut tx, &rows, last_number, now, is_sure).await?;
            let letters = self.letters(&mut tx, &new).await?;
            if !letters.is_empty() {
                mail::queue_all(&mut tx, &letters, now).await?;
            }
        }
        self.record_again(&mut tx, visitors, &outcomes, now).await?;
        let received = received(&mut tx, &outcomes).await?;
        tx.commit().await?;
        if !new.is_empty() {
            self.references.note_later(reference_year(now).into(), last_number).await;
        }
        Ok(received)
    }

    /// Records what was sent again, and queues what staff are told about it.
    async fn record_again(
        &self,
        tx: &mut SqliteConnection,
        visitors: &[Visitor],
        outcomes: &[Outcome],
        now: Timestamp,
    ) -> Result<()> {
        for (visitor, outcome) in visitors.iter().zip(outcomes) {
            let Outcome::Again(id) = outcome else { continue };
            let news = again::sent_again(&mut *tx, *id, &visitor.arrival.network, now).await?;
            if let Some(News { inquiry, sentence }) = news {
                let inbox = staff_inbox(&mut *tx, &visitor.firm).await?;
                let notices = letters::notices(&inquiry, &sentence, &inbox, &self.site)?;
                let notices: Vec<Addressed> = notices.into_iter().map(|letter| addressed(letter, &self.site)).collect();
                mail::queue_all(&mut *tx, &notices, now).await?;
            }
        }
        Ok(())
    }

    /// What is written about them: nothing about what is set aside.
    async fn letters(&self, tx: &mut SqliteConnection, new: &[(&Visitor, &Inquiry)]) -> Result<Vec<Addressed>> {
        let mut all = vec![];
        for (visitor, inquiry) in new.iter().filter(|(_, inquiry)| inquiry.state != State::Quarantined) {
            let inbox = staff_inbox(&mut *tx, &visitor.firm).await?;
            let letters = letters::letters(inquiry, &inbox, &visitor.firm, &self.site, &visitor.arrival.network)?;
            all.extend(letters.into_iter().map(|letter| addressed(letter, &self.site)));
        }
        Ok(all)
    }
}

fn new<'a>((visitor, outcome): (&'a Visitor, &'a Outcome)) -> Option<(&'a Visitor, &'a Inquiry)> {
    match outcome {
        Outcome::New(inquiry) => Some((visitor, inquiry)),
        _ => None,
    }
}

/// What each is told.
async fn received(tx: &mut SqliteConnection, outcomes: &[Outcome]) -> sqlx::Result<Vec<Received>> {
    let mut all: Vec<Received> = vec![];
    for outcome in outcomes {
        all.push(match outcome {
            Outcome::New(inquiry) => Received::New(inquiry.as_ref().clone()),
            Outcome::Before(id) => find(&mut *tx, *id).await?.map(Received::Before).ok_or(sqlx::Error::RowNotFound)?,
            Outcome::Again(id) => find(&mut *tx, *id).await?.map(Received::Again).ok_or(sqlx::Error::RowNotFound)?,
            Outcome::Twin(place) => match all.get(*place) {
                Some(Received::New(inquiry) | Received::Again(inquiry)) => Received::Before(inquiry.clone()),
                _ => return Err(sqlx::Error::RowNotFound),
            },
            Outcome::TooMany => Received::TooMany,
        });
    }
    Ok(all)
}
