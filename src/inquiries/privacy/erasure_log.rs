//! Erasure log page: what was deleted, when, by whom and why, without the data itself.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

use crate::http::{PageResult, html};
use crate::inquiries::privacy::erasures::{self, Erasure};
use crate::inquiries::privacy::subject::Subject;
use crate::services::Services;
use crate::staff::StaffContext;
use crate::web::{DisplayTime, Pagination, Query, one_line, plural};

#[derive(Template)]
#[template(path = "inquiries/admin_erasures.html")]
struct LogPage {
    ctx: StaffContext,
    q: String,
    lookup_results: Vec<String>,
    entries: Vec<LogRow>,
    paging: Pagination,
}

struct LogRow {
    when: DisplayTime,
    actor: String,
    reason: &'static str,
    hash: String,
    counts: String,
}

impl From<Erasure> for LogRow {
    fn from(erasure: Erasure) -> Self {
        let inquiries = plural(erasure.inquiries, "inquiry", "inquiries");
        Self {
            when: DisplayTime::in_office(erasure.at),
            reason: erasure.reason.label(),
            hash: erasure.subject_hash.chars().take(12).collect(),
            counts: format!("{inquiries}, {}", plural(erasure.emails, "e-mail", "e-mails")),
            actor: erasure.actor,
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct LogQuery {
    #[serde(deserialize_with = "one_line")]
    q: String,
    page: String,
}

/// `GET /admin/inquiries/erasures?q=&page=`
pub async fn list(ctx: StaffContext, query: Query<LogQuery>, services: Data<Services>) -> PageResult {
    let LogQuery { q, page } = query.0;
    let lookup_results = match Subject::parse(&q) {
        Some(subject) => {
            describe_lookup(erasures::erasures_of(services.db.read(), &services.eraser.hashes(&subject)).await?)
        }
        None => vec![],
    };
    let total = erasures::count_erasures(services.db.read()).await?;
    let paging = Pagination::new(&page, total, 50, "/admin/inquiries/erasures".into())?;
    let erasures = erasures::erasures(services.db.read(), paging.per_page, paging.offset()).await?;
    let entries = erasures.into_iter().map(LogRow::from).collect();
    html(StatusCode::OK, &LogPage { ctx, q, lookup_results, entries, paging })
}

fn describe_lookup(found: Vec<Erasure>) -> Vec<String> {
    if found.is_empty() {
        return vec!["No erasure found.".into()];
    }
    let sentence = |row: LogRow| format!("Erased {} by {}: {} ({}).", row.when.text, row.actor, row.counts, row.reason);
    found.into_iter().map(|erasure| sentence(erasure.into())).collect()
}
