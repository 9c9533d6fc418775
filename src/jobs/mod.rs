//! Scheduler for recurring jobs. Jobs have a name, so that tests can run one at any time.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;

type JobFuture = Pin<Box<dyn Future<Output = Result<()>> + Send>>;

/// When a job is due. A job that runs each day is due often and finds out itself whether the day's work is done, so
/// that several processes on one database share the work and a missed day is made up for.
#[derive(Clone, Copy, Debug)]
pub struct DueRule {
    /// Time from the start of the site to the first run.
    pub first_after: Duration,
    /// Time from the end of a run to the next one.
    pub every: Duration,
}

/// A recurring job.
pub struct Job {
    pub name: &'static str,
    due: DueRule,
    clock: Clock,
    run: Box<dyn Fn(Timestamp, CancellationToken) -> JobFuture + Send + Sync>,
}

impl Job {
    /// Runs the job when it is due until `stop` is cancelled. Failures are logged; the next run tries again.
    pub async fn run_when_due(self: Arc<Self>, stop: CancellationToken) {
        let mut delay = self.due.first_after;
        while stop.run_until_cancelled(tokio::time::sleep(delay)).await.is_some() {
            if let Err(error) = (self.run)(self.clock.now(), stop.clone()).await {
                tracing::error!("job failed: {error:#} ({})", self.name);
            }
            delay = self.due.every;
        }
    }
}

/// All recurring jobs of the site.
pub struct Jobs {
    clock: Clock,
    jobs: Vec<Arc<Job>>,
}

impl Jobs {
    pub fn new(clock: Clock) -> Self {
        Self { clock, jobs: vec![] }
    }

    /// Adds a job. It gets the time of its run and the token that is cancelled on shutdown, and must then end soon.
    pub fn add<F>(
        &mut self,
        name: &'static str,
        due: DueRule,
        run: impl Fn(Timestamp, CancellationToken) -> F + Send + Sync + 'static,
    ) where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        let run = Box::new(move |now, stop| -> JobFuture { Box::pin(run(now, stop)) });
        self.jobs.push(Arc::new(Job { name, due, clock: self.clock.clone(), run }));
    }

    pub fn iter(&self) -> impl Iterator<Item = &Arc<Job>> {
        self.jobs.iter()
    }

    /// Runs a job now, due or not.
    pub async fn run(&self, name: &str) -> Result<()> {
        let job = self.jobs.iter().find(|job| job.name == name).with_context(|| format!("no job named {name}"))?;
        (job.run)(self.clock.now(), CancellationToken::new()).await
    }
}
