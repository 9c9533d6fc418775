//! One's own account: another password.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;
use validator::Validate;

use crate::clock::Clock;
use crate::db::Database;
use crate::staff::member::check_password;
use crate::staff::password::{Asker, BUSY, NotHashed};
use crate::staff::{Desk, Passwords, SignInThrottle, session, store};
use crate::web::{FieldErrors, Form, PageError, PageResult, client_address, html, see_other};

#[derive(Template)]
#[template(path = "staff/account.html")]
struct AccountPage {
    desk: Desk,
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
pub async fn show(desk: Desk) -> PageResult {
    html(StatusCode::OK, &AccountPage { desk, errors: FieldErrors::default() })
}

/// `POST /admin/account`: sets another password, and ends every other session.
pub async fn change_password(
    request: HttpRequest,
    desk: Desk,
    form: Form<PasswordForm>,
    db: Data<Database>,
    clock: Data<Clock>,
    throttle: Data<SignInThrottle>,
    passwords: Data<Passwords>,
) -> PageResult {
    let form = form.0;
    let (email, address) = (desk.member.email.clone(), client_address(&request));
    throttle.begin(&email, address, clock.now()).map_err(PageError::TooMany)?;
    let mut errors = FieldErrors::of(&form, &["current", "password"]);
    let hash = store::credentials(db.read(), &email).await?.map(|(_, hash)| hash);
    let is_right = match passwords.verify(Asker::Known, form.current, hash).await {
        Err(NotHashed::Busy) => {
            throttle.not_tried_in(None, &email, address);
            return busy(desk);
        }
        Err(NotHashed::Failed(error)) => return Err(error.into()),
        Ok(is_right) => is_right,
    };
    if is_right {
        throttle.succeeded(&email, address);
    } else {
        errors.add("current", "This is not your present password.");
    }
    if !errors.is_empty() {
        return html(StatusCode::UNPROCESSABLE_ENTITY, &AccountPage { desk, errors });
    }
    let hash = match passwords.hash(form.password).await {
        Err(NotHashed::Busy) => return busy(desk),
        Err(NotHashed::Failed(error)) => return Err(error.into()),
        Ok(hash) => hash,
    };
    let token = session::new_token();
    let mut tx = db.begin_write().await?;
    store::set_password(&mut tx, desk.member.id, &hash).await?;
    store::open_session(&mut tx, desk.member.id, &hash, &token, clock.now()).await?;
    store::leave_flash(
        &mut tx,
        &crate::web::Digest::of(&token),
        "Your password is changed, and every other session has ended.",
    )
    .await?;
    store::note(&mut tx, clock.now(), &desk.member.name, "changed the password", &desk.member.name).await?;
    tx.commit().await?;
    let mut response = see_other("/admin/account");
    response.add_cookie(&session::cookie(&request, token)).map_err(anyhow::Error::from)?;
    Ok(response)
}

fn busy(desk: Desk) -> PageResult {
    let mut errors = FieldErrors::in_order(&["current", "password"]);
    errors.add("current", BUSY);
    html(StatusCode::TOO_MANY_REQUESTS, &AccountPage { desk, errors })
}
