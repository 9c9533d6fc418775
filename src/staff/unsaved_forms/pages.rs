//! Page with all fields of a stored form, for forms that their page no longer contains, and "Discard".

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;

use crate::http::{PageError, PageResult, html, see_other};
use crate::services::Services;
use crate::staff::StaffContext;
use crate::staff::unsaved_forms::store::{self, UnsavedForm};
use crate::staff::unsaved_forms::{token_hash, with_form_id};
use crate::web::DisplayTime;

#[derive(Template)]
#[template(path = "staff/unsaved_form.html")]
struct UnsavedFormPage {
    ctx: StaffContext,
    id: i64,
    sent: DisplayTime,
    page: String,
    action: String,
    fields: Vec<(String, String)>,
    file_names: Vec<String>,
}

/// `GET /admin/unsaved-forms/{id}`
pub async fn show(request: HttpRequest, ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let UnsavedForm { id, page, action, fields, file_names, sent_at } = find(&request, &ctx, *id, &services).await?;
    let action = with_form_id(&action, id);
    let sent = DisplayTime::in_office(sent_at);
    html(StatusCode::OK, &UnsavedFormPage { ctx, id, sent, page, action, fields, file_names })
}

/// `POST /admin/unsaved-forms/{id}/removal`
pub async fn discard(request: HttpRequest, ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let form = find(&request, &ctx, *id, &services).await?;
    let token = token_hash(&request).unwrap_or_default();
    let mut tx = services.db.begin_write().await?;
    store::delete(&mut tx, form.id, &token, ctx.member.id).await?;
    ctx.set_flash(&mut tx, "Discarded what was entered before you signed in.").await?;
    tx.commit().await?;
    Ok(see_other(&form.page))
}

async fn find(
    request: &HttpRequest,
    ctx: &StaffContext,
    id: i64,
    services: &Services,
) -> Result<UnsavedForm, PageError> {
    let token = token_hash(request).ok_or(PageError::NotFound)?;
    let found = store::find(services.db.read(), id, &token, ctx.member.id, services.clock.now()).await?;
    found.ok_or(PageError::NotFound)
}
