//! Alert banner of the admin area when e-mails are failed or late.

use actix_web::HttpMessage;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;

use crate::mail::store;
use crate::services::Services;
use crate::web::AlertBanner;

/// Middleware of `/admin` that adds the banner to every page.
pub async fn mail_alert_banner(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    if let Some(alert) = alert_text(&request).await {
        request.extensions_mut().insert(AlertBanner(alert));
    }
    next.call(request).await
}

async fn alert_text(request: &ServiceRequest) -> Option<String> {
    let services = Services::of(request.request());
    match store::outbox_status(services.db.read()).await {
        Ok(status) => status.alert_text(services.clock.now()),
        // A page that needs the database fails by itself; another is shown without the banner.
        Err(error) => {
            tracing::error!("cannot read the outbox status: {error}");
            None
        }
    }
}
