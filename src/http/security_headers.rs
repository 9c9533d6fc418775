//! Security headers of every response.

use actix_web::HttpMessage;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::middleware::Next;

use crate::http::csrf::is_safe_method;
use crate::http::{FromStaff, HttpContext};

/// Policy of public pages: no scripts, no frames, nothing from other sites.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none';style-src 'self';img-src 'self';form-action 'self';\
     base-uri 'none';frame-ancestors 'none'";

/// Policy of admin pages: also the site's own scripts, which send requests to the site only.
const STAFF_CONTENT_SECURITY_POLICY: &str = "default-src 'none';style-src 'self';img-src 'self';script-src 'self';\
     connect-src 'self';form-action 'self';base-uri 'none';frame-ancestors 'none'";

/// Policy of other files, in case a browser shows one as a page.
const FILE_CONTENT_SECURITY_POLICY: &str = "default-src 'none';frame-ancestors 'none'";

/// The two browser features that prompt the user. Only scripts can use the others, and the site's own do not.
const PERMISSIONS_POLICY: &str = "camera=(),geolocation=()";

/// Middleware: adds the security headers that a response does not set itself.
///
/// A response head stays below 700 bytes, so that it costs little on a slow connection. `X-Frame-Options` is left out:
/// all browsers since 2016 support `frame-ancestors` instead.
pub async fn security_headers(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let is_https = HttpContext::of(request.request()).base_url.is_https();
    let is_read = is_safe_method(request.method());
    let mut response = next.call(request).await?;
    let is_for_staff = response.request().extensions().contains::<FromStaff>();
    let headers = response.headers_mut();
    if !is_read {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    let is_page = headers.get(CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
    let mut set = |name: &'static str, value: &'static str| {
        let name = HeaderName::from_static(name);
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    if is_page {
        let policy = if is_for_staff { STAFF_CONTENT_SECURITY_POLICY } else { CONTENT_SECURITY_POLICY };
        set("content-security-policy", policy);
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
