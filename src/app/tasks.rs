//! Background tasks of the application, stopped by one cancellation token.

use anyhow::{Context, Result};
use tokio::task::{AbortHandle, JoinSet};
use tokio_util::sync::CancellationToken;

#[derive(Default)]
pub struct BackgroundTasks {
    tasks: JoinSet<()>,
    names: Vec<(&'static str, AbortHandle)>,
    stop: CancellationToken,
}

impl BackgroundTasks {
    /// The token that tells tasks to finish.
    pub fn stop_token(&self) -> CancellationToken {
        self.stop.clone()
    }

    pub fn spawn(&mut self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        self.names.push((name, self.tasks.spawn(task)));
    }

    /// Tells all tasks to finish and waits for them. Returns the failure of the task that was spawned first.
    pub async fn stop(mut self) -> Result<()> {
        self.stop.cancel();
        let mut failures = vec![];
        while let Some(exit) = self.tasks.join_next_with_id().await {
            if let Err(error) = exit {
                let position = self.names.iter().position(|(_, task)| task.id() == error.id());
                let name = position.map_or("unnamed", |position| self.names[position].0);
                tracing::error!("the {name} task failed: {error}");
                failures.push((position, error, name));
            }
        }
        match failures.into_iter().min_by_key(|(position, ..)| *position) {
            Some((_, error, name)) => Err(error).with_context(|| format!("the {name} task failed")),
            None => Ok(()),
        }
    }

    #[cfg(test)]
    pub fn abort(&self, name: &str) {
        self.names.iter().filter(|(known, _)| *known == name).for_each(|(_, task)| task.abort());
    }
}
