//! Sign-in and sign-out.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, RETRY_AFTER};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use askama::Template;
use serde::Deserialize;
use sqlx::SqliteConnection;

use crate::http::{PageError, PageResult, client_ip, html, see_other, write_failure};
use crate::services::Services;
use crate::staff::password::{BUSY_RETRY_SECONDS, HashError, Requester};
use crate::staff::{StaffContext, device_cookie, session, store, unsaved_forms};
use crate::web::{EmailAddress, Form, Layout, Query, email_line, mask_email, plural};

#[derive(Template)]
#[template(path = "staff/sign_in.html")]
struct SignInPage {
    layout: Layout,
    form: SignInForm,
    problem: String,
    note: &'static str,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct SignInForm {
    #[serde(deserialize_with = "email_line")]
    email: String,
    password: String,
    next: String,
    after: String,
}

pub struct SignInContext {
    request: HttpRequest,
    services: Data<Services>,
}

impl FromRequest for SignInContext {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self { request: request.clone(), services: Services::of(request).clone() }))
    }
}

/// `GET /admin/sign-in?next=`
pub async fn show(layout: Layout, query: Query<SignInForm>) -> PageResult {
    let note = match query.0.after.as_str() {
        "sign-out" => "You have signed out.",
        "set-up" => "Your password is set. You can now sign in.",
        _ if query.0.next.contains(unsaved_forms::FORM_PARAMETER) => {
            "You were signed out, so nothing was saved. What you entered is kept for one hour. Sign in, and the form opens \
             again, filled in."
        }
        _ => "",
    };
    let form = SignInForm { next: query.0.next, ..SignInForm::default() };
    html(StatusCode::OK, &SignInPage { layout, form, problem: String::new(), note })
}

/// `POST /admin/sign-in`
pub async fn submit(layout: Layout, form: Form<SignInForm>, context: SignInContext) -> PageResult {
    let form = form.0;
    let now = context.services.clock.now();
    let device = device_cookie::device_id(&context.request, &context.services.secret, &form.email, now);
    let (device, address) = (device.as_deref(), client_ip(&context.request));
    if let Err(seconds) = context.services.attempt_limiter.check_and_count_for_device(device, &form.email, address, now)
    {
        let wait = plural(seconds, "second", "seconds");
        let problem = format!("Too many failed attempts. Wait {wait} and try again.");
        return retry_later(StatusCode::TOO_MANY_REQUESTS, seconds, layout, form, problem);
    }
    let found = store::credentials(context.services.db.read(), &form.email).await?;
    let (id, hash) = found.map_or((0, None), |(id, hash)| (id, Some(hash)));
    let requester = if device.is_some() { Requester::Known } else { Requester::Anonymous };
    match context.services.passwords.verify(requester, form.password.clone(), hash.clone()).await {
        Ok(true) => {}
        Ok(false) => return sign_in_failed(layout, form, &context).await,
        Err(HashError::Busy) => {
            context.services.attempt_limiter.cancel_attempt(device, &form.email, address);
            let wait = plural(BUSY_RETRY_SECONDS, "second", "seconds");
            let problem = format!("The server is busy. Wait {wait} and try again.");
            return retry_later(StatusCode::TOO_MANY_REQUESTS, BUSY_RETRY_SECONDS, layout, form, problem);
        }
        Err(HashError::Failed(error)) => return Err(error.into()),
    }
    context.services.attempt_limiter.reset_for_device(device, &form.email, address);
    let token = session::new_token();
    let opened = open_session(&context, id, &hash.unwrap_or_default(), &token).await;
    match opened {
        Ok(true) => {}
        // The account was deactivated or its password changed during the check.
        Ok(false) => return sign_in_failed(layout, form, &context).await,
        Err(error) => {
            let Some(cause) = write_failure(&error) else { return Err(error.into()) };
            tracing::error!("cannot store a session: {error} (DATA_DIR)");
            let problem = format!(
                "You cannot sign in at the moment because {cause}. Contact the person who runs the server, then try \
                 again."
            );
            return retry_later(StatusCode::SERVICE_UNAVAILABLE, 120, layout, form, problem);
        }
    }
    let clear = async |tx: &mut SqliteConnection| store::delete_expired(tx, now - session::MAX_AGE, now).await;
    context.services.db.write_best_effort("cannot delete expired sessions", clear).await;
    let mut response = see_other(safe_redirect_target(&form.next));
    for cookie in [
        session::cookie(&context.request, token),
        device_cookie::cookie(&context.request, &context.services.secret, &form.email, now),
    ] {
        response.add_cookie(&cookie).map_err(anyhow::Error::from)?;
    }
    Ok(response)
}

