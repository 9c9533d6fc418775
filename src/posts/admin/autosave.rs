//! Stores the text of an open editor, and offers it when the editor is opened again.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use jiff::Timestamp;
use serde_json::json;

use crate::db::Database;
use crate::editing::{Autosave, delete_autosave, save_autosave, stored_autosaves};
use crate::http::{PageError, PageResult, see_other};
use crate::posts::admin::changes::{FieldChange, changes};
use crate::posts::post::{Post, RevisionSummary};
use crate::posts::post_form::PostForm;
use crate::posts::store;
use crate::services::Services;
use crate::staff::StaffContext;
use crate::web::{DisplayTime, Form};

/// Unsaved text that the editor of a post or page offers.
pub struct OfferedAutosave {
    pub id: i64,
    pub saved: DisplayTime,
    /// Title of a new document; empty otherwise.
    pub title: String,
    /// Current version, if the document was saved after the editor was opened.
    pub newer: Option<RevisionSummary>,
    /// Differences between the saved document and the unsaved text; empty for a new one.
    pub changes: Vec<FieldChange>,
}

/// `POST /admin/posts/new/autosave`
pub async fn autosave_new(ctx: StaffContext, form: Form<PostForm>, services: Data<Services>) -> PageResult {
    autosave(&ctx, None, &form.0, &services).await
}

/// `POST /admin/posts/{id}/autosave`
pub async fn autosave_post(
    ctx: StaffContext,
    id: Path<i64>,
    form: Form<PostForm>,
    services: Data<Services>,
) -> PageResult {
    let post = store::find(services.db.read(), *id).await?.ok_or(PageError::NotFound)?;
    autosave(&ctx, Some(post.id), &form.0, &services).await
}

async fn autosave(ctx: &StaffContext, post_id: Option<i64>, form: &PostForm, services: &Services) -> PageResult {
    let mut tx = services.db.begin_write().await?;
    let id = save_autosave(&mut tx, post_id, ctx.member.id, form, services.clock.now()).await?;
    tx.commit().await?;
    Ok(HttpResponse::Ok().content_type("application/json").body(json!({ "id": id }).to_string()))
}

/// `POST /admin/posts/autosaves/{id}/removal`
pub async fn discard_autosave(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let mut tx = services.db.begin_write().await?;
    let post_id = delete_autosave::<PostForm>(&mut tx, *id, ctx.member.id).await?.ok_or(PageError::NotFound)?;
    ctx.set_flash(&mut tx, "Unsaved text discarded.").await?;
    tx.commit().await?;
    Ok(see_other(&post_id.map_or_else(|| "/admin/posts/new".to_owned(), |id| format!("/admin/posts/{id}"))))
}

/// Unsaved text of this staff member that differs from the saved post.
pub async fn offered_autosaves(
    db: &Database,
    post: Option<&Post>,
    staff_id: i64,
    now: Timestamp,
) -> Result<Vec<OfferedAutosave>, PageError> {
    let mut offered = vec![];
    for autosave in stored_autosaves::<PostForm>(db.read(), post.map(|post| post.id), staff_id, now).await? {
        let Autosave { id, base_version, fields, saved_at } = autosave;
        let saved = DisplayTime::in_office(saved_at);
        let Some(post) = post else {
            if !fields.texts().iter().all(|(_, text)| text.is_empty()) {
                offered.push(OfferedAutosave { id, saved, title: fields.title, newer: None, changes: vec![] });
            }
            continue;
        };
        let changes = changes(PostForm::of(post), fields).await?;
        if changes.is_empty() {
            continue;
        }
        let newer = match post.version == base_version {
            true => None,
            false => store::revision(db.read(), post.id, post.version).await?.map(|revision| revision.meta),
        };
        offered.push(OfferedAutosave { id, saved, title: String::new(), newer, changes });
    }
    Ok(offered)
}
