//! Set-up links: create the first account, or set the password of an account.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, REFERRER_POLICY};
use actix_web::web::{Data, Path};
use askama::Template;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use sqlx::SqliteConnection;
use validator::Validate;

use crate::db::Database;
use crate::http::{PageError, PageResult, SiteSecret, html, random_token, sha256_hex};
use crate::services::Services;
use crate::staff::password::{BUSY_MESSAGE, HashError};
use crate::staff::password_rules::check_password;
use crate::staff::{NewMember, Role, StaffMember, session, start_session, store, two_factor};
use crate::web::{EmailAddress, FieldErrors, Form, Layout, email_line, one_line};

const INVITATION_TTL: SignedDuration = SignedDuration::from_hours(72);

/// Purpose from which the secret derives the link for the first account.
const FIRST_ACCOUNT: &str = "first account";

/// Path of the set-up link for the first account. It never changes, and works until there is an account.
pub fn first_admin_invite_path(key: &SiteSecret) -> String {
    format!("/admin/set-up/{}", key.mac(FIRST_ACCOUNT))
}

/// Creates a set-up link for an account, replaces any earlier one, and returns its path.
pub async fn invite(tx: &mut SqliteConnection, id: i64, now: Timestamp) -> sqlx::Result<String> {
    let token = random_token::<16>();
    store::insert_invitation(tx, id, &token, now, INVITATION_TTL).await?;
    Ok(format!("/admin/set-up/{token}"))
}

enum Invitation {
    Invalid,
    FirstAdmin,
    ForMember(StaffMember),
}

async fn find_invitation(token: &str, db: &Database, key: &SiteSecret, now: Timestamp) -> sqlx::Result<Invitation> {
    // Comparing hashes takes the same time for all tokens.
    if key.macs_for_all_keys(FIRST_ACCOUNT).any(|first| sha256_hex(token) == sha256_hex(&first)) {
        return Ok(if store::has_any(db.read()).await? { Invitation::Invalid } else { Invitation::FirstAdmin });
    }
    Ok(store::find_invited(db.read(), token, now).await?.map_or(Invitation::Invalid, Invitation::ForMember))
}

#[derive(Template)]
#[template(path = "staff/accept_invitation.html")]
struct AcceptInvitationPage {
    layout: Layout,
    member: Option<StaffMember>,
    form: AcceptInvitationForm,
    errors: FieldErrors,
}

/// Page for a link that was used, has expired or was replaced.
#[derive(Template)]
#[template(path = "staff/invitation_expired.html")]
struct ExpiredPage {
    layout: Layout,
}

#[derive(Default, Deserialize, Validate)]
#[serde(default)]
pub struct AcceptInvitationForm {
    #[serde(deserialize_with = "one_line")]
    #[validate(length(min = 1, max = 100, message = "Enter your name in 100 characters or fewer."))]
    name: String,
    #[serde(deserialize_with = "email_line")]
    #[validate(custom(function = "EmailAddress::check_for_staff"))]
    email: String,
    #[validate(custom(function = "check_password"))]
    password: String,
}

/// `GET /admin/set-up/{token}`
pub async fn show(token: Path<String>, layout: Layout, services: Data<Services>) -> PageResult {
    let member = match find_invitation(&token, &services.db, &services.secret, services.clock.now()).await? {
        Invitation::Invalid => return expired(layout),
        Invitation::FirstAdmin => None,
        Invitation::ForMember(member) => Some(member),
    };
    page(
        StatusCode::OK,
        &AcceptInvitationPage { layout, member, form: AcceptInvitationForm::default(), errors: FieldErrors::default() },
    )
}

/// `POST /admin/set-up/{token}`
pub async fn submit(
    request: HttpRequest,
    token: Path<String>,
    layout: Layout,
    form: Form<AcceptInvitationForm>,
    services: Data<Services>,
) -> PageResult {
    let mut form = form.0;
    let invited = find_invitation(&token, &services.db, &services.secret, services.clock.now()).await?;
    let member = match invited {
        Invitation::Invalid => return expired(layout),
        Invitation::FirstAdmin => None,
        Invitation::ForMember(member) => {
            form.name = member.name.clone();
            form.email = member.email.clone();
            Some(member)
        }
    };
    let mut errors = FieldErrors::of(&form, &["name", "email", "password"]);
    let email = form.email.parse::<EmailAddress>();
    let (true, Ok(email)) = (errors.is_empty(), email) else {
        return page(StatusCode::UNPROCESSABLE_ENTITY, &AcceptInvitationPage { layout, member, form, errors });
    };
    let hash = match services.passwords.hash(form.password.clone()).await {
        Ok(hash) => hash,
        Err(HashError::Busy) => {
            errors.add("password", BUSY_MESSAGE);
            let busy = AcceptInvitationPage { layout, member, form, errors };
            return page(StatusCode::TOO_MANY_REQUESTS, &busy);
        }
        Err(HashError::Failed(error)) => return Err(error.into()),
    };
    let now = services.clock.now();
    let mut tx = services.db.begin_write().await?;
    let id = match member {
        // If two people submit the same link, the first one wins.
        Some(member) if store::find_invited(&mut *tx, &token, now).await?.is_some() => member.id,
        None if !store::has_any(&mut *tx).await? => {
            let first = NewMember { email, name: form.name.clone(), role: Role::Admin };
            store::add(&mut tx, &first, now).await?.ok_or(PageError::NotFound)?
        }
        _ => return expired(layout),
    };
    store::set_password(&mut tx, id, &hash).await?;
    let member = store::find(&mut *tx, id).await?.ok_or(PageError::NotFound)?;
    let action = "set a password with a set-up link";
    if member.has_totp {
        // The link replaces the password, not the second factor.
        start_session::record(&request, &mut tx, &member, action).await?;
        tx.commit().await?;
        return two_factor::ask_for_code(&request, id, &hash, "/admin");
    }
    let session_token = session::new_token();
    start_session::open(&request, &mut tx, &member, &hash, &session_token, action).await?;
    store::set_flash(&mut tx, &sha256_hex(&session_token), "Your password is set, and you are signed in.").await?;
    tx.commit().await?;
    start_session::response(&request, &member.email, session_token, "/admin")
}

fn expired(layout: Layout) -> PageResult {
    html(StatusCode::NOT_FOUND, &ExpiredPage { layout })
}

fn page(status: StatusCode, page: &AcceptInvitationPage) -> PageResult {
    let mut response = html(status, page)?;
    // The URL is a secret that other sites must not see. With `no-referrer`, the CSRF check would reject our own form.
    response.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    Ok(response)
}
