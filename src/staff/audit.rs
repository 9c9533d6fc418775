//! Audit log page.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

use crate::http::{PageResult, html};
use crate::services::Services;
use crate::staff::{AuditEntry, StaffContext, store};
use crate::web::{Pagination, Query};

#[derive(Template)]
#[template(path = "staff/audit.html")]
struct AuditPage {
    ctx: StaffContext,
    entries: Vec<AuditEntry>,
    paging: Pagination,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct AuditQuery {
    page: String,
}

/// `GET /admin/audit`
pub async fn show(ctx: StaffContext, query: Query<AuditQuery>, services: Data<Services>) -> PageResult {
    let total = store::count_audit_entries(services.db.read()).await?;
    let paging = Pagination::new(&query.0.page, total, 100, "/admin/audit".into())?;
    let entries = store::audit_entries(services.db.read(), paging.per_page, paging.offset()).await?;
    html(StatusCode::OK, &AuditPage { ctx, entries, paging })
}
