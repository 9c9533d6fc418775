//! The audit log: who did what and when, written with the deed itself.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use jiff::Timestamp;
use serde::Deserialize;

use crate::db::Database;
use crate::staff::{Desk, store};
use crate::web::{Instant, PageResult, Paging, Query, html};

/// One deed.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Entry {
    /// When.
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub subject: String,
    /// How often within an hour.
    pub times: i64,
}

impl Entry {
    fn when(&self) -> Instant {
        Instant::in_office(self.at)
    }
}

#[derive(Template)]
#[template(path = "staff/audit.html")]
struct AuditPage {
    desk: Desk,
    entries: Vec<Entry>,
    paging: Paging,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct AuditQuery {
    page: String,
}

/// `GET /admin/audit`
pub async fn show(desk: Desk, query: Query<AuditQuery>, db: Data<Database>) -> PageResult {
    let total = store::count_notes(db.read()).await?;
    let paging = Paging::new(&query.0.page, total, 100, "/admin/audit".into())?;
    let entries = store::notes(db.read(), paging.per_page, paging.offset()).await?;
    html(StatusCode::OK, &AuditPage { desk, entries, paging })
}
