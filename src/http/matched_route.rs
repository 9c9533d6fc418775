//! Route and path of a request, as the router sees them.

use std::sync::Arc;

use actix_web::HttpRequest;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// Pattern of the route that answered a request, such as `/receipts/{token}`. The path itself may contain secrets.
///
/// Responses carry it as an extension for the metrics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchedRoute(pub Arc<str>);

/// Path as the router reads it: `/%61dmin` is `/admin`. Checks on the path must use this form.
pub fn routed_path(request: &HttpRequest) -> &str {
    request.match_info().as_str()
}

/// Path of the request with only the necessary characters percent-encoded.
pub fn canonical_path(request: &HttpRequest) -> String {
    // The router does not decode `%`, `/` and `+`.
    const ENCODED: &AsciiSet =
        &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'?').add(b'\\').add(b'`');
    utf8_percent_encode(routed_path(request), ENCODED).to_string()
}

/// Pattern of the route that matches a request. Works before and after routing.
pub fn route_pattern(request: &HttpRequest) -> Option<String> {
    let routed = routed_path(request);
    if request.path() == routed { request.match_pattern() } else { request.resource_map().match_pattern(routed) }
}
