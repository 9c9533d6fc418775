//! Liveness and readiness checks, for service managers, proxies and monitoring.

use actix_web::http::StatusCode;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use crate::services::Services;
use crate::{mail, site};

/// `GET /health`: 200 while the program runs.
pub async fn liveness() -> HttpResponse {
    plain(StatusCode::OK, "alive\n".into())
}

/// `GET /health/ready`: whether an inquiry could be stored, in one word. Details are for this machine and `METRICS_FROM`.
///
/// Late e-mails and old backups do not make the site unready: it must go on receiving inquiries.
pub async fn readiness(request: HttpRequest, services: Data<Services>) -> HttpResponse {
    let now = services.clock.now();
    if services.shutdown_flag.is_set() {
        return plain(StatusCode::SERVICE_UNAVAILABLE, "stopping\n".into());
    }
    let may_read_details = services.metrics_allowlist.allows(&request);
    let answer = |status, word: &str, details: String| {
        plain(status, if may_read_details { format!("{word}\n{details}") } else { format!("{word}\n") })
    };
    let not_ready = |reason: &str| answer(StatusCode::SERVICE_UNAVAILABLE, "not ready", format!("{reason}\n"));
    let read = async {
        Ok::<_, sqlx::Error>((
            site::settings(services.db.read()).await?,
            mail::outbox_status(services.db.read()).await?,
        ))
    };
    match (services.db.readiness_problem(now).await, read.await) {
        (Some(reason), _) => not_ready(reason),
        (None, Err(_)) => not_ready("the database cannot be read"),
        (None, Ok((_, outbox))) => answer(
            StatusCode::OK,
            "ready",
            format!("{}{}", outbox.health_lines(now), services.backup_scheduler.health_line(now)),
        ),
    }
}

fn plain(status: StatusCode, text: String) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((CACHE_CONTROL, "no-store"))
        .content_type("text/plain; charset=utf-8")
        .body(text)
}
