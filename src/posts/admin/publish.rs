//! What becomes of a post as a whole: publish, withdraw, bin and bring back.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;

use crate::db::Database;
use crate::draws::{self, TokenValues};
use crate::http::{PageError, PageResult, see_other};
use crate::posts::admin::edit::{EditPage, conflict, find, load_token_values};
use crate::posts::post::PostForm;
use crate::posts::{Post, store};
use crate::services::Services;
use crate::staff::{self, Role, StaffContext};
use crate::web::Form;

/// Which text the member of staff had before their eyes.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ReviewedText {
    version: String,
}

/// `POST /admin/posts/{id}/publication`
pub async fn publish(
    ctx: StaffContext,
    id: Path<i64>,
    reviewed: Form<ReviewedText>,
    services: Data<Services>,
) -> PageResult {
    let post = find(&services.db, *id).await?;
    let form = PostForm::of(&post);
    let (now, version) = (services.clock.now(), post.version);
    let is_reviewed = reviewed.0.version.is_empty() || reviewed.0.version == form.version;
    let token_values = load_token_values(&services.db, &form).await?;
    let mut page = EditPage::new(ctx, Some(post), form, now);
    if !is_reviewed {
        // Readers must not see a text that nobody has looked at.
        return conflict(page, *id, &services.db).await;
    }
    page.check(&services.db).await?;
    page.errors = page.form.errors(&token_values, true);
    if !page.errors.is_empty() || !page.can_publish() {
        return page.respond(StatusCode::UNPROCESSABLE_ENTITY, &services.db).await;
    }
    let mut tx = services.db.begin_write().await?;
    if draws::record_version(&mut *tx).await? != page.record_version {
        tx.rollback().await?;
        return page.respond_record_changed(&services.db).await;
    }
    if !store::publish_version(&mut tx, *id, version, now).await? {
        tx.rollback().await?;
        return conflict(page, *id, &services.db).await;
    }
    let title = token_values.expand_line(&page.form.title);
    staff::audit(&mut tx, now, &page.ctx.member.name, "published a post", &title).await?;
    page.ctx.set_flash(&mut tx, "Published. Readers see it now.").await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/posts/{id}")))
}

/// `POST /admin/posts/{id}/withdrawal`
pub async fn unpublish(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let post = find(&services.db, *id).await?;
    let title = rendered_title(&services.db, &post).await?;
    let mut tx = services.db.begin_write().await?;
    store::unpublish(&mut tx, post.id).await?;
    staff::audit(&mut tx, services.clock.now(), &ctx.member.name, "withdrew a post", &title).await?;
    ctx.set_flash(&mut tx, "Withdrawn. It is a draft again, and only staff see it.").await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/posts/{id}")))
}

/// `POST /admin/posts/{id}/trash`
pub async fn trash(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let title = rendered_title(&services.db, &find(&services.db, *id).await?).await?;
    let mut tx = services.db.begin_write().await?;
    let post = store::find(&mut *tx, *id).await?.ok_or(PageError::NotFound)?;
    if post.is_public() {
        ctx.member.require_role(Role::Publisher)?;
    }
    store::trash(&mut tx, post.id, services.clock.now()).await?;
    staff::audit(&mut tx, services.clock.now(), &ctx.member.name, "put a post into the bin", &title).await?;
    ctx.set_flash(&mut tx, &format!("“{}” is in the bin, at the end of this page. It can be brought back.", title))
        .await?;
    tx.commit().await?;
    Ok(see_other("/admin/posts"))
}

/// `POST /admin/posts/{id}/restoration`
pub async fn restore(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let post = find(&services.db, *id).await?;
    let title = rendered_title(&services.db, &post).await?;
    let mut tx = services.db.begin_write().await?;
    store::restore(&mut tx, post.id).await?;
    staff::audit(&mut tx, services.clock.now(), &ctx.member.name, "took a post out of the bin", &title).await?;
    ctx.set_flash(&mut tx, "Brought back as a draft.").await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/posts/{id}")))
}

/// Its title with the figures of the record.
async fn rendered_title(db: &Database, post: &Post) -> sqlx::Result<String> {
    Ok(TokenValues::for_texts(db.read(), &[&post.title]).await?.expand_line(&post.title))
}
