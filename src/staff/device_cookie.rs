//! The cookie of a browser that has signed in before, by which wrong passwords from elsewhere do not make it wait.
//!
//! It is signed with the site's secret and holds a random number and a date. The account is part of what is signed and
//! does not stand in it. It stays after sign-out.

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use jiff::{SignedDuration, Timestamp};

use crate::http::{Sha256Hex, SiteSecret, random_token};
use crate::staff::session;

/// How long it holds after a sign-in.
const DEVICE_COOKIE_TTL: SignedDuration = SignedDuration::from_hours(180 * 24);

/// A cookie for the browser in which the owner of an account has just signed in.
pub fn cookie(request: &HttpRequest, key: &SiteSecret, email: &str, now: Timestamp) -> Cookie<'static> {
    let is_https = session::is_https(request);
    let (number, until) = (random_token::<8>(), (now + DEVICE_COOKIE_TTL).as_second());
    let signature = key.mac(&signed(&number, until, email));
    Cookie::build(name(is_https), format!("{number}.{until}.{signature}"))
        .path("/admin/sign-in")
        .max_age(Duration::seconds(DEVICE_COOKIE_TTL.as_secs()))
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(is_https)
        .finish()
}

/// The number of this browser, where it has signed in to this account before.
pub fn device_id(request: &HttpRequest, key: &SiteSecret, email: &str, now: Timestamp) -> Option<String> {
    let cookie = request.cookie(name(session::is_https(request)))?;
    let mut parts = cookie.value().splitn(3, '.');
    let (number, until, signature) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?);
    let holds = (now.as_second()..=(now + DEVICE_COOKIE_TTL).as_second()).contains(&until);
    // Digests are compared, so that the time taken tells nothing of the signature.
    let digest = Sha256Hex::of(signature);
    let is_ours = key.macs_for_all_keys(signed(number, until, email)).any(|token| Sha256Hex::of(&token) == digest);
    (holds && is_ours).then(|| number.to_owned())
}

fn signed(number: &str, until: i64, email: &str) -> String {
    format!("browser {number} until {until} of {}", email.to_lowercase())
}

fn name(is_https: bool) -> &'static str {
    if is_https { "__Secure-browser" } else { "browser" }
}
