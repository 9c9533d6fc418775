//! Two-factor authentication of one's own account: set up, new recovery codes, turn off.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use crate::http::{PageError, PageResult, html, see_other};
use crate::services::Services;
use crate::staff::current_password::{self, CurrentPassword};
use crate::staff::password::BUSY_MESSAGE;
use crate::staff::two_factor::qr_code::QrPath;
use crate::staff::two_factor::recovery_code::new_codes;
use crate::staff::two_factor::totp::TotpSecret;
use crate::staff::two_factor::{SET_UP_PATH, store};
use crate::staff::{StaffContext, audit, start_session};
use crate::web::{DisplayTime, FieldErrors, Form, Query, one_line};

#[derive(Template)]
#[template(path = "staff/two_factor.html")]
struct TwoFactorPage {
    ctx: StaffContext,
    /// Since when it is on.
    since: Option<DisplayTime>,
    /// Set-up in progress.
    set_up: Option<SetUp>,
    codes_left: i64,
    is_required: bool,
    /// Page to open afterwards.
    next: String,
    errors: FieldErrors,
}

struct SetUp {
    qr: QrPath,
    secret: String,
}

#[derive(Template)]
#[template(path = "staff/recovery_codes.html")]
struct RecoveryCodesPage {
    ctx: StaffContext,
    codes: Vec<String>,
    next: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct TwoFactorForm {
    #[serde(deserialize_with = "one_line")]
    code: String,
    password: String,
    next: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct NextForm {
    next: String,
}

/// `GET /admin/account/two-factor?next=`
pub async fn show(ctx: StaffContext, query: Query<NextForm>, services: Data<Services>) -> PageResult {
    page(StatusCode::OK, ctx, query.0.next, FieldErrors::default(), &services).await
}

async fn page(
    status: StatusCode,
    ctx: StaffContext,
    next: String,
    errors: FieldErrors,
    services: &Services,
) -> PageResult {
    let db = services.db.read();
    let (mut since, mut set_up) = (None, None);
    if let Some(totp) = store::find(db, ctx.member.id).await? {
        match (totp.confirmed_at, TotpSecret::parse(&totp.secret)) {
            (Some(at), _) => since = Some(DisplayTime::in_office(at.to_jiff())),
            (None, Some(secret)) => {
                let qr = QrPath::of(&secret.uri(&ctx.layout.firm.name, &ctx.member.email))?;
                set_up = Some(SetUp { qr, secret: secret.grouped() });
            }
            (None, None) => {}
        }
    }
    let codes_left = store::count_recovery_codes(db, ctx.member.id).await?;
    let is_required = store::is_required(db).await?;
    html(status, &TwoFactorPage { ctx, since, set_up, codes_left, is_required, next, errors })
}

/// `POST /admin/account/two-factor/set-up`: creates the secret that the next page shows.
pub async fn set_up(ctx: StaffContext, form: Form<NextForm>, services: Data<Services>) -> PageResult {
    let mut tx = services.db.begin_write().await?;
    store::begin_set_up(&mut tx, ctx.member.id, &TotpSecret::random()).await?;
    tx.commit().await?;
    Ok(to_page(&form.0.next))
}

/// `POST /admin/account/two-factor`: turns it on with the password and the first code, and shows the recovery codes.
///
/// Without the password, anybody at an unlocked computer could keep the owner out.
pub async fn confirm(
    request: HttpRequest,
    ctx: StaffContext,
    form: Form<TwoFactorForm>,
    services: Data<Services>,
) -> PageResult {
    let TwoFactorForm { code, password, next } = form.0;
    let now = services.clock.now();
    if let Some(refusal) = require_password(&request, &ctx, password, &next, &services).await? {
        return Ok(refusal);
    }
    let mut tx = services.db.begin_write().await?;
    // Turned on in another tab, or not begun.
    let in_progress = store::find(&mut *tx, ctx.member.id).await?.is_some_and(|totp| totp.confirmed_at.is_none());
    if !in_progress {
        return Ok(to_page(&next));
    }
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    if !store::accept_code(&mut tx, ctx.member.id, &code, now).await? {
        tx.rollback().await?;
        let mut errors = FieldErrors::in_order(&["code"]);
        errors.add("code", "Incorrect code. Check the time on your phone, then enter the code that the app shows now.");
        return page(StatusCode::UNPROCESSABLE_ENTITY, ctx, next, errors, &services).await;
    }
    let codes = new_codes();
    store::replace_recovery_codes(&mut tx, ctx.member.id, &codes).await?;
    let name = &ctx.member.name;
    audit::store::audit(&mut tx, now, name, "turned on two-factor authentication", name).await?;
    tx.commit().await?;
    show_codes(ctx, codes, &next)
}

/// `POST /admin/account/two-factor/recovery-codes`: replaces the recovery codes.
pub async fn new_recovery_codes(
    request: HttpRequest,
    ctx: StaffContext,
    form: Form<TwoFactorForm>,
    services: Data<Services>,
) -> PageResult {
    if let Some(refusal) = require_password(&request, &ctx, form.0.password, "", &services).await? {
        return Ok(refusal);
    }
    let codes = new_codes();
    let mut tx = services.db.begin_write().await?;
    if !store::is_enabled(&mut *tx, ctx.member.id).await? {
        return Ok(to_page(""));
    }
    store::replace_recovery_codes(&mut tx, ctx.member.id, &codes).await?;
    let name = &ctx.member.name;
    audit::store::audit(&mut tx, services.clock.now(), name, "created new recovery codes", name).await?;
    tx.commit().await?;
    show_codes(ctx, codes, "")
}

/// `POST /admin/account/two-factor/removal`
pub async fn remove(
    request: HttpRequest,
    ctx: StaffContext,
    form: Form<TwoFactorForm>,
    services: Data<Services>,
) -> PageResult {
    if store::is_required(services.db.read()).await? {
        return Err(PageError::BadRequest("All accounts must use two-factor authentication. Ask an admin."));
    }
    if let Some(refusal) = require_password(&request, &ctx, form.0.password, "", &services).await? {
        return Ok(refusal);
    }
    let mut tx = services.db.begin_write().await?;
    if store::remove(&mut tx, ctx.member.id).await? {
        let name = &ctx.member.name;
        audit::store::audit(&mut tx, services.clock.now(), name, "turned off two-factor authentication", name).await?;
        ctx.set_flash(&mut tx, "Two-factor authentication is off.").await?;
    }
    tx.commit().await?;
    Ok(to_page(""))
}

/// Page with a message beside the field, unless the current password is right.
async fn require_password(
    request: &HttpRequest,
    ctx: &StaffContext,
    password: String,
    next: &str,
    services: &Services,
) -> Result<Option<HttpResponse>, PageError> {
    let (status, message) = match current_password::check(request, &ctx.member, password).await? {
        CurrentPassword::Right => return Ok(None),
        CurrentPassword::Wrong => (StatusCode::UNPROCESSABLE_ENTITY, "The current password is incorrect."),
        CurrentPassword::Busy => (StatusCode::TOO_MANY_REQUESTS, BUSY_MESSAGE),
    };
    let mut errors = FieldErrors::in_order(&["password"]);
    errors.add("password", message);
    page(status, ctx.clone(), next.to_owned(), errors, services).await.map(Some)
}

fn show_codes(ctx: StaffContext, codes: Vec<String>, next: &str) -> PageResult {
    let next = if next.is_empty() { "/admin/account" } else { start_session::safe_redirect_target(next) };
    html(StatusCode::OK, &RecoveryCodesPage { ctx, codes, next: next.to_owned() })
}

fn to_page(next: &str) -> HttpResponse {
    if next.is_empty() {
        return see_other(SET_UP_PATH);
    }
    let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
    see_other(&format!("{SET_UP_PATH}?next={next}"))
}
