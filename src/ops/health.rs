//! Whether the site is well: for whoever restarts it, and for whoever sends visitors to it.

use std::future::{Ready, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::http::header::CACHE_CONTROL;
use actix_web::http::{ConnectionType, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use tokio::sync::watch;

use crate::backups::BackupScheduler;
use crate::clock::Clock;
use crate::db::Database;
use crate::ops::MetricsAllowlist;
use crate::{mail, site};

/// Whether the site has been told to stop. Copies show the same.
#[derive(Clone, Debug, Default)]
pub struct ShutdownFlag(Arc<AtomicBool>);

impl ShutdownFlag {
    /// From now on nobody new should be sent here.
    pub fn set(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    fn is_set(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// Counts the threads that are ready to answer, as each of them sets up its own copy of the site. One that is told to stop
/// before would drop what it was given.
#[derive(Clone, Debug)]
pub struct WorkersReady(watch::Sender<usize>);

impl Default for WorkersReady {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl WorkersReady {
    /// Waits until so many are ready.
    pub async fn wait(&self, threads: usize) {
        // It is not dropped while somebody waits for it.
        let _ = self.0.subscribe().wait_for(|ready| *ready >= threads).await;
    }
}

/// Wrapped around everything else, it is asked when all that is inside is set up, and adds nothing.
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

/// Middleware: once the site is stopping, each answer is the last on its connection, so that none is cut off between two.
pub async fn close_connections_on_shutdown(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let shutdown_flag = request.app_data::<Data<ShutdownFlag>>().cloned();
    let mut response = next.call(request).await?;
    if shutdown_flag.is_some_and(|stopping| stopping.is_set()) {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    Ok(response)
}

/// `GET /health`: that it answers at all.
pub async fn liveness() -> HttpResponse {
    plain(StatusCode::OK, "alive\n".into())
}

/// `GET /health/ready`: whether an inquiry could be kept, in one word; the reason and what else an operator wants to know
/// follows for this machine and `METRICS_FROM` alone.
///
/// Neither late e-mail nor an old backup makes the site unready: taken out of service, it could not even receive inquiries.
pub async fn readiness(
    request: HttpRequest,
    allowlist: Data<MetricsAllowlist>,
    db: Data<Database>,
    clock: Data<Clock>,
    shutdown_flag: Data<ShutdownFlag>,
    backup_scheduler: Data<BackupScheduler>,
) -> HttpResponse {
    let now = clock.now();
    if shutdown_flag.is_set() {
        return plain(StatusCode::SERVICE_UNAVAILABLE, "stopping\n".into());
    }
    let may_read_details = allowlist.allows(&request);
    let answer = |status, word: &str, details: String| {
        plain(status, if may_read_details { format!("{word}\n{details}") } else { format!("{word}\n") })
    };
    let not_ready = |reason: &str| answer(StatusCode::SERVICE_UNAVAILABLE, "not ready", format!("{reason}\n"));
    let read =
        async { Ok::<_, sqlx::Error>((site::settings(db.read()).await?, mail::outbox_status(db.read()).await?)) };
    match (db.readiness_problem(now).await, read.await) {
        (Some(reason), _) => not_ready(reason),
        (None, Err(_)) => not_ready("the database cannot be read"),
        (None, Ok((_, outbox))) => answer(
            StatusCode::OK,
            "ready",
            format!("{}{}", outbox.health_lines(now), backup_scheduler.health_line(now)),
        ),
    }
}

fn plain(status: StatusCode, text: String) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((CACHE_CONTROL, "no-store"))
        .content_type("text/plain; charset=utf-8")
        .body(text)
}
