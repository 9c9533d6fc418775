//! One request among many: the id under which the log and the visitor speak of it, and the route that answered it.

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
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use tracing::{Instrument, Span};

use crate::http::client_ip::is_from_trusted_proxy;
use crate::http::random_token;

/// Under which name a request id travels.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// What a proxy gives may be this long.
const MAX_ID_LEN: usize = 64;

/// The id of a request. A proxy that is trusted may have given it; else it is ours, short enough to be read out on the
/// telephone: `7f3a-91c2-04de`.
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

    /// The id of the request that is being answered, where it has one.
    pub fn current(request: &HttpRequest) -> Option<Self> {
        request.extensions().get::<Self>().cloned()
    }

    /// As it is read out.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_valid_id(id: &str) -> bool {
    (1..=MAX_ID_LEN).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// The pattern of the route that gave an answer, such as `/receipts/{token}`: the address itself may hold secrets. An
/// answer carries it among its extensions, so that whoever counts answers need not look for it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchedRoute(pub Arc<str>);

/// The path as the router reads it: `/%61dmin` is `/admin`. What depends on the path of a request compares this one.
pub fn routed_path(request: &HttpRequest) -> &str {
    request.match_info().as_str()
}

/// The same as it stands in an address: encoded again where it must be, and nowhere else.
pub fn canonical_path(request: &HttpRequest) -> String {
    // `%`, `/` and `+` are left encoded by the router.
    const ENCODED: &AsciiSet =
        &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'?').add(b'\\').add(b'`');
    utf8_percent_encode(routed_path(request), ENCODED).to_string()
}

/// The pattern of the route that a request is for, whether or not the router has been asked yet.
pub fn route_pattern(request: &HttpRequest) -> Option<String> {
    let routed = routed_path(request);
    if request.path() == routed { request.match_pattern() } else { request.resource_map().match_pattern(routed) }
}

/// Middleware: all that is logged while a request is answered carries its id, and so does the answer. `HEAD` is `GET`
/// whose body the server leaves out.
pub async fn trace_request(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let started = Instant::now();
    let id = RequestId::of(&request);
    // Of the highest level, so that it is there whatever level is logged.
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

/// One line a request, by route. What changes something or fails is worth reading at any time.
fn log_access(method: &Method, route: &str, status: StatusCode, took: Duration) {
    let (status, milliseconds) = (status.as_u16(), u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
    if status >= 500 || !matches!(*method, Method::GET | Method::HEAD) {
        tracing::info!(%method, route, status, milliseconds, "answered");
    } else {
        tracing::debug!(%method, route, status, milliseconds, "answered");
    }
}

/// A body that is made while it is sent: what is logged meanwhile belongs to its request.
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
