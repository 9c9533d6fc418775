//! Cookie of a browser that has sent the right password and still needs a code.
//!
//! Signed with the site secret and valid for the account, the password and ten minutes.

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use jiff::{SignedDuration, Timestamp};

use crate::http::{PageResult, SiteSecret, see_other, sha256_hex};
use crate::services::Services;
use crate::staff::{session, store};

const PENDING_TTL: SignedDuration = SignedDuration::from_mins(10);

/// Account whose password was right.
pub struct PendingSignIn {
    pub id: i64,
    pub email: String,
    pub password_hash: String,
}

/// Response to a right password: asks for the code.
pub fn ask_for_code(request: &HttpRequest, id: i64, password_hash: &str, next: &str) -> PageResult {
    let services = Services::of(request);
    let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
    let mut response = see_other(&format!("/admin/sign-in/code?next={next}"));
    let until = (services.clock.now() + PENDING_TTL).as_second();
    let signature = services.secret.mac(&signed(id, until, password_hash));
    let cookie = cookie(request, format!("{id}.{until}.{signature}"), PENDING_TTL);
    response.add_cookie(&cookie).map_err(anyhow::Error::from)?;
    Ok(response)
}

/// The account of this browser, if its password was right within ten minutes and is still the same.
pub async fn find(request: &HttpRequest) -> sqlx::Result<Option<PendingSignIn>> {
    let services = Services::of(request);
    let Some((id, until, signature)) = parts(request) else { return Ok(None) };
    let Some((email, password_hash)) = store::credentials_by_id(services.db.read(), id).await? else {
        return Ok(None);
    };
    let is_ours = is_ours(&services.secret, &signed(id, until, &password_hash), &signature);
    let is_current = is_current(until, services.clock.now());
    Ok((is_ours && is_current).then_some(PendingSignIn { id, email, password_hash }))
}

/// Cookie that removes it.
pub fn removal_cookie(request: &HttpRequest) -> Cookie<'static> {
    let mut cookie = cookie(request, String::new(), SignedDuration::ZERO);
    cookie.make_removal();
    cookie
}

fn parts(request: &HttpRequest) -> Option<(i64, i64, String)> {
    let cookie = request.cookie(name(session::is_https(request)))?;
    let mut parts = cookie.value().splitn(3, '.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.to_owned()))
}

fn is_ours(key: &SiteSecret, signed: &str, signature: &str) -> bool {
    // Comparing hashes takes the same time for all signatures.
    let digest = sha256_hex(signature);
    key.macs_for_all_keys(signed).any(|token| sha256_hex(token) == digest)
}

fn is_current(until: i64, now: Timestamp) -> bool {
    (now.as_second()..=(now + PENDING_TTL).as_second()).contains(&until)
}

fn signed(id: i64, until: i64, password_hash: &str) -> String {
    format!("code for account {id} until {until} with {}", sha256_hex(password_hash))
}

fn cookie(request: &HttpRequest, value: String, lasts: SignedDuration) -> Cookie<'static> {
    let is_https = session::is_https(request);
    Cookie::build(name(is_https), value)
        .path("/admin/sign-in")
        .max_age(Duration::seconds(lasts.as_secs()))
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(is_https)
        .finish()
}

fn name(is_https: bool) -> &'static str {
    if is_https { "__Secure-pending-sign-in" } else { "pending-sign-in" }
}
