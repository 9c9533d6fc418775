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
use crate::staff::{StaffContext, audit, device_cookie, session, start_session, store, two_factor, unsaved_forms};
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
        "timeout" => "Ten minutes have passed since you entered your password. Sign in again.",
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
    let hash = hash.unwrap_or_default();
    if two_factor::store::is_enabled(context.services.db.read(), id).await? {
        return two_factor::ask_for_code(&context.request, id, &hash, &form.next);
    }
    let token = session::new_token();
    match open_session(&context, id, &hash, &token).await {
        Ok(true) => {}
        // The account was deactivated or its password changed during the check.
        Ok(false) => return sign_in_failed(layout, form, &context).await,
        Err(error) => {
            let problem = start_session::failure_message(error)?;
            return retry_later(StatusCode::SERVICE_UNAVAILABLE, 120, layout, form, problem);
        }
    }
    let clear = async |tx: &mut SqliteConnection| store::delete_expired(tx, now - session::MAX_AGE, now).await;
    context.services.db.write_best_effort("cannot delete expired sessions", clear).await;
    start_session::response(&context.request, &form.email, token, &form.next)
}

async fn open_session(context: &SignInContext, id: i64, hash: &str, token: &str) -> sqlx::Result<bool> {
    let mut tx = context.services.db.begin_write().await?;
    let Some(member) = store::find(&mut *tx, id).await? else { return Ok(false) };
    // A second factor that was set up during the check applies.
    if member.has_totp || !start_session::open(&context.request, &mut tx, &member, hash, token, "signed in").await? {
        return Ok(false);
    }
    tx.commit().await?;
    Ok(true)
}

async fn sign_in_failed(layout: Layout, form: SignInForm, context: &SignInContext) -> PageResult {
    tracing::warn!("failed sign-in");
    // Record only valid addresses: people sometimes type a password into the wrong field.
    let typed = form.email.parse::<EmailAddress>().ok().filter(|email| email.as_str().len() <= 100);
    let subject = typed.map_or_else(|| "no e-mail address".to_owned(), |email| mask_email(email.as_str()));
    let (now, client) = (context.services.clock.now(), client_ip(&context.request));
    let note = async |tx: &mut SqliteConnection| audit::store::record_failed_sign_in(tx, now, &subject, client).await;
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
        audit::store::audit(&mut tx, services.clock.now(), &ctx.member.name, "signed out", &ctx.member.name).await?;
        tx.commit().await
    };
    signed_out_response(&request, ctx.layout.clone(), ended.await)
}

/// `POST /admin/sign-out-everywhere`
pub async fn sign_out_everywhere(request: HttpRequest, ctx: StaffContext, services: Data<Services>) -> PageResult {
    let ended = async {
        let mut tx = services.db.begin_write().await?;
        store::end_all_sessions(&mut tx, ctx.member.id).await?;
        audit::store::audit(&mut tx, services.clock.now(), &ctx.member.name, "signed out everywhere", &ctx.member.name)
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
