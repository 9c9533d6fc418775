//! Cookie with the secret under which the forms of a browser are kept.

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};

use crate::http::sha256_hex;
use crate::staff::session::is_https;
use crate::staff::unsaved_forms::FORM_TTL;

pub fn cookie(request: &HttpRequest, token: String) -> Cookie<'static> {
    let is_https = is_https(request);
    Cookie::build(name(is_https), token)
        .path("/")
        .max_age(Duration::seconds(FORM_TTL.as_secs()))
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(is_https)
        .finish()
}

pub fn token(request: &HttpRequest) -> Option<String> {
    request.cookie(name(is_https(request))).map(|cookie| cookie.value().to_owned())
}

/// Hash of the secret in the cookie.
pub fn token_hash(request: &HttpRequest) -> Option<String> {
    token(request).map(sha256_hex)
}

/// The prefix prevents other hosts of the domain from setting the cookie, and so from planting a form.
fn name(is_https: bool) -> &'static str {
    if is_https { "__Host-unsaved-form" } else { "unsaved-form" }
}
