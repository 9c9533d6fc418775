//! Scheduler for recurring jobs. Jobs have a name, so that tests can run one at any time.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::clock::{Clock, ClockGuard};

type JobFuture = Pin<Box<dyn Future<Output = Result<()>> + Send>>;

/// When a job is due. A daily job is due every minute and checks whether the work of the day is done: several processes
/// on one database then share the work, and a missed day is caught up.
#[derive(Clone, Copy, Debug)]
pub struct DueRule {
    /// Time from the start of the site to the first run.
    pub first_after: Duration,
    /// Time from the end of a run to the next one.
    pub every: Duration,
    /// Whether the job is skipped while the clock is not trusted. Set it for jobs that delete data or queue digests.
    pub needs_trusted_clock: bool,
}

/// A recurring job.
pub struct Job {
    pub name: &'static str,
    due: DueRule,
    clock: Clock,
    clock_guard: ClockGuard,
    run: Box<dyn Fn(Timestamp, CancellationToken) -> JobFuture + Send + Sync>,
}

impl Job {
    /// Runs the job when it is due until `stop` is cancelled. Failures are logged; the next run tries again.
    pub async fn run_when_due(self: Arc<Self>, stop: CancellationToken) {
        let mut delay = self.due.first_after;
        while stop.run_until_cancelled(tokio::time::sleep(delay)).await.is_some() {
            if let Err(error) = self.run_now(stop.clone()).await {
                tracing::error!("job failed: {error:#} ({})", self.name);
            }
            delay = self.due.every;
        }
    }

    async fn run_now(&self, stop: CancellationToken) -> Result<()> {
        if self.due.needs_trusted_clock && !self.clock_guard.check() {
            return Ok(());
        }
        (self.run)(self.clock.now(), stop).await
    }
}

/// All recurring jobs of the site.
pub struct Jobs {
    clock: Clock,
    clock_guard: ClockGuard,
    jobs: Vec<Arc<Job>>,
}

impl Jobs {
    pub fn new(clock: Clock, clock_guard: ClockGuard) -> Self {
        Self { clock, clock_guard, jobs: vec![] }
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
        let (clock, clock_guard) = (self.clock.clone(), self.clock_guard.clone());
        self.jobs.push(Arc::new(Job { name, due, clock, clock_guard, run }));
    }

    pub fn iter(&self) -> impl Iterator<Item = &Arc<Job>> {
        self.jobs.iter()
    }

    /// Runs a job now, due or not, unless it needs a trusted clock and there is none.
    pub async fn run(&self, name: &str) -> Result<()> {
        let job = self.jobs.iter().find(|job| job.name == name).with_context(|| format!("no job named {name}"))?;
        job.run_now(CancellationToken::new()).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use jiff::SignedDuration;

    use super::*;

    #[tokio::test]
    async fn only_jobs_that_need_a_trusted_clock_wait_for_one() {
        let clock = Clock::fixed("2026-11-22T09:00:00Z".parse().unwrap());
        let mut jobs = Jobs::new(clock.clone(), ClockGuard::new(clock.clone(), Some(clock.now())));
        let counts: [Arc<AtomicU32>; 2] = Default::default();
        for (name, needs_trusted_clock, count) in [("delete", true, &counts[0]), ("backup", false, &counts[1])] {
            let due = DueRule { first_after: Duration::ZERO, every: Duration::ZERO, needs_trusted_clock };
            let count = count.clone();
            jobs.add(name, due, move |_, _| {
                count.fetch_add(1, Ordering::SeqCst);
                async { Ok(()) }
            });
        }
        let run_all = async || {
            for name in ["delete", "backup"] {
                jobs.run(name).await.unwrap();
            }
            counts.each_ref().map(|count| count.load(Ordering::SeqCst))
        };
        assert_eq!(run_all().await, [1, 1]);
        clock.set("2050-01-01T09:00:00Z".parse().unwrap());
        assert_eq!(run_all().await, [1, 2]);
        clock.advance(SignedDuration::from_hours(24));
        assert_eq!(run_all().await, [2, 3], "after a day");
    }
}