async fn open_session(context: &SignInContext, id: i64, hash: &str, token: &str) -> sqlx::Result<bool> {
    let now = context.services.clock.now();
    let mut tx = context.services.db.begin_write().await?;
    if let Some(previous) = session::token_hash(&context.request) {
        store::end_session(&mut tx, &previous).await?;
    }
    let Some(member) = store::find(&mut *tx, id).await? else { return Ok(false) };
    if !store::open_session(&mut tx, id, hash, token, now).await? {
        return Ok(false);
    }
    if let Some(token) = unsaved_forms::token_hash(&context.request) {
        unsaved_forms::store::assign(&mut tx, &token, id).await?;
    }
    store::audit(&mut tx, now, &member.name, "signed in", &member.name).await?;
    tx.commit().await?;
    Ok(true)
}

async fn sign_in_failed(layout: Layout, form: SignInForm, context: &SignInContext) -> PageResult {
    tracing::warn!("failed sign-in");
    // Record only valid addresses: people sometimes type a password into the wrong field.
    let typed = form.email.parse::<EmailAddress>().ok().filter(|email| email.as_str().len() <= 100);
    let subject = typed.map_or_else(|| "no e-mail address".to_owned(), |email| mask_email(email.as_str()));
    let note = async |tx: &mut SqliteConnection| {
        store::record_failed_sign_in(tx, context.services.clock.now(), &subject).await
    };
    context.services.db.write_best_effort("cannot record a failed sign-in in the audit log", note).await;
    let problem = "Incorrect e-mail address or password.".to_owned();
    html(StatusCode::UNPROCESSABLE_ENTITY, &SignInPage { layout, form, problem, note: "" })
}

/// Sign-in page with a `Retry-After` header.
fn retry_later(status: StatusCode, seconds: i64, layout: Layout, form: SignInForm, problem: String) -> PageResult {
    let mut page = html(status, &SignInPage { layout, form, problem, note: "" })?;
    page.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    Ok(page)
}

/// `POST /admin/sign-out`
pub async fn sign_out(request: HttpRequest, ctx: StaffContext, services: Data<Services>) -> PageResult {
    let ended = async {
        let mut tx = services.db.begin_write().await?;
        if let Some(digest) = session::token_hash(&request) {
            store::end_session(&mut tx, &digest).await?;
        }
        store::audit(&mut tx, services.clock.now(), &ctx.member.name, "signed out", &ctx.member.name).await?;
        tx.commit().await
    };
    signed_out_response(&request, ctx.layout.clone(), ended.await)
}

/// `POST /admin/sign-out-everywhere`
pub async fn sign_out_everywhere(request: HttpRequest, ctx: StaffContext, services: Data<Services>) -> PageResult {
    let ended = async {
        let mut tx = services.db.begin_write().await?;
        store::end_all_sessions(&mut tx, ctx.member.id).await?;
        store::audit(&mut tx, services.clock.now(), &ctx.member.name, "signed out everywhere", &ctx.member.name)
            .await?;
        tx.commit().await
    };
    signed_out_response(&request, ctx.layout.clone(), ended.await)
}

/// Removes the session cookie even if the session cannot be deleted from the database, and then explains that.
fn signed_out_response(request: &HttpRequest, layout: Layout, ended: sqlx::Result<()>) -> PageResult {
    let mut response = match ended {
        Ok(()) => see_other("/admin/sign-in?after=sign-out"),
        Err(error) => {
            let Some(cause) = write_failure(&error) else { return Err(error.into()) };
            tracing::error!("cannot end a session: {error} (DATA_DIR)");
            let problem = format!(
                "You have signed out in this browser, but the session could not be deleted because {cause}. It expires \
                 after 8 hours. Contact the person who runs the server."
            );
            retry_later(StatusCode::SERVICE_UNAVAILABLE, 120, layout, SignInForm::default(), problem)?
        }
    };
    response.add_cookie(&session::removal_cookie(request)).map_err(anyhow::Error::from)?;
    Ok(response)
}

/// Target after sign-in; only pages of the admin area are allowed.
fn safe_redirect_target(next: &str) -> &str {
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
