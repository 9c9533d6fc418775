//! Actions of the set-up checklist.

use actix_web::web::{Data, Path};

use crate::http::{PageError, PageResult, see_other};
use crate::onboarding::checklist::{self, Step};
use crate::onboarding::store;
use crate::services::Services;
use crate::staff::{self, StaffContext};

/// `POST /admin/onboarding/{step}/confirmation`: keeps a sample, or leaves out a step.
pub async fn confirm(ctx: StaffContext, step: Path<String>, services: Data<Services>) -> PageResult {
    let checklist = checklist::load(&services).await?;
    let step = checklist.0.iter().find(|known| known.key == step.as_str()).ok_or(PageError::NotFound)?;
    let flash = format!("Marked as done: {}.", step.label);
    write(&ctx, &[step], &flash, &services).await
}

/// `POST /admin/onboarding/confirmation`: marks all steps as done, so that the checklist is no longer shown.
pub async fn confirm_all(ctx: StaffContext, services: Data<Services>) -> PageResult {
    let checklist = checklist::load(&services).await?;
    let open: Vec<&Step> = checklist.0.iter().filter(|step| !step.is_done()).collect();
    write(&ctx, &open, "Checklist hidden. Everything in it is still under Settings, Pages and Staff.", &services).await
}

async fn write(ctx: &StaffContext, steps: &[&Step], flash: &str, services: &Services) -> PageResult {
    let (by, now) = (&ctx.member.name, services.clock.now());
    let keys: Vec<&str> = steps.iter().map(|step| step.key).collect();
    let labels: Vec<&str> = steps.iter().map(|step| step.label).collect();
    let mut tx = services.db.begin_write().await?;
    store::confirm(&mut tx, &keys, by, now).await?;
    staff::audit(&mut tx, now, by, "confirmed steps of the set-up", &labels.join(", ")).await?;
    ctx.set_flash(&mut tx, flash).await?;
    tx.commit().await?;
    Ok(see_other("/admin"))
}
