//! Protection against cross-site request forgery: forms sent from other sites are rejected.

use std::future::{Ready, ready};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HOST, HeaderName, ORIGIN};
use actix_web::middleware::Next;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use crate::http::{HttpContext, PageError, RedisplayRoutes};

/// Whether another site sent the form. Handlers of [`RedisplayRoutes`] must not process it then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IsCrossOrigin(pub bool);

pub const CROSS_ORIGIN_MESSAGE: &str =
    "This form was sent from another site. Please open the page here and send it again.";

/// Request extension of a cross-origin form.
#[derive(Clone, Copy)]
struct CrossOriginMarker;

impl FromRequest for IsCrossOrigin {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(request.extensions().contains::<CrossOriginMarker>())))
    }
}

/// Middleware: rejects changes that a page of another site requests through a client's browser.
///
/// `Sec-Fetch-Site` decides if the browser sends it, otherwise `Origin`, as over plain HTTP. The site's own origin is
/// `BASE_URL`, or the `Host` header if `BASE_URL` is not set. A request with neither header does not come from a browser
/// and so carries no cookie by accident. Forms that a translation service sends reach the handlers of [`RedisplayRoutes`].
pub async fn reject_cross_origin(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    if !is_safe_method(request.method()) && !is_same_origin(&request) {
        if request.method() != Method::POST || !is_redisplay_route(&request) {
            return Ok(request.error_response(PageError::Forbidden(CROSS_ORIGIN_MESSAGE)));
        }
        request.extensions_mut().insert(CrossOriginMarker);
    }
    next.call(request).await.map(ServiceResponse::map_into_boxed_body)
}

/// Whether the method only reads. Unknown methods may change something.
pub(super) fn is_safe_method(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn is_redisplay_route(request: &ServiceRequest) -> bool {
    let RedisplayRoutes(routes) = HttpContext::of(request.request()).redisplay_routes;
    request.match_pattern().is_some_and(|pattern| routes.contains(&pattern.as_str()))
}

fn is_same_origin(request: &ServiceRequest) -> bool {
    let header = |name: &HeaderName| request.headers().get(name).map(|value| value.to_str().unwrap_or_default());
    if let Some(site) = header(&HeaderName::from_static("sec-fetch-site")) {
        return matches!(site, "same-origin" | "none");
    }
    let Some(origin) = header(&ORIGIN) else {
        return true;
    };
    let base_url = &HttpContext::of(request.request()).base_url;
    // The `Host` header would permit pages loaded over plain HTTP, and other host names that resolve to this server.
    if base_url.is_configured() {
        return base_url.origin() == origin;
    }
    let host = header(&HOST).unwrap_or_default();
    !host.is_empty() && origin.split_once("://").is_some_and(|(_, authority)| authority == host)
}
