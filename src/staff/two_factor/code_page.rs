//! Second step of the sign-in: a code from the app, or a recovery code.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, RETRY_AFTER};
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;
use sqlx::SqliteConnection;

use crate::http::{PageResult, client_ip, html, see_other, sha256_hex};
use crate::services::Services;
use crate::staff::two_factor::pending_sign_in::{self, PendingSignIn};
use crate::staff::two_factor::store;
use crate::staff::{audit, device_cookie, session, start_session, store as staff};
use crate::web::{Form, Layout, Query, mask_email, one_line, plural};

#[derive(Template)]
#[template(path = "staff/sign_in_code.html")]
struct CodePage {
    layout: Layout,
    next: String,
    problem: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct NextQuery {
    next: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct CodeForm {
    #[serde(deserialize_with = "one_line")]
    code: String,
    next: String,
}

/// `GET /admin/sign-in/code?next=`
pub async fn show(request: HttpRequest, layout: Layout, query: Query<NextQuery>) -> PageResult {
    match pending_sign_in::find(&request).await? {
        Some(_) => html(StatusCode::OK, &CodePage { layout, next: query.0.next, problem: String::new() }),
        None => Ok(start_again(&query.0.next)),
    }
}

/// `POST /admin/sign-in/code`
pub async fn submit(
    request: HttpRequest,
    layout: Layout,
    form: Form<CodeForm>,
    services: Data<Services>,
) -> PageResult {
    let CodeForm { code, next } = form.0;
    let Some(pending) = pending_sign_in::find(&request).await? else { return Ok(start_again(&next)) };
    let now = services.clock.now();
    let device = device_cookie::device_id(&request, &services.secret, &pending.email, now);
    // One limit for the account from everywhere: only those who know the password get here. The owner's known device has
    // its own.
    let limited = format!("code of {} on {}", pending.id, device.unwrap_or_default());
    let (limited, address) = (Some(limited.as_str()), client_ip(&request));
    if let Err(seconds) = services.attempt_limiter.check_and_count_for_device(limited, &pending.email, address, now) {
        let wait = plural(seconds, "second", "seconds");
        let problem = format!("Too many incorrect codes. Wait {wait} and try again.");
        return retry_later(StatusCode::TOO_MANY_REQUESTS, seconds, &CodePage { layout, next, problem });
    }
    let token = session::new_token();
    match sign_in(&request, &pending, &code, &token).await {
        Ok(true) => {}
        Ok(false) => {
            tracing::warn!("failed sign-in: incorrect code");
            let subject = format!("{}, incorrect code", mask_email(&pending.email));
            let note =
                async |tx: &mut SqliteConnection| audit::store::record_failed_sign_in(tx, now, &subject, address).await;
            services.db.write_best_effort("cannot record a failed sign-in in the audit log", note).await;
            let problem = "Incorrect code. Enter the code that your app shows now. Each code works once.".to_owned();
            return html(StatusCode::UNPROCESSABLE_ENTITY, &CodePage { layout, next, problem });
        }
        Err(error) => {
            services.attempt_limiter.cancel_attempt(limited, &pending.email, address);
            let problem = start_session::failure_message(error)?;
            return retry_later(StatusCode::SERVICE_UNAVAILABLE, 120, &CodePage { layout, next, problem });
        }
    }
    services.attempt_limiter.reset_for_device(limited, &pending.email, address);
    let mut response = start_session::response(&request, &pending.email, token, &next)?;
    response.add_cookie(&pending_sign_in::removal_cookie(&request)).map_err(anyhow::Error::from)?;
    Ok(response)
}

/// Accepts the code and opens the session in one transaction, so that a code works once.
async fn sign_in(request: &HttpRequest, pending: &PendingSignIn, code: &str, token: &str) -> sqlx::Result<bool> {
    let services = Services::of(request);
    let now = services.clock.now();
    let mut tx = services.db.begin_write().await?;
    let Some(member) = staff::find(&mut *tx, pending.id).await?.filter(|member| member.has_totp) else {
        return Ok(false);
    };
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let action = if store::accept_code(&mut tx, pending.id, &digits, now).await? {
        "signed in"
    } else if store::accept_recovery_code(&mut tx, pending.id, code, now).await? {
        "signed in with a recovery code"
    } else {
        return Ok(false);
    };
    if !start_session::open(request, &mut tx, &member, &pending.password_hash, token, action).await? {
        return Ok(false);
    }
    if action != "signed in" {
        let left = store::count_recovery_codes(&mut *tx, pending.id).await?;
        let left = plural(left, "recovery code is left", "recovery codes are left");
        let flash = format!("You signed in with a recovery code. {left}. You can create new ones under Your account.");
        staff::set_flash(&mut tx, &sha256_hex(token), &flash).await?;
    }
    tx.commit().await?;
    Ok(true)
}

fn start_again(next: &str) -> actix_web::HttpResponse {
    let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
    see_other(&format!("/admin/sign-in?after=timeout&next={next}"))
}

fn retry_later(status: StatusCode, seconds: i64, page: &CodePage) -> PageResult {
    let mut response = html(status, page)?;
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    Ok(response)
}
