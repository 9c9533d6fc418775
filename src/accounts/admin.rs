//! Staff page for admins: add accounts, change roles, deactivate, reactivate, and require a second factor.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use jiff::Timestamp;
use serde::Deserialize;
use validator::Validate;

use crate::accounts::set_up_link;
use crate::db::WriteTx;
use crate::http::{PageError, PageResult, html, see_other};
use crate::services::Services;
use crate::staff::{self, AuditChanges, NewMember, Role, StaffContext, StaffMember};
use crate::web::{EmailAddress, FieldErrors, Form, email_line, one_line};

const LAST_ADMIN: &str = "There must be at least one admin. Make another account an admin first.";

#[derive(Template)]
#[template(path = "accounts/admin.html")]
struct AccountsPage {
    ctx: StaffContext,
    members: Vec<StaffMember>,
    roles: [Role; 3],
    is_totp_required: bool,
    form: NewAccountForm,
    errors: FieldErrors,
}

#[derive(Default, Deserialize, Validate)]
#[serde(default)]
pub struct NewAccountForm {
    #[serde(deserialize_with = "one_line")]
    #[validate(length(min = 1, max = 100, message = "Enter a name of 100 characters or fewer."))]
    name: String,
    #[serde(deserialize_with = "email_line")]
    #[validate(custom(function = "EmailAddress::check_for_staff"))]
    email: String,
    role: String,
}

/// `GET /admin/staff`
pub async fn list(ctx: StaffContext, services: Data<Services>) -> PageResult {
    page(StatusCode::OK, ctx, NewAccountForm::default(), FieldErrors::default(), &services).await
}

async fn page(
    status: StatusCode,
    ctx: StaffContext,
    form: NewAccountForm,
    errors: FieldErrors,
    services: &Services,
) -> PageResult {
    let db = services.db.read();
    let (members, is_totp_required) = (staff::all(db).await?, staff::is_totp_required(db).await?);
    html(status, &AccountsPage { ctx, members, roles: Role::ALL, is_totp_required, form, errors })
}

/// `POST /admin/staff`
pub async fn add(ctx: StaffContext, form: Form<NewAccountForm>, services: Data<Services>) -> PageResult {
    let form = form.0;
    let mut errors = FieldErrors::of(&form, &["name", "email", "role"]);
    let role = form.role.parse::<Role>();
    if role.is_err() {
        errors.add("role", "Choose a role.");
    }
    let (true, Ok(email), Ok(role)) = (errors.is_empty(), form.email.parse::<EmailAddress>(), role) else {
        return page(StatusCode::UNPROCESSABLE_ENTITY, ctx, form, errors, &services).await;
    };
    let new = NewMember { email, name: form.name.clone(), role };
    let mut tx = services.db.begin_write().await?;
    let Some(id) = staff::add(&mut tx, &new, services.clock.now()).await? else {
        tx.rollback().await?;
        errors.add("email", "An account with this e-mail address already exists.");
        return page(StatusCode::UNPROCESSABLE_ENTITY, ctx, form, errors, &services).await;
    };
    let changes = AuditChanges::default().field("e-mail", "", &new.email).field("role", "", role);
    let action = format!("added a team member as {role}");
    staff::audit_change(&mut tx, services.clock.now(), &ctx.member.name, &action, &new.name, &changes).await?;
    show_new_link(&ctx, tx, id, &new.name, new.email.as_str(), &services).await
}

