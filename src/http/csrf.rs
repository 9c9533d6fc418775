//! What protects every page: headers that forbid what we never do, and refusal of forms sent from elsewhere.

use std::future::{Ready, ready};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, ORIGIN};
use actix_web::middleware::Next;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use crate::http::{HttpContext, PageError};

/// Policy of pages: no script, no frame, nothing from elsewhere.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none';style-src 'self';img-src 'self';form-action 'self';\
     base-uri 'none';frame-ancestors 'none'";

/// Policy of everything that is no page, should a browser open it as one.
const FILE_CONTENT_SECURITY_POLICY: &str = "default-src 'none';frame-ancestors 'none'";

/// Browser features that pages must not use. Only scripts can ask for any, and the policy above forbids scripts, so the
/// two for which browsers prompt the visitor are enough.
const PERMISSIONS_POLICY: &str = "camera=(),geolocation=()";

/// Middleware: puts the protecting headers on every answer that does not set them itself.
///
/// The whole head of an answer stays below 700 bytes, so that it costs little on a slow connection. `frame-ancestors`
/// therefore stands without `X-Frame-Options`, which it replaces in every browser since 2016.
pub async fn security_headers(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let is_https = HttpContext::of(request.request()).base_url.is_https();
    let is_read = is_safe_method(request.method());
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    if !is_read {
        // The answer to what one person sent, be it a refusal.
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    let is_page = headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let mut set = |name: &'static str, value: &'static str| {
        let name = HeaderName::from_static(name);
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    if is_page {
        set("content-security-policy", CONTENT_SECURITY_POLICY);
        set("cross-origin-opener-policy", "same-origin");
        set("permissions-policy", PERMISSIONS_POLICY);
    } else {
        set("content-security-policy", FILE_CONTENT_SECURITY_POLICY);
    }
    set("cross-origin-resource-policy", "same-origin");
    set("referrer-policy", "same-origin");
    set("x-content-type-options", "nosniff");
    if is_https {
        set("strict-transport-security", "max-age=63072000");
    }
    Ok(response)
}

/// Whether another site sent the form, for handlers of redisplay routes. They must not act on it then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IsCrossOrigin(pub bool);

/// The message for a form that came from another site.
pub const CROSS_ORIGIN_MESSAGE: &str =
    "This form was sent from another site. Please open the page here and send it again.";

/// Marks such a request.
#[derive(Clone, Copy)]
struct CrossOriginMarker;

impl FromRequest for IsCrossOrigin {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(request.extensions().contains::<CrossOriginMarker>())))
    }
}

/// Middleware: refuses a change that another site's page asked this visitor's browser to make.
///
/// `Sec-Fetch-Site` decides where a browser sends it; `Origin` where it does not, as over plain http.
/// Its own origin is `BASE_URL`; without one, the address at which it reached the site.
/// A request with neither comes from no browser, and so carries nobody's cookie by accident.
/// A form of a visitor that comes through a translation service goes on to its handler, which shows it again.
pub async fn reject_cross_origin(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    if !is_safe_method(request.method()) && !is_same_origin(&request) {
        if request.method() == Method::POST && is_redisplay_route(&request) {
            request.extensions_mut().insert(CrossOriginMarker);
            return next.call(request).await.map(ServiceResponse::map_into_boxed_body);
        }
        return Ok(request.error_response(PageError::Forbidden(CROSS_ORIGIN_MESSAGE)));
    }
    next.call(request).await.map(ServiceResponse::map_into_boxed_body)
}

fn is_redisplay_route(request: &ServiceRequest) -> bool {
    let shown = HttpContext::of(request.request()).redisplay_routes;
    request.match_pattern().is_some_and(|pattern| shown.0.contains(&pattern.as_str()))
}

/// Whether a request by this method only reads; whatever is not known to changes something.
fn is_safe_method(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
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
    // Where the operator named the address, what the request says of the host counts for nothing: it would let in a page
    // that came over plain http, and one whose name somebody made to lead here.
    if base_url.is_configured() {
        return base_url.origin() == origin;
    }
    let host = header(&actix_web::http::header::HOST).unwrap_or_default();
    !host.is_empty() && origin.split_once("://").is_some_and(|(_, authority)| authority == host)
}
