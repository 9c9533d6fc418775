//! Opens a session: after the password, after the code, or after a new password.

use actix_web::HttpRequest;
use actix_web::http::header::USER_AGENT;
use sqlx::SqliteConnection;

use crate::http::{PageError, PageResult, client_ip, see_other, write_failure};
use crate::services::Services;
use crate::staff::audit::{AuditSource, masked_address, store as audit};
use crate::staff::device_label::device_label;
use crate::staff::store::NewSession;
use crate::staff::{StaffMember, device_cookie, session, store, unsaved_forms};

/// Opens a session in place of any earlier one of this browser, and records `action` in the audit log.
///
/// Returns false if the account is inactive or its password hash is not `hash` any more.
pub async fn open(
    request: &HttpRequest,
    tx: &mut SqliteConnection,
    member: &StaffMember,
    hash: &str,
    token: &str,
    action: &str,
) -> sqlx::Result<bool> {
    let now = Services::of(request).clock.now();
    if let Some(previous) = session::token_hash(request) {
        store::end_session(&mut *tx, &previous).await?;
    }
    let agent = request.headers().get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let (address, device) = (masked_address(client_ip(request)), device_label(agent));
    let new = NewSession { token, address: &address, device: &device };
    if !store::open_session(&mut *tx, member.id, hash, &new, now).await? {
        return Ok(false);
    }
    if let Some(token) = unsaved_forms::token_hash(request) {
        unsaved_forms::store::assign(&mut *tx, &token, member.id).await?;
    }
    record(request, tx, member, action).await?;
    Ok(true)
}

/// Records an action of a member who is not signed in yet in the audit log.
pub async fn record(
    request: &HttpRequest,
    tx: &mut SqliteConnection,
    member: &StaffMember,
    action: &str,
) -> sqlx::Result<()> {
    let now = Services::of(request).clock.now();
    let entry = audit::audit(tx, now, &member.name, action, &member.name);
    AuditSource::of(request, member.id).scope(entry).await
}

/// Response that gives the browser the session and opens `next`.
pub fn response(request: &HttpRequest, email: &str, token: String, next: &str) -> PageResult {
    let services = Services::of(request);
    let mut response = see_other(safe_redirect_target(next));
    for cookie in
        [session::cookie(request, token), device_cookie::cookie(request, &services.secret, email, services.clock.now())]
    {
        response.add_cookie(&cookie).map_err(anyhow::Error::from)?;
    }
    Ok(response)
}

/// Message for a session that could not be stored, for example on a full disk. Other errors are passed on.
pub fn failure_message(error: sqlx::Error) -> Result<String, PageError> {
    let Some(cause) = write_failure(&error) else { return Err(error.into()) };
    tracing::error!("cannot store a session: {error} (DATA_DIR)");
    Ok(format!(
        "You cannot sign in at the moment because {cause}. Contact the person who runs the server, then try again."
    ))
}

/// Target after sign-in; only pages of the admin area are allowed.
pub fn safe_redirect_target(next: &str) -> &str {
    let is_admin_page = next == "/admin" || next.starts_with("/admin/") || next.starts_with("/admin?");
    let is_plain = next.chars().all(|c| c.is_ascii_graphic() && c != '\\');
    if is_admin_page && is_plain { next } else { "/admin" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sign_in_redirects_only_to_admin_pages() {
        assert_eq!(safe_redirect_target("/admin/posts?page=2"), "/admin/posts?page=2");
        for bad in [
            "",
            "//evil.example",
            "https://evil.example",
            "/adminx",
            "/news",
            "/admin/\r\nSet-Cookie: x",
            "/admin/\\evil",
        ] {
            assert_eq!(safe_redirect_target(bad), "/admin", "{bad}");
        }
    }
}