/// Creates a set-up link, sends it if mail works, shows it, and commits.
async fn show_new_link(
    ctx: &StaffContext,
    mut tx: WriteTx,
    id: i64,
    name: &str,
    email: &str,
    services: &Services,
) -> PageResult {
    let (base_url, has_mail_server) = (&services.http.base_url, !services.transport.writes_files());
    let link = set_up_link::send(&mut tx, id, base_url, has_mail_server, services.clock.now()).await?;
    ctx.set_flash(&mut tx, &link.message(name, email)).await?;
    tx.commit().await?;
    services.notifier.notify();
    Ok(see_other("/admin/staff"))
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct RoleForm {
    role: String,
}

/// `POST /admin/staff/{id}/role`
pub async fn change_role(
    ctx: StaffContext,
    id: Path<i64>,
    form: Form<RoleForm>,
    services: Data<Services>,
) -> PageResult {
    let role = form.0.role.parse::<Role>().map_err(|_| PageError::BadRequest("Choose writer, publisher or admin."))?;
    let mut tx = services.db.begin_write().await?;
    let member = staff::find(&mut *tx, *id).await?.ok_or(PageError::NotFound)?;
    staff::set_role(&mut tx, member.id, role).await?;
    let message = if staff::count_admins(&mut *tx).await? == 0 {
        tx.rollback().await?;
        tx = services.db.begin_write().await?;
        LAST_ADMIN.to_owned()
    } else {
        let changes = AuditChanges::default().field("role", member.role, role);
        let action = format!("changed the role to {role}");
        staff::audit_change(&mut tx, services.clock.now(), &ctx.member.name, &action, &member.name, &changes).await?;
        format!("{} now has the role {role}.", member.name)
    };
    ctx.set_flash(&mut tx, &message).await?;
    tx.commit().await?;
    Ok(see_other("/admin/staff"))
}

/// `POST /admin/staff/{id}/deactivation`
pub async fn deactivate(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    if *id == ctx.member.id {
        return Err(PageError::BadRequest("You cannot deactivate your own account. Ask another admin."));
    }
    let mut tx = services.db.begin_write().await?;
    let member = staff::find(&mut *tx, *id).await?.ok_or(PageError::NotFound)?;
    staff::set_active(&mut tx, member.id, false).await?;
    // Two admins may deactivate each other at the same time.
    if staff::count_admins(&mut *tx).await? == 0 {
        return Err(PageError::BadRequest(LAST_ADMIN));
    }
    record_status(&mut tx, &ctx, "deactivated an account", &member, "deactivated", services.clock.now()).await?;
    ctx.set_flash(&mut tx, &format!("{} has been deactivated and signed out everywhere.", member.name)).await?;
    tx.commit().await?;
    Ok(see_other("/admin/staff"))
}

/// `POST /admin/staff/{id}/activation`
pub async fn activate(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let mut tx = services.db.begin_write().await?;
    let member = staff::find(&mut *tx, *id).await?.ok_or(PageError::NotFound)?;
    staff::set_active(&mut tx, member.id, true).await?;
    record_status(&mut tx, &ctx, "reactivated an account", &member, "active", services.clock.now()).await?;
    ctx.set_flash(&mut tx, &format!("{} has been reactivated.", member.name)).await?;
    tx.commit().await?;
    Ok(see_other("/admin/staff"))
}

/// `POST /admin/staff/{id}/invitation`: new set-up link, for example after a forgotten password.
pub async fn resend_invitation(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let mut tx = services.db.begin_write().await?;
    let member = staff::find(&mut *tx, *id).await?.filter(|member| member.active).ok_or(PageError::NotFound)?;
    staff::audit(&mut tx, services.clock.now(), &ctx.member.name, "created a set-up link", &member.name).await?;
    show_new_link(&ctx, tx, member.id, &member.name, &member.email, &services).await
}

/// `POST /admin/staff/{id}/two-factor/removal`: for a colleague who has lost the phone and the recovery codes.
pub async fn reset_two_factor(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    if *id == ctx.member.id {
        return Err(PageError::BadRequest("Turn off your own two-factor authentication under Your account."));
    }
    let mut tx = services.db.begin_write().await?;
    let member = staff::find(&mut *tx, *id).await?.ok_or(PageError::NotFound)?;
    let message = if staff::remove_totp(&mut tx, member.id).await? {
        staff::end_all_sessions(&mut tx, member.id).await?;
        let action = "reset two-factor authentication";
        staff::audit(&mut tx, services.clock.now(), &ctx.member.name, action, &member.name).await?;
        format!("{} can sign in with the password alone and has been signed out everywhere.", member.name)
    } else {
        format!("{} does not use two-factor authentication.", member.name)
    };
    ctx.set_flash(&mut tx, &message).await?;
    tx.commit().await?;
    Ok(see_other("/admin/staff"))
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct PolicyForm {
    required: String,
}

/// `POST /admin/staff/two-factor`: requires a second factor for all accounts, or makes it optional.
pub async fn require_two_factor(ctx: StaffContext, form: Form<PolicyForm>, services: Data<Services>) -> PageResult {
    let required = form.0.required == "yes";
    let label = |required: bool| if required { "required" } else { "optional" };
    let mut tx = services.db.begin_write().await?;
    let before = staff::is_totp_required(&mut *tx).await?;
    if before != required {
        staff::set_totp_required(&mut tx, required).await?;
        let changes = AuditChanges::default().field("two-factor authentication", label(before), label(required));
        let action = "changed the sign-in settings";
        staff::audit_change(&mut tx, services.clock.now(), &ctx.member.name, action, "all accounts", &changes).await?;
    }
    ctx.set_flash(&mut tx, &format!("Two-factor authentication is {} for all accounts.", label(required))).await?;
    tx.commit().await?;
    Ok(see_other("/admin/staff"))
}

async fn record_status(
    tx: &mut WriteTx,
    ctx: &StaffContext,
    action: &str,
    member: &StaffMember,
    status: &str,
    now: Timestamp,
) -> sqlx::Result<()> {
    let before = if member.active { "active" } else { "deactivated" };
    let changes = AuditChanges::default().field("status", before, status);
    staff::audit_change(tx, now, &ctx.member.name, action, &member.name, &changes).await
}
