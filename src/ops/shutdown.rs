//! Graceful shutdown as HTTP clients see it, and readiness of the worker threads.

use std::future::{Ready, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::dev::{Service, ServiceRequest, Transform};
use tokio::sync::watch;

/// Whether the site is shutting down. Clones share one value.
#[derive(Clone, Debug, Default)]
pub struct ShutdownFlag(Arc<AtomicBool>);

impl ShutdownFlag {
    pub fn set(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// Number of worker threads that are ready to serve. A worker that is stopped before it is ready drops the connections
/// it was given.
#[derive(Clone, Debug)]
pub struct WorkersReady(watch::Sender<usize>);

impl Default for WorkersReady {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl WorkersReady {
    /// Waits until `threads` workers are ready.
    pub async fn wait(&self, threads: usize) {
        // `self` keeps the channel open, so this cannot fail.
        let _ = self.0.subscribe().wait_for(|ready| *ready >= threads).await;
    }
}

/// As the outermost middleware, it is created after everything inside is ready. It adds nothing to requests.
impl<S: Service<ServiceRequest>> Transform<S, ServiceRequest> for WorkersReady {
    type Response = S::Response;
    type Error = S::Error;
    type Transform = S;
    type InitError = ();
    type Future = Ready<Result<S, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        self.0.send_modify(|ready| *ready += 1);
        ready(Ok(service))
    }
}
