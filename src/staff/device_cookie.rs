//! Cookie of a device that has signed in before, so that password guessing elsewhere does not make it wait.
//!
//! The cookie holds a random number and an expiry date, signed with the site secret. The signature covers the account,
//! which the cookie does not contain. The cookie survives sign-out.

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use jiff::{SignedDuration, Timestamp};

use crate::http::{SiteSecret, random_token, sha256_hex};
use crate::staff::session;

const DEVICE_COOKIE_TTL: SignedDuration = SignedDuration::from_hours(180 * 24);

/// Cookie to set after a successful sign-in.
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

/// Random number of this device, if it has signed in to this account before.
pub fn device_id(request: &HttpRequest, key: &SiteSecret, email: &str, now: Timestamp) -> Option<String> {
    let cookie = request.cookie(name(session::is_https(request)))?;
    let mut parts = cookie.value().splitn(3, '.');
    let (number, until, signature) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?);
    let holds = (now.as_second()..=(now + DEVICE_COOKIE_TTL).as_second()).contains(&until);
    // Comparing hashes takes the same time for all signatures.
    let digest = sha256_hex(signature);
    let is_ours = key.macs_for_all_keys(signed(number, until, email)).any(|token| sha256_hex(&token) == digest);
    (holds && is_ours).then(|| number.to_owned())
}

fn signed(number: &str, until: i64, email: &str) -> String {
    format!("browser {number} until {until} of {}", email.to_lowercase())
}

fn name(is_https: bool) -> &'static str {
    if is_https { "__Secure-browser" } else { "browser" }
}
