//! Session cookie: a random token, stored as a hash only.

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite};
use jiff::SignedDuration;

use crate::http::{HttpContext, random_token, sha256_hex};

/// A session ends after this time without use.
pub const IDLE_TIMEOUT: SignedDuration = SignedDuration::from_hours(8);
/// A session ends after this time in any case.
pub const MAX_AGE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Minimum time between updates of the last use, so that page views rarely write.
pub const TOUCH_INTERVAL: SignedDuration = SignedDuration::from_mins(5);

/// New token with 128 random bits.
pub fn new_token() -> String {
    random_token::<16>()
}

/// Hash of the token in the session cookie.
pub fn token_hash(request: &HttpRequest) -> Option<String> {
    request.cookie(name(is_https(request))).map(|cookie| sha256_hex(cookie.value()))
}

pub fn cookie(request: &HttpRequest, token: String) -> Cookie<'static> {
    let is_https = is_https(request);
    Cookie::build(name(is_https), token).path("/").http_only(true).same_site(SameSite::Lax).secure(is_https).finish()
}

/// Cookie that removes the session cookie.
pub fn removal_cookie(request: &HttpRequest) -> Cookie<'static> {
    let mut cookie = cookie(request, String::new());
    cookie.make_removal();
    cookie
}

fn name(is_https: bool) -> &'static str {
    if is_https { "__Host-session" } else { "session" }
}

/// Whether the public URL uses HTTPS, so that cookies can be `Secure`.
pub fn is_https(request: &HttpRequest) -> bool {
    HttpContext::of(request).base_url.is_https()
}
