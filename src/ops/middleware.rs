//! Middleware of operations: request metrics, and closing connections during shutdown.

use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::ConnectionType;
use actix_web::middleware::Next;

use crate::http::MatchedRoute;
use crate::services::Services;

/// Middleware: closes each connection after its response while the site is shutting down.
pub async fn close_connections_on_shutdown(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let shutdown_flag = Services::of(request.request()).shutdown_flag.clone();
    let mut response = next.call(request).await?;
    if shutdown_flag.is_set() {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    Ok(response)
}

/// Middleware: counts and times every response. The page cache counts the responses that it serves itself.
pub async fn track_requests(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let started = Instant::now();
    let metrics = Services::of(request.request()).metrics.clone();
    let _in_flight = metrics.begin_request();
    let result = next.call(request).await;
    let (route, status) = match &result {
        Ok(response) => {
            (response.response().extensions().get::<MatchedRoute>().map(|route| route.0.clone()), response.status())
        }
        Err(error) => (None, error.as_response_error().status_code()),
    };
    metrics.observe_response(route, status, started);
    result
}
