//! Stores the text of an open page editor, and offers it when the editor is opened again.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use jiff::Timestamp;
use serde_json::json;

use crate::db::Database;
use crate::editing::{Autosave, delete_autosave, save_autosave, stored_autosaves};
use crate::http::{PageError, PageResult, see_other};
use crate::pages::admin::changes::changes;
use crate::pages::page::Page;
use crate::pages::page_form::PageForm;
use crate::pages::store;
use crate::posts::OfferedAutosave;
use crate::services::Services;
use crate::staff::StaffContext;
use crate::web::{DisplayTime, Form};

/// `POST /admin/pages/new/autosave`
pub async fn autosave_new(ctx: StaffContext, form: Form<PageForm>, services: Data<Services>) -> PageResult {
    autosave(&ctx, None, &form.0, &services).await
}

/// `POST /admin/pages/{id}/autosave`
pub async fn autosave_page(
    ctx: StaffContext,
    id: Path<i64>,
    form: Form<PageForm>,
    services: Data<Services>,
) -> PageResult {
    let page = store::find(services.db.read(), *id).await?.ok_or(PageError::NotFound)?;
    autosave(&ctx, Some(page.id), &form.0, &services).await
}

async fn autosave(ctx: &StaffContext, page_id: Option<i64>, form: &PageForm, services: &Services) -> PageResult {
    let mut tx = services.db.begin_write().await?;
    let id = save_autosave(&mut tx, page_id, ctx.member.id, form, services.clock.now()).await?;
    tx.commit().await?;
    Ok(HttpResponse::Ok().content_type("application/json").body(json!({ "id": id }).to_string()))
}

/// `POST /admin/pages/autosaves/{id}/removal`
pub async fn discard_autosave(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let mut tx = services.db.begin_write().await?;
    let page_id = delete_autosave::<PageForm>(&mut tx, *id, ctx.member.id).await?.ok_or(PageError::NotFound)?;
    ctx.set_flash(&mut tx, "Unsaved text discarded.").await?;
    tx.commit().await?;
    Ok(see_other(&page_id.map_or_else(|| "/admin/pages/new".to_owned(), |id| format!("/admin/pages/{id}"))))
}

/// Unsaved text of this staff member that differs from the saved page.
pub async fn offered_autosaves(
    db: &Database,
    page: Option<&Page>,
    staff_id: i64,
    now: Timestamp,
) -> Result<Vec<OfferedAutosave>, PageError> {
    let mut offered = vec![];
    for autosave in stored_autosaves::<PageForm>(db.read(), page.map(|page| page.id), staff_id, now).await? {
        let Autosave { id, base_version, fields, saved_at } = autosave;
        let saved = DisplayTime::in_office(saved_at);
        let Some(page) = page else {
            if !fields.text.texts().iter().all(|(_, text)| text.is_empty()) {
                offered.push(OfferedAutosave { id, saved, title: fields.text.title, newer: None, changes: vec![] });
            }
            continue;
        };
        let changes = changes(PageForm::of(page), fields).await?;
        if changes.is_empty() {
            continue;
        }
        let newer = match page.version == base_version {
            true => None,
            false => store::revision(db.read(), page.id, page.version).await?.map(|revision| revision.meta),
        };
        offered.push(OfferedAutosave { id, saved, title: String::new(), newer, changes });
    }
    Ok(offered)
}
