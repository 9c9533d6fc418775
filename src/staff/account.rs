//! Your account: change password, sign out everywhere.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;
use validator::Validate;

use crate::http::{PageError, PageResult, client_ip, html, see_other};
use crate::services::Services;
use crate::staff::member::check_password;
use crate::staff::password::{BUSY_MESSAGE, HashError, Requester};
use crate::staff::{StaffContext, session, store};
use crate::web::{FieldErrors, Form};

#[derive(Template)]
#[template(path = "staff/account.html")]
struct AccountPage {
    ctx: StaffContext,
    errors: FieldErrors,
}

#[derive(Default, Deserialize, Validate)]
#[serde(default)]
pub struct PasswordForm {
    current: String,
    #[validate(custom(function = "check_password"))]
    password: String,
}

/// `GET /admin/account`
pub async fn show(ctx: StaffContext) -> PageResult {
    html(StatusCode::OK, &AccountPage { ctx, errors: FieldErrors::default() })
}

/// `POST /admin/account`: changes the password and ends all other sessions.
pub async fn change_password(
    request: HttpRequest,
    ctx: StaffContext,
    form: Form<PasswordForm>,
    services: Data<Services>,
) -> PageResult {
    let form = form.0;
    let (email, address) = (ctx.member.email.clone(), client_ip(&request));
    services
        .attempt_limiter
        .check_and_count(&email, address, services.clock.now())
        .map_err(PageError::TooManyRequests)?;
    let mut errors = FieldErrors::of(&form, &["current", "password"]);
    let hash = store::credentials(services.db.read(), &email).await?.map(|(_, hash)| hash);
    let is_right = match services.passwords.verify(Requester::Known, form.current, hash).await {
        Err(HashError::Busy) => {
            services.attempt_limiter.cancel_attempt(None, &email, address);
            return busy(ctx);
        }
        Err(HashError::Failed(error)) => return Err(error.into()),
        Ok(is_right) => is_right,
    };
    if is_right {
        services.attempt_limiter.reset(&email, address);
    } else {
        errors.add("current", "The current password is incorrect.");
    }
    if !errors.is_empty() {
        return html(StatusCode::UNPROCESSABLE_ENTITY, &AccountPage { ctx, errors });
    }
    let hash = match services.passwords.hash(form.password).await {
        Err(HashError::Busy) => return busy(ctx),
        Err(HashError::Failed(error)) => return Err(error.into()),
        Ok(hash) => hash,
    };
    let token = session::new_token();
    let mut tx = services.db.begin_write().await?;
    store::set_password(&mut tx, ctx.member.id, &hash).await?;
    store::open_session(&mut tx, ctx.member.id, &hash, &token, services.clock.now()).await?;
    store::set_flash(
        &mut tx,
        &crate::http::sha256_hex(&token),
        "Your password has been changed. All other sessions have ended.",
    )
    .await?;
    store::audit(&mut tx, services.clock.now(), &ctx.member.name, "changed the password", &ctx.member.name).await?;
    tx.commit().await?;
    let mut response = see_other("/admin/account");
    response.add_cookie(&session::cookie(&request, token)).map_err(anyhow::Error::from)?;
    Ok(response)
}

fn busy(ctx: StaffContext) -> PageResult {
    let mut errors = FieldErrors::in_order(&["current", "password"]);
    errors.add("current", BUSY_MESSAGE);
    html(StatusCode::TOO_MANY_REQUESTS, &AccountPage { ctx, errors })
}
