//! Page of one picture: alternative text, Markdown to copy, uses, trash.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;
use validator::Validate;

use crate::db::Database;
use crate::http::{PageError, PageResult, html, see_other};
use crate::media::admin::list::{deletion_day, details};
use crate::media::store::{self, MediaItem, PictureUse};
use crate::services::Services;
use crate::staff::{self, AuditChanges, StaffContext};
use crate::web::{DisplayTime, FieldErrors, Form, one_line};

#[derive(Template)]
#[template(path = "media/admin_show.html")]
struct ShowPage {
    ctx: StaffContext,
    item: MediaItem,
    form: AltForm,
    errors: FieldErrors,
    uses: Vec<PictureUse>,
    details: String,
    uploaded: DisplayTime,
    /// Day of deletion; `None` unless the picture is in the trash.
    deletes_on: Option<String>,
    markdown: String,
}

#[derive(Default, Deserialize, Validate)]
#[serde(default)]
pub struct AltForm {
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 500, message = "The alternative text must be 500 characters or fewer."))]
    alt: String,
}

/// `GET /admin/media/{id}`
pub async fn show(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let item = find(&services.db, *id).await?;
    let form = AltForm { alt: item.alt.clone() };
    respond(StatusCode::OK, ctx, item, form, FieldErrors::default(), &services.db).await
}

/// `POST /admin/media/{id}`: saves the suggested alternative text.
pub async fn save(ctx: StaffContext, id: Path<i64>, form: Form<AltForm>, services: Data<Services>) -> PageResult {
    let (item, form) = (find(&services.db, *id).await?, form.0);
    let errors = FieldErrors::of(&form, &["alt"]);
    if !errors.is_empty() {
        return respond(StatusCode::UNPROCESSABLE_ENTITY, ctx, item, form, errors, &services.db).await;
    }
    let mut tx = services.db.begin_write().await?;
    store::set_alt(&mut tx, item.id, &form.alt).await?;
    let changes = AuditChanges::default().field("alternative text", &item.alt, &form.alt);
    audit(&mut tx, &ctx, &services, "changed the alternative text of a picture", &item, changes).await?;
    ctx.set_flash(&mut tx, "Alternative text saved.").await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/media/{id}")))
}

/// `GET /admin/media/{id}/preview`: the smallest file, also of a picture in the trash.
pub async fn preview(id: Path<i64>, services: Data<Services>) -> PageResult {
    let content = store::smallest_jpeg(services.db.read(), *id).await?.ok_or(PageError::NotFound)?;
    Ok(HttpResponse::Ok().content_type("image/jpeg").body(content))
}

/// `POST /admin/media/{id}/trash`
pub async fn trash(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let item = find(&services.db, *id).await?;
    let mut tx = services.db.begin_write().await?;
    if !store::trash(&mut tx, item.id, services.clock.now()).await? {
        tx.rollback().await?;
        let mut errors = FieldErrors::default();
        errors.add("uses", "This picture is in use. Remove it from the posts and pages below first.");
        let form = AltForm { alt: item.alt.clone() };
        return respond(StatusCode::CONFLICT, ctx, item, form, errors, &services.db).await;
    }
    let changes = AuditChanges::default().field("status", "in the library", "trash");
    audit(&mut tx, &ctx, &services, "moved a picture to the trash", &item, changes).await?;
    ctx.set_flash(&mut tx, &format!("Moved {} to the trash. You can restore it there.", item.file_name)).await?;
    tx.commit().await?;
    Ok(see_other("/admin/media"))
}

/// `POST /admin/media/{id}/restoration`
pub async fn restore(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let item = find(&services.db, *id).await?;
    let mut tx = services.db.begin_write().await?;
    store::restore(&mut tx, item.id).await?;
    let changes = AuditChanges::default().field("status", "trash", "in the library");
    audit(&mut tx, &ctx, &services, "restored a picture", &item, changes).await?;
    ctx.set_flash(&mut tx, "Restored.").await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/media/{id}")))
}

async fn find(db: &Database, id: i64) -> Result<MediaItem, PageError> {
    store::find(db.read(), id).await?.ok_or(PageError::NotFound)
}

async fn audit(
    tx: &mut sqlx::SqliteConnection,
    ctx: &StaffContext,
    services: &Services,
    action: &str,
    item: &MediaItem,
    changes: AuditChanges,
) -> sqlx::Result<()> {
    staff::audit_change(tx, services.clock.now(), &ctx.member.name, action, &item.file_name, &changes).await
}

async fn respond(
    status: StatusCode,
    ctx: StaffContext,
    item: MediaItem,
    form: AltForm,
    errors: FieldErrors,
    db: &Database,
) -> PageResult {
    let page = ShowPage {
        uses: store::uses(db.read(), &item.picture.hash).await?,
        details: details(&item),
        uploaded: DisplayTime::in_office(item.uploaded_at),
        deletes_on: deletion_day(&item).map(|day| day.text),
        markdown: item.picture.markdown(&item.alt),
        ctx,
        item,
        form,
        errors,
    };
    html(status, &page)
}
