//! Admin page for the settings, for admins only.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

use crate::http::{PageResult, html, see_other};
use crate::media;
use crate::services::Services;
use crate::site::{SiteSettings, store};
use crate::staff::{self, AuditChanges, StaffContext};
use crate::web::{FieldErrors, Form, Query, picture_address};

#[derive(Template)]
#[template(path = "site/admin_settings.html")]
struct SettingsPage {
    ctx: StaffContext,
    settings: SiteSettings,
    errors: FieldErrors,
    conflict: bool,
    /// Addresses and file names of the newest pictures, as suggestions for the logo.
    new_pictures: Vec<(String, String)>,
    inbox_set_by_operator: bool,
    sender_set_by_operator: bool,
}

#[derive(Deserialize)]
pub struct SettingsForm {
    #[serde(flatten)]
    settings: SiteSettings,
    #[serde(default)]
    version: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct SettingsQuery {
    /// Address of a picture to use as the logo, from its page in Media.
    logo: String,
}

/// `GET /admin/site`
pub async fn show(ctx: StaffContext, query: Query<SettingsQuery>, services: Data<Services>) -> PageResult {
    let mut settings = store::find(services.db.read()).await?;
    if !query.0.logo.is_empty() {
        settings.logo = query.0.logo;
    }
    settings_page(StatusCode::OK, ctx, settings, FieldErrors::default(), false, &services).await
}

/// `POST /admin/site`
pub async fn save(ctx: StaffContext, form: Form<SettingsForm>, services: Data<Services>) -> PageResult {
    let SettingsForm { mut settings, version } = form.0;
    settings.version = version.parse().unwrap_or_default();
    settings.logo = picture_address(&settings.logo).to_owned();
    let mut errors = FieldErrors::of(&settings, &SiteSettings::FIELDS);
    settings.hours.check(&mut errors);
    if !settings.logo.is_empty() {
        let pictures = media::pictures_in(services.db.read(), &[&settings.logo]).await?;
        match pictures.find(&settings.logo) {
            Some(picture) => settings.logo = picture.address(),
            None => errors.add("logo", "This picture is not in Media. Open it in Media and choose Use as logo."),
        }
    }
    if !errors.is_empty() {
        return settings_page(StatusCode::UNPROCESSABLE_ENTITY, ctx, settings, errors, false, &services).await;
    }
    let mut tx = services.db.begin_write().await?;
    let before = store::find(&mut *tx).await?;
    if !store::replace(&mut tx, &settings, services.clock.now()).await? {
        tx.rollback().await?;
        settings.version = store::find(services.db.read()).await?.version;
        return settings_page(StatusCode::CONFLICT, ctx, settings, errors, true, &services).await;
    }
    let (now, changes) = (services.clock.now(), AuditChanges::between(&before, &settings));
    staff::audit_change(&mut tx, now, &ctx.member.name, "changed the settings", &settings.name, &changes).await?;
    ctx.set_flash(&mut tx, "Settings saved. The changes are live.").await?;
    tx.commit().await?;
    Ok(see_other("/admin/site"))
}

async fn settings_page(
    status: StatusCode,
    ctx: StaffContext,
    settings: SiteSettings,
    errors: FieldErrors,
    conflict: bool,
    services: &Services,
) -> PageResult {
    let new_pictures = media::newest_addresses(services.db.read(), 30).await?;
    let inbox_set_by_operator = !services.mail_settings.staff_inbox.is_empty();
    let sender_set_by_operator = services.mail_settings.mail_from.is_some();
    html(
        status,
        &SettingsPage { ctx, settings, errors, conflict, new_pictures, inbox_set_by_operator, sender_set_by_operator },
    )
}
