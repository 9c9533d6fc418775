//! Audit log page with its search.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;

use crate::http::{PageResult, html};
use crate::services::Services;
use crate::staff::StaffContext;
use crate::staff::audit::entry::AuditEntry;
use crate::staff::audit::filter::AuditQuery;
use crate::staff::audit::store;
use crate::web::{FieldErrors, Pagination, Query};

#[derive(Template)]
#[template(path = "staff/audit.html")]
struct AuditPage {
    ctx: StaffContext,
    query: AuditQuery,
    errors: FieldErrors,
    users: Vec<String>,
    entries: Vec<AuditEntry>,
    paging: Pagination,
    export_path: String,
}

/// `GET /admin/audit`
pub async fn show(ctx: StaffContext, query: Query<AuditQuery>, services: Data<Services>) -> PageResult {
    let query = query.0;
    let db = services.db.read();
    let users = store::users(db).await?;
    let export_path = query.path("/admin/audit.csv");
    let (status, errors, entries, paging) = match query.filter() {
        Ok(filter) => {
            let total = store::count(db, &filter).await?;
            let paging = Pagination::new(&query.page, total, 100, query.path("/admin/audit"))?;
            let entries = store::page(db, &filter, paging.per_page, paging.offset()).await?;
            (StatusCode::OK, FieldErrors::default(), entries, paging)
        }
        Err(errors) => {
            let none = Pagination::new("", 0, 100, "/admin/audit".into())?;
            (StatusCode::UNPROCESSABLE_ENTITY, errors, vec![], none)
        }
    };
    html(status, &AuditPage { ctx, query, errors, users, entries, paging, export_path })
}
