//! The session cookie: a random token, of which only the digest is kept.

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite};
use jiff::SignedDuration;

use crate::http::{HttpContext, Sha256Hex, random_token};

/// A session nobody uses ends after this long.
pub const IDLE_TIMEOUT: SignedDuration = SignedDuration::from_hours(8);
/// A session ends after this long however much it is used.
pub const MAX_AGE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Use is noted at most this often, so that reading a page seldom writes.
pub const TOUCH_INTERVAL: SignedDuration = SignedDuration::from_mins(5);

/// A new token: 128 random bits.
pub fn new_token() -> String {
    random_token::<16>()
}

/// The digest of the token that this request carries.
pub fn token_hash(request: &HttpRequest) -> Option<String> {
    request.cookie(name(is_https(request))).map(|cookie| Sha256Hex::of(cookie.value()))
}

/// The cookie that carries `token`.
pub fn cookie(request: &HttpRequest, token: String) -> Cookie<'static> {
    let is_https = is_https(request);
    Cookie::build(name(is_https), token).path("/").http_only(true).same_site(SameSite::Lax).secure(is_https).finish()
}

/// The cookie that takes the token away.
pub fn removal_cookie(request: &HttpRequest) -> Cookie<'static> {
    let mut cookie = cookie(request, String::new());
    cookie.make_removal();
    cookie
}

fn name(is_https: bool) -> &'static str {
    if is_https { "__Host-session" } else { "session" }
}

/// Whether visitors come by https, so that cookies may insist on it.
pub fn is_https(request: &HttpRequest) -> bool {
    HttpContext::of(request).base_url.is_https()
}
