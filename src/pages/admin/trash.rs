//! Unpublishes a page, moves it to the trash after a confirmation, and restores it.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use sqlx::SqliteConnection;

use crate::db::Database;
use crate::http::{PageError, PageResult, html, see_other};
use crate::pages::page::Page;
use crate::pages::slugs::is_fixed;
use crate::pages::store;
use crate::services::Services;
use crate::staff::{self, AuditChanges, Role, StaffContext};

const IS_FIXED: PageError =
    PageError::BadRequest("Forms and other sites link to this page, so it must stay public. You can change its text.");

#[derive(Template)]
#[template(path = "pages/admin_trash.html")]
struct TrashPage {
    ctx: StaffContext,
    page: Page,
}

/// `GET /admin/pages/{id}/trash`: asks for confirmation.
pub async fn confirm_trash(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let page = find_removable(&services.db, *id, &ctx).await?;
    html(StatusCode::OK, &TrashPage { ctx, page })
}

/// `POST /admin/pages/{id}/trash`
pub async fn trash(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let page = find_removable(&services.db, *id, &ctx).await?;
    let mut tx = services.db.begin_write().await?;
    // It may have been published in the meantime.
    let is_public = store::find(&mut *tx, *id).await?.is_some_and(|page| page.is_public());
    if is_public {
        ctx.member.require_role(Role::Publisher)?;
    }
    store::trash(&mut tx, page.id, services.clock.now()).await?;
    audit_status(&mut tx, &ctx, &services, "moved a page to the trash", &page, "trash").await?;
    let flash = format!("Moved “{}” to the trash. You can restore it for 30 days.", page.title);
    ctx.set_flash(&mut tx, &flash).await?;
    tx.commit().await?;
    Ok(see_other("/admin/pages"))
}

/// The page, if this member may move it to the trash.
async fn find_removable(db: &Database, id: i64, ctx: &StaffContext) -> Result<Page, PageError> {
    let page = find(db, id).await?;
    if page.is_public() {
        ctx.member.require_role(Role::Publisher)?;
    }
    if is_fixed(&page.slug) { Err(IS_FIXED) } else { Ok(page) }
}

/// `POST /admin/pages/{id}/restoration`
pub async fn restore(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let page = find(&services.db, *id).await?;
    let mut tx = services.db.begin_write().await?;
    store::restore(&mut tx, page.id).await?;
    audit_status(&mut tx, &ctx, &services, "restored a page", &page, "draft").await?;
    ctx.set_flash(&mut tx, "Restored as a draft.").await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/pages/{id}")))
}

/// `POST /admin/pages/{id}/withdrawal`
pub async fn unpublish(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let page = find(&services.db, *id).await?;
    if is_fixed(&page.slug) {
        return Err(IS_FIXED);
    }
    let mut tx = services.db.begin_write().await?;
    store::unpublish(&mut tx, page.id).await?;
    audit_status(&mut tx, &ctx, &services, "unpublished a page", &page, "draft").await?;
    ctx.set_flash(&mut tx, "Unpublished. The page is a draft again, and only staff can see it.").await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/pages/{id}")))
}

async fn find(db: &Database, id: i64) -> Result<Page, PageError> {
    store::find(db.read(), id).await?.ok_or(PageError::NotFound)
}

/// Records a change of the status of a page.
async fn audit_status(
    tx: &mut SqliteConnection,
    ctx: &StaffContext,
    services: &Services,
    action: &str,
    page: &Page,
    after: &str,
) -> sqlx::Result<()> {
    let before = match (page.trashed, page.is_public()) {
        (true, _) => "trash",
        (false, true) => "published",
        (false, false) => "draft",
    };
    let changes = AuditChanges::default().field("status", before, after);
    staff::audit_change(tx, services.clock.now(), &ctx.member.name, action, &page.title, &changes).await
}
