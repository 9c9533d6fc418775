//! Request IDs and the access log.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use actix_web::{HttpMessage, HttpRequest};
use tracing::{Instrument, Span};

use crate::http::client_ip::is_from_trusted_proxy;
use crate::http::{MatchedRoute, random_token, route_pattern};

/// Header that carries the request ID.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Maximum length of an ID from a proxy.
const MAX_ID_LEN: usize = 64;

/// ID of a request: from a trusted proxy, or generated, and short enough to read out on the phone (`7f3a-91c2-04de`).
#[derive(Clone, Debug)]
pub struct RequestId(Arc<str>);

impl RequestId {
    fn of(request: &ServiceRequest) -> Self {
        let given = request.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok());
        match given.filter(|id| is_valid_id(id) && is_from_trusted_proxy(request.request())) {
            Some(id) => Self(id.into()),
            None => Self::new(),
        }
    }

    fn new() -> Self {
        let token = random_token::<6>();
        Self(format!("{}-{}-{}", &token[..4], &token[4..8], &token[8..]).into())
    }

    /// ID of a request, once [`trace_request`] has assigned one.
    pub fn current(request: &HttpRequest) -> Option<Self> {
        request.extensions().get::<Self>().cloned()
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_valid_id(id: &str) -> bool {
    (1..=MAX_ID_LEN).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Middleware: adds the request ID to the log lines and to the response, and writes the access log.
///
/// Treats `HEAD` as `GET`: the server leaves out the body.
pub async fn trace_request(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let started = Instant::now();
    let id = RequestId::of(&request);
    // The highest level, so that no log filter removes the span.
    let span = tracing::error_span!("request", request_id = id.as_str());
    let method = request.method().clone();
    if method == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    request.extensions_mut().insert(id.clone());
    let mut response = next.call(request).instrument(span.clone()).await?.map_into_boxed_body();
    let route: Arc<str> = route_pattern(response.request()).unwrap_or_default().into();
    span.in_scope(|| log_access(&method, &route, response.status(), started.elapsed()));
    response.response_mut().extensions_mut().insert(MatchedRoute(route));
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    Ok(response.map_body(|_, body| match body.size() {
        BodySize::Stream => BoxBody::new(InstrumentedBody { body, span }),
        _ => body,
    }))
}

/// Logs changes and server errors at `info`, successful reads at `debug`.
fn log_access(method: &Method, route: &str, status: StatusCode, took: Duration) {
    let (status, milliseconds) = (status.as_u16(), u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
    if status >= 500 || !matches!(*method, Method::GET | Method::HEAD) {
        tracing::info!(%method, route, status, milliseconds, "request completed");
    } else {
        tracing::debug!(%method, route, status, milliseconds, "request completed");
    }
}

/// Streamed body whose log lines carry the ID of its request.
struct InstrumentedBody {
    body: BoxBody,
    span: Span,
}

impl MessageBody for InstrumentedBody {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let Self { body, span } = &mut *self;
        span.in_scope(|| Pin::new(body).poll_next(cx))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_ids_are_short_valid_and_unique() {
        let id = RequestId::new();
        assert!(is_valid_id(id.as_str()) && id.as_str().len() == 14, "{id:?}");
        assert_ne!(id.as_str(), RequestId::new().as_str());
        for wrong in ["", "a b", "a\"b", "é", "a/b", &"x".repeat(65)] {
            assert!(!is_valid_id(wrong), "{wrong}");
        }
    }
}
