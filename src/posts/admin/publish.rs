//! Publishes, unpublishes, trashes and restores a post.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;

use crate::db::Database;
use crate::draws::{self, TokenValues};
use crate::http::{PageError, PageResult, see_other};
use crate::posts::admin::conflict::conflict;
use crate::posts::admin::edit::{EditPage, find, load_token_values};
use crate::posts::post::Post;
use crate::posts::post_form::PostForm;
use crate::posts::store;
use crate::services::Services;
use crate::staff::{self, AuditChanges, Role, StaffContext};
use crate::web::Form;

/// Version that the publisher was looking at.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ReviewedVersion {
    version: String,
}

/// `POST /admin/posts/{id}/publication`
pub async fn publish(
    ctx: StaffContext,
    id: Path<i64>,
    reviewed: Form<ReviewedVersion>,
    services: Data<Services>,
) -> PageResult {
    let post = find(&services.db, *id).await?;
    let form = PostForm::of(&post);
    let (now, version, first_published) = (services.clock.now(), post.version, post.first_published());
    let is_reviewed = reviewed.0.version.is_empty() || reviewed.0.version == form.version;
    let changes = status_change(&post, "published");
    let token_values = load_token_values(&services.db, &form).await?;
    let mut page = EditPage::new(ctx, Some(post), form, now);
    if !is_reviewed {
        // Do not publish a version that the publisher has not seen.
        return conflict(page, *id, &services).await;
    }
    page.check(&services.db).await?;
    page.errors = page.form.errors(&token_values, true);
    if !page.errors.is_empty() || !page.can_publish() {
        return page.respond(StatusCode::UNPROCESSABLE_ENTITY, &services).await;
    }
    let mut tx = services.db.begin_write().await?;
    if draws::record_version(&mut *tx).await? != page.record_version {
        tx.rollback().await?;
        return page.respond_record_changed(&services).await;
    }
    let published_at = page.form.published_at(first_published, now);
    if !store::publish(&mut tx, *id, Some(version), published_at).await? {
        tx.rollback().await?;
        return conflict(page, *id, &services).await;
    }
    let title = token_values.expand_line(&page.form.title);
    staff::audit_change(&mut tx, now, &page.ctx.member.name, "published a post", &title, &changes).await?;
    page.ctx.set_flash(&mut tx, "Published. The post is now on the site.").await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/posts/{id}")))
}

/// `POST /admin/posts/{id}/withdrawal`
pub async fn unpublish(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let post = find(&services.db, *id).await?;
    let title = rendered_title(&services.db, &post).await?;
    let mut tx = services.db.begin_write().await?;
    store::unpublish(&mut tx, post.id).await?;
    let (now, changes) = (services.clock.now(), status_change(&post, "unpublished"));
    staff::audit_change(&mut tx, now, &ctx.member.name, "unpublished a post", &title, &changes).await?;
    ctx.set_flash(&mut tx, "Unpublished. Only staff can see the post.").await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/posts/{id}")))
}

/// `POST /admin/posts/{id}/trash`
pub async fn trash(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let title = rendered_title(&services.db, &find(&services.db, *id).await?).await?;
    let mut tx = services.db.begin_write().await?;
    let post = store::find(&mut *tx, *id).await?.ok_or(PageError::NotFound)?;
    if post.is_approved() {
        ctx.member.require_role(Role::Publisher)?;
    }
    let now = services.clock.now();
    store::trash(&mut tx, post.id, now).await?;
    let changes = status_change(&post, "trash");
    staff::audit_change(&mut tx, now, &ctx.member.name, "moved a post to the trash", &title, &changes).await?;
    let flash = format!("Moved “{title}” to the trash. You can restore it at the end of this page for 30 days.");
    ctx.set_flash(&mut tx, &flash).await?;
    tx.commit().await?;
    Ok(see_other("/admin/posts"))
}

/// `POST /admin/posts/{id}/restoration`
pub async fn restore(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let post = find(&services.db, *id).await?;
    let title = rendered_title(&services.db, &post).await?;
    let mut tx = services.db.begin_write().await?;
    store::restore(&mut tx, post.id).await?;
    let (now, changes) = (services.clock.now(), status_change(&post, "draft"));
    staff::audit_change(&mut tx, now, &ctx.member.name, "restored a post", &title, &changes).await?;
    ctx.set_flash(&mut tx, "Restored as a draft.").await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/posts/{id}")))
}

/// Change of the status for the audit log.
fn status_change(before: &Post, after: &str) -> AuditChanges {
    let status = if before.trashed { "trash" } else { before.state.label() };
    AuditChanges::default().field("status", status, after)
}

/// The title with its tokens expanded.
async fn rendered_title(db: &Database, post: &Post) -> sqlx::Result<String> {
    Ok(TokenValues::for_texts(db.read(), &[&post.title]).await?.expand_line(&post.title))
}
