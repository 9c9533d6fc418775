//! Line with the next step of the set-up, on the pages where steps are done.

use actix_web::HttpMessage;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;

use crate::http::routed_path;
use crate::onboarding::checklist;
use crate::services::Services;
use crate::staff::StaffContext;
use crate::web::NextStep;

/// Areas in which steps are done.
const AREAS: [&str; 5] = ["/admin/site", "/admin/pages", "/admin/media", "/admin/posts", "/admin/staff"];

/// Middleware of `/admin` that shows admins the next step of the set-up until it is complete.
pub async fn add_next_step(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    if let Some(step) = next_step(&mut request).await {
        request.extensions_mut().insert(step);
    }
    next.call(request).await
}

async fn next_step(request: &mut ServiceRequest) -> Option<NextStep> {
    let path = routed_path(request.request());
    let is_shown = *request.method() == Method::GET && AREAS.iter().any(|area| path.starts_with(area));
    if !is_shown || !request.extract::<StaffContext>().await.is_ok_and(|ctx| ctx.member.is_admin()) {
        return None;
    }
    match checklist::load(Services::of(request.request())).await {
        Ok(checklist) => {
            let step = checklist.next()?;
            Some(NextStep { progress: checklist.progress(), label: step.label, href: step.href.clone() })
        }
        // A page that needs the database fails by itself; another is shown without the line.
        Err(error) => {
            tracing::error!("cannot read the set-up checklist: {error} (DATA_DIR)");
            None
        }
    }
}
