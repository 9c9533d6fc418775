//! Staff page for admins: add accounts, change roles, deactivate and reactivate.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;
use validator::Validate;

use crate::db::Database;
use crate::http::{PageError, PageResult, html, see_other};
use crate::services::Services;
use crate::staff::{NewMember, Role, StaffContext, StaffMember, invite, store};
use crate::web::{EmailAddress, FieldErrors, Form, email_line, one_line};

const LAST_ADMIN: &str = "There must be at least one admin. Make another account an admin first.";

#[derive(Template)]
#[template(path = "staff/accounts.html")]
struct AccountsPage {
    ctx: StaffContext,
    members: Vec<StaffMember>,
    roles: [Role; 3],
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
    page(StatusCode::OK, ctx, NewAccountForm::default(), FieldErrors::default(), &services.db).await
}

async fn page(
    status: StatusCode,
    ctx: StaffContext,
    form: NewAccountForm,
    errors: FieldErrors,
    db: &Database,
) -> PageResult {
    let members = store::all(db.read()).await?;
    html(status, &AccountsPage { ctx, members, roles: Role::ALL, form, errors })
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
        return page(StatusCode::UNPROCESSABLE_ENTITY, ctx, form, errors, &services.db).await;
    };
    let new = NewMember { email, name: form.name.clone(), role };
    let mut tx = services.db.begin_write().await?;
    let Some(id) = store::add(&mut tx, &new, services.clock.now()).await? else {
        tx.rollback().await?;
        errors.add("email", "An account with this e-mail address already exists.");
        return page(StatusCode::UNPROCESSABLE_ENTITY, ctx, form, errors, &services.db).await;
    };
    let path = invite(&mut tx, id, services.clock.now()).await?;
    store::audit(&mut tx, services.clock.now(), &ctx.member.name, &format!("added a team member as {role}"), &new.name)
        .await?;
    ctx.set_flash(&mut tx, &set_up_link_message(&new.name, &services.http.base_url.absolute_url(&path))).await?;
    tx.commit().await?;
    Ok(see_other("/admin/staff"))
}

fn set_up_link_message(name: &str, link: &str) -> String {
    format!("Send this link to {name}. It works once, expires in 3 days and is not shown again: {link}")
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
    let member = store::find(&mut *tx, *id).await?.ok_or(PageError::NotFound)?;
    store::set_role(&mut tx, member.id, role).await?;
    let message = if store::count_admins(&mut *tx).await? == 0 {
        tx.rollback().await?;
        tx = services.db.begin_write().await?;
        LAST_ADMIN.to_owned()
    } else {
        store::audit(
            &mut tx,
            services.clock.now(),
            &ctx.member.name,
            &format!("changed the role to {role}"),
            &member.name,
        )
        .await?;
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
    let member = store::find(&mut *tx, *id).await?.ok_or(PageError::NotFound)?;
    store::set_active(&mut tx, member.id, false).await?;
    // Two admins may deactivate each other at the same time.
    if store::count_admins(&mut *tx).await? == 0 {
        return Err(PageError::BadRequest(LAST_ADMIN));
    }
    store::audit(&mut tx, services.clock.now(), &ctx.member.name, "deactivated an account", &member.name).await?;
    ctx.set_flash(&mut tx, &format!("{} has been deactivated and signed out everywhere.", member.name)).await?;
    tx.commit().await?;
    Ok(see_other("/admin/staff"))
}

/// `POST /admin/staff/{id}/activation`
pub async fn activate(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let mut tx = services.db.begin_write().await?;
    let member = store::find(&mut *tx, *id).await?.ok_or(PageError::NotFound)?;
    store::set_active(&mut tx, member.id, true).await?;
    store::audit(&mut tx, services.clock.now(), &ctx.member.name, "reactivated an account", &member.name).await?;
    ctx.set_flash(&mut tx, &format!("{} has been reactivated.", member.name)).await?;
    tx.commit().await?;
    Ok(see_other("/admin/staff"))
}

/// `POST /admin/staff/{id}/invitation`: new set-up link, for example after a forgotten password.
pub async fn resend_invitation(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let mut tx = services.db.begin_write().await?;
    let member = store::find(&mut *tx, *id).await?.filter(|member| member.active).ok_or(PageError::NotFound)?;
    let path = invite(&mut tx, member.id, services.clock.now()).await?;
    store::audit(&mut tx, services.clock.now(), &ctx.member.name, "created a set-up link", &member.name).await?;
    ctx.set_flash(&mut tx, &set_up_link_message(&member.name, &services.http.base_url.absolute_url(&path))).await?;
    tx.commit().await?;
    Ok(see_other("/admin/staff"))
}
