//! Whin the admin area says on every page while letters do not go out.

use actix_web::HttpMessage;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;

use crate::mail::store;
use crate::services::Services;
use crate::web::AlertBanner;

/// Middleware of `/admin`: hands every page what it must say of the mail.
pub async fn mail_alert_banner(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    if let Some(alarm) = alert_text(&request).await {
        request.extensions_mut().insert(AlertBanner(alarm));
    }
    next.call(request).await
}

async fn alert_text(request: &ServiceRequest) -> Option<String> {
    let services = Services::of(request.request());
    match store::outbox_status(services.db.read()).await {
        Ok(standing) => standing.alert_text(services.clock.now()),
        // A page that needs the database says so itself; one that does not is better than none.
        Err(error) => {
            tracing::error!(%error, "the outbox could not be read");
            None
        }
    }
}
