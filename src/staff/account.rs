//! Your account: change password, two-factor authentication, sessions.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;
use validator::Validate;

use crate::http::{PageResult, html, see_other, sha256_hex};
use crate::services::Services;
use crate::staff::current_password::{self, CurrentPassword};
use crate::staff::password::{BUSY_MESSAGE, HashError};
use crate::staff::password_rules::check_password;
use crate::staff::store::ListedSession;
use crate::staff::{StaffContext, audit, session, start_session, store};
use crate::web::{DisplayTime, FieldErrors, Form};

#[derive(Template)]
#[template(path = "staff/account.html")]
struct AccountPage {
    ctx: StaffContext,
    sessions: Vec<ListedSession>,
    errors: FieldErrors,
}

impl ListedSession {
    fn started(&self) -> DisplayTime {
        DisplayTime::in_office(self.created_at)
    }

    fn last_used(&self) -> DisplayTime {
        DisplayTime::in_office(self.last_seen_at)
    }
}

#[derive(Default, Deserialize, Validate)]
#[serde(default)]
pub struct PasswordForm {
    current: String,
    #[validate(custom(function = "check_password"))]
    password: String,
}

/// `GET /admin/account`
pub async fn show(ctx: StaffContext, services: Data<Services>) -> PageResult {
    page(StatusCode::OK, ctx, FieldErrors::default(), &services).await
}

async fn page(status: StatusCode, ctx: StaffContext, errors: FieldErrors, services: &Services) -> PageResult {
    let sessions = store::sessions(services.db.read(), ctx.member.id, services.clock.now()).await?;
    html(status, &AccountPage { ctx, sessions, errors })
}

/// `POST /admin/account`: changes the password and ends all other sessions.
pub async fn change_password(
    request: HttpRequest,
    ctx: StaffContext,
    form: Form<PasswordForm>,
    services: Data<Services>,
) -> PageResult {
    let form = form.0;
    let mut errors = FieldErrors::of(&form, &["current", "password"]);
    match current_password::check(&request, &ctx.member, form.current).await? {
        CurrentPassword::Right => {}
        CurrentPassword::Wrong => errors.add("current", "The current password is incorrect."),
        CurrentPassword::Busy => return busy(ctx, &services).await,
    }
    if !errors.is_empty() {
        return page(StatusCode::UNPROCESSABLE_ENTITY, ctx, errors, &services).await;
    }
    let hash = match services.passwords.hash(form.password).await {
        Err(HashError::Busy) => return busy(ctx, &services).await,
        Err(HashError::Failed(error)) => return Err(error.into()),
        Ok(hash) => hash,
    };
    let token = session::new_token();
    let mut tx = services.db.begin_write().await?;
    store::set_password(&mut tx, ctx.member.id, &hash).await?;
    start_session::open(&request, &mut tx, &ctx.member, &hash, &token, "changed the password").await?;
    let flash = "Your password has been changed. All other sessions have ended.";
    store::set_flash(&mut tx, &sha256_hex(&token), flash).await?;
    tx.commit().await?;
    let mut response = see_other("/admin/account");
    response.add_cookie(&session::cookie(&request, token)).map_err(anyhow::Error::from)?;
    Ok(response)
}

async fn busy(ctx: StaffContext, services: &Services) -> PageResult {
    let mut errors = FieldErrors::in_order(&["current", "password"]);
    errors.add("current", BUSY_MESSAGE);
    page(StatusCode::TOO_MANY_REQUESTS, ctx, errors, services).await
}

/// `POST /admin/account/sessions/{id}/removal`: ends one session of one's own.
pub async fn end_session(ctx: StaffContext, id: Path<String>, services: Data<Services>) -> PageResult {
    let mut tx = services.db.begin_write().await?;
    let message = match store::end_session_of(&mut tx, ctx.member.id, &id).await? {
        Some(device) => {
            let (now, name) = (services.clock.now(), &ctx.member.name);
            audit::store::audit(&mut tx, now, name, "ended a session", &device).await?;
            "The session has ended."
        }
        None => "This session had already ended.",
    };
    ctx.set_flash(&mut tx, message).await?;
    tx.commit().await?;
    Ok(see_other("/admin/account"))
}
