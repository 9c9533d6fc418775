//! Signals that stop the program: `SIGTERM` and `SIGINT`.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// `timeout`, npm and shells send one signal twice. Repetitions within this time count as the same signal.
const DUPLICATE_SIGNAL_WINDOW: Duration = Duration::from_secs(1);

pub struct ShutdownSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl ShutdownSignals {
    /// Installs the handlers. From here on the signals do not end the program by themselves.
    pub fn listen() -> Result<Self> {
        let failed = "cannot listen for signals";
        Ok(Self {
            terminate: signal(SignalKind::terminate()).context(failed)?,
            interrupt: signal(SignalKind::interrupt()).context(failed)?,
        })
    }

    /// Waits for the next signal.
    pub async fn recv(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// Waits for a deliberate second signal.
    pub async fn recv_second(&mut self) {
        let first = Instant::now();
        loop {
            self.recv().await;
            if first.elapsed() >= DUPLICATE_SIGNAL_WINDOW {
                return;
            }
        }
    }
}
