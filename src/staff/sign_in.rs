//! Signing in and out.

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
use crate::staff::{StaffContext, device_cookie, session, store};
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

/// What sign-in needs beside the form.
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
        "sign-out" => "You are signed out.",
        "set-up" => "Your password is set. Sign in with it.",
        _ => "",
    };
    let form = SignInForm { next: query.0.next, ..SignInForm::default() };
    html(StatusCode::OK, &SignInPage { layout, form, problem: String::new(), note })
}

/// `POST /admin/sign-in`
pub async fn submit(layout: Layout, form: Form<SignInForm>, context: SignInContext) -> PageResult {
    let form = form.0;
    let now = context.services.clock.now();
    let browser = device_cookie::device_id(&context.request, &context.services.secret, &form.email, now);
    let (browser, address) = (browser.as_deref(), client_ip(&context.request));
    if let Err(seconds) =
        context.services.attempt_limiter.check_and_count_for_device(browser, &form.email, address, now)
    {
        let wait = plural(seconds, "second", "seconds");
        let problem = format!("There were too many wrong passwords. Wait {wait} and try again.");
        return retry_later(StatusCode::TOO_MANY_REQUESTS, seconds, layout, form, problem);
    }
    let found = store::credentials(context.services.db.read(), &form.email).await?;
    let (id, hash) = found.map_or((0, None), |(id, hash)| (id, Some(hash)));
    let asker = if browser.is_some() { Requester::Known } else { Requester::Anonymous };
    match context.services.passwords.verify(asker, form.password.clone(), hash.clone()).await {
        Ok(true) => {}
        Ok(false) => return sign_in_failed(layout, form, &context).await,
        Err(HashError::Busy) => {
            context.services.attempt_limiter.cancel_attempt(browser, &form.email, address);
            let wait = plural(BUSY_RETRY_SECONDS, "second", "seconds");
            let problem = format!("Very many people are signing in at this moment. Wait {wait} and try again.");
            return retry_later(StatusCode::TOO_MANY_REQUESTS, BUSY_RETRY_SECONDS, layout, form, problem);
        }
        Err(HashError::Failed(error)) => return Err(error.into()),
    }
    context.services.attempt_limiter.reset_for_device(browser, &form.email, address);
    let token = session::new_token();
    let opened = open_session(&context, id, &hash.unwrap_or_default(), &token).await;
    match opened {
        Ok(true) => {}
        // The account may have been shut, or got another password, while this one was being checked.
        Ok(false) => return sign_in_failed(layout, form, &context).await,
        Err(error) => {
            let Some(cause) = write_failure(&error) else { return Err(error.into()) };
            tracing::error!(%error, "a session could not be stored: {cause} (DATA_DIR)");
            let problem = format!(
                "You cannot be signed in now: {cause}, so your session cannot be stored. Tell the person who runs the \
                 server, and try again when there is room."
            );
            return retry_later(StatusCode::SERVICE_UNAVAILABLE, 120, layout, form, problem);
        }
    }
    let clear = async |tx: &mut SqliteConnection| store::delete_expired(tx, now - session::MAX_AGE, now).await;
    context.services.db.write_best_effort("expired sessions could not be cleared", clear).await;
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
    store::audit(&mut tx, now, &member.name, "signed in", &member.name).await?;
    tx.commit().await?;
    Ok(true)
}

async fn sign_in_failed(layout: Layout, form: SignInForm, context: &SignInContext) -> PageResult {
    tracing::warn!("a sign-in failed");
    // Only what can be an address: a password may have been typed into the wrong box.
    let typed = form.email.parse::<EmailAddress>().ok().filter(|email| email.as_str().len() <= 100);
    let subject = typed.map_or_else(|| "no e-mail address".to_owned(), |email| mask_email(email.as_str()));
    let note = async |tx: &mut SqliteConnection| {
        store::record_failed_sign_in(tx, context.services.clock.now(), &subject).await
    };
    context.services.db.write_best_effort("the audit log lacks a failed sign-in", note).await;
    let problem = "This e-mail address and this password do not belong together.".to_owned();
    html(StatusCode::UNPROCESSABLE_ENTITY, &SignInPage { layout, form, problem, note: "" })
}

/// The page again, with the time after which another try makes sense.
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

/// The browser forgets the session in any case; a session that could not be ended in the database is named.
fn signed_out_response(request: &HttpRequest, layout: Layout, ended: sqlx::Result<()>) -> PageResult {
    let mut response = match ended {
        Ok(()) => see_other("/admin/sign-in?after=sign-out"),
        Err(error) => {
            let Some(cause) = write_failure(&error) else { return Err(error.into()) };
            tracing::error!(%error, "a session could not be ended: {cause} (DATA_DIR)");
            let problem = format!(
                "This browser is signed out. The session itself could not be ended, because {cause}: it ends by itself \
                 after eight hours. Tell the person who runs the server."
            );
            retry_later(StatusCode::SERVICE_UNAVAILABLE, 120, layout, SignInForm::default(), problem)?
        }
    };
    response.add_cookie(&session::removal_cookie(request)).map_err(anyhow::Error::from)?;
    Ok(response)
}

/// Where to go after signing in: only ever to a staff page of this site.
fn safe_redirect_target(next: &str) -> &str {
    let is_staff_page = next == "/admin" || next.starts_with("/admin/") || next.starts_with("/admin?");
    let is_plain = next.chars().all(|c| c.is_ascii_graphic() && c != '\\');
    if is_staff_page && is_plain { next } else { "/admin" }
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
