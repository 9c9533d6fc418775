//! Audit log: who did what and when, written in the transaction of the action.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use jiff::Timestamp;
use serde::Deserialize;

use crate::http::{PageResult, html};
use crate::services::Services;
use crate::staff::{StaffContext, store};
use crate::web::{DisplayTime, Pagination, Query};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct AuditEntry {
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub at: Timestamp,
    pub actor: String,
    pub action: String,
    pub subject: String,
    /// Number of times within one hour.
    pub times: i64,
}

impl AuditEntry {
    fn time(&self) -> DisplayTime {
        DisplayTime::in_office(self.at)
    }
}

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
