//! Middleware that gives every page the company settings.

use actix_web::HttpMessage;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;

use crate::http::route_pattern;
use crate::services::Services;

/// Middleware: stores the company settings in the request, where the layout reads them.
pub async fn load_firm(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let source = &Services::of(request.request()).firm;
    // These routes are requested often and show the company only on an error page.
    let pattern = route_pattern(request.request()).unwrap_or_default();
    let is_machine_route = ["/static/{name}", "/health", "/health/ready", "/metrics"].contains(&pattern.as_str());
    let firm = if is_machine_route { source.snapshot() } else { source.current().await };
    request.extensions_mut().insert(firm);
    next.call(request).await
}
