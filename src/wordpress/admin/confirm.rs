//! Confirmation and cancellation of an import.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};

use crate::http::{PageResult, see_other};
use crate::services::Services;
use crate::staff::StaffContext;
use crate::web::Form;
use crate::wordpress::admin::confirm_form::ConfirmForm;
use crate::wordpress::admin::show::{find, load, respond_with_report};
use crate::wordpress::apply::{ErrorDecision, rejection_reason};
use crate::wordpress::store::{self, ImportState};
use crate::wordpress::work_folder::WorkFolder;

/// `POST /admin/posts/import/{id}`: confirms the report. A background task imports everything or nothing.
pub async fn import(ctx: StaffContext, id: Path<i64>, form: Form<ConfirmForm>, services: Data<Services>) -> PageResult {
    let form = form.0;
    let import = find(*id, &services).await?;
    let page = see_other(&format!("/admin/posts/import/{id}"));
    if import.state != ImportState::Ready {
        // The form was submitted twice, or somebody else was faster: the page shows what happens.
        return Ok(page);
    }
    let decision = form.decision();
    let refused = match load(&import, &services) {
        Ok(plan) if plan.fingerprint() == form.fingerprint => {
            rejection_reason(&plan, &decision).map(|reason| (StatusCode::UNPROCESSABLE_ENTITY, reason))
        }
        _ => Some((StatusCode::CONFLICT, "The report has changed. Check the new one, then choose Import.".to_owned())),
    };
    if let Some((status, error)) = refused {
        return respond_with_report(ctx, import, status, form, error, &services);
    }
    let decision = match &decision {
        ErrorDecision::Keep(reason) => ("keep", reason.as_str()),
        ErrorDecision::Drafts => ("drafts", ""),
        ErrorDecision::Open => ("", ""),
    };
    let mut tx = services.db.begin_write().await?;
    store::confirm(&mut tx, *id, decision, &ctx.member.name).await?;
    tx.commit().await?;
    Ok(page)
}

/// `POST /admin/posts/import/{id}/cancellation`: ends an import. Nothing is imported.
pub async fn cancel(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let import = find(*id, &services).await?;
    let notice = format!("{} cancelled the import. Nothing was imported.", ctx.member.name);
    let mut tx = services.db.begin_write().await?;
    let is_cancelled = store::end(&mut tx, *id, (None, ImportState::Cancelled), &notice, services.clock.now()).await?;
    if !is_cancelled && import.is_open() {
        ctx.set_flash(&mut tx, "The import had already ended.").await?;
    }
    tx.commit().await?;
    // While a task works in the folder, the task deletes it.
    if is_cancelled && services.db.lock_import()?.is_some() {
        WorkFolder::open(&services.imports.folder, &import.folder).delete();
    }
    Ok(see_other(&format!("/admin/posts/import/{id}")))
}
