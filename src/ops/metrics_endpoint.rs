//! The metrics endpoint, for Prometheus and compatible monitoring.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use crate::backups::BackupScheduler;
use crate::clock::Clock;
use crate::db::Database;
use crate::http::{PageError, PageResult};
use crate::metrics::Snapshot;
use crate::services::Services;
use crate::{inquiries, mail, staff};

/// `GET /metrics`. Clients outside the allowlist get a 404, so that they do not learn of the endpoint.
pub async fn metrics(request: HttpRequest, services: Data<Services>) -> PageResult {
    if !services.metrics_allowlist.allows(&request) {
        return Err(PageError::NotFound);
    }
    let text = services
        .metrics
        .encode(&snapshot(&services.db, &services.clock, &services.backup_scheduler).await?)
        .map_err(anyhow::Error::from)?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .body(text))
}

async fn snapshot(db: &Database, clock: &Clock, backup_scheduler: &BackupScheduler) -> sqlx::Result<Snapshot> {
    let now = clock.now();
    let status = mail::outbox_status(db.read()).await?;
    let waited = status.oldest_unsent.map_or(0, |oldest| now.duration_since(oldest).as_secs().max(0));
    let room = db.disk_usage();
    Ok(Snapshot {
        emails: vec![
            ("queued", status.waiting),
            ("sent", mail::count_sent(db.read()).await?),
            ("written", status.written),
            ("failed", status.failed),
        ],
        oldest_queued_seconds: waited,
        inquiries: inquiries::count_by_state(db.read()).await?,
        sessions: staff::count_sessions(db.read(), now).await?,
        last_backup: backup_scheduler.last_backup().map_or(0, |last| last.as_second()),
        database_bytes: room.database,
        log_bytes: room.wal,
        free_bytes: room.free,
    })
}
