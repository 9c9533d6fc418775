//! What the site counts and how things stand, for a program that watches it.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use ipnet::IpNet;

use crate::backups::Nightly;
use crate::clock::Clock;
use crate::db::Database;
use crate::metrics::{Facts, Metrics};
use crate::web::{PageError, PageResult, certain_address};
use crate::{inquiries, mail, staff};

/// Who may read the figures besides this machine itself (`METRICS_FROM`).
#[derive(Clone, Debug, Default)]
pub struct MetricsReaders(pub Vec<IpNet>);

impl MetricsReaders {
    /// Whether this request comes from one of them. A request that an unknown proxy passes on does not.
    pub fn include(&self, request: &HttpRequest) -> bool {
        certain_address(request).is_some_and(|address| {
            let address = address.to_canonical();
            address.is_loopback() || self.0.iter().any(|range| range.contains(&address))
        })
    }
}

/// `GET /metrics`. For anybody else there is nothing at this address.
pub async fn metrics(
    request: HttpRequest,
    readers: Data<MetricsReaders>,
    metrics: Data<Metrics>,
    db: Data<Database>,
    clock: Data<Clock>,
    nightly: Data<Nightly>,
) -> PageResult {
    if !readers.include(&request) {
        return Err(PageError::NotFound);
    }
    let text = metrics.text(&facts(&db, &clock, &nightly).await?).map_err(anyhow::Error::from)?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .body(text))
}

async fn facts(db: &Database, clock: &Clock, nightly: &Nightly) -> sqlx::Result<Facts> {
    let now = clock.now();
    let standing = mail::standing(db.read()).await?;
    let waited = standing.oldest_unsent.map_or(0, |oldest| now.duration_since(oldest).as_secs().max(0));
    let room = db.room();
    Ok(Facts {
        letters: vec![
            ("queued", standing.waiting),
            ("sent", mail::count_sent(db.read()).await?),
            ("written", standing.written),
            ("failed", standing.failed),
        ],
        oldest_letter_seconds: waited,
        inquiries: inquiries::count_by_state(db.read()).await?,
        sessions: staff::count_sessions(db.read(), now).await?,
        last_backup: nightly.last_backup().map_or(0, |last| last.as_second()),
        database_bytes: room.database,
        log_bytes: room.log,
        free_bytes: room.free,
    })
}
