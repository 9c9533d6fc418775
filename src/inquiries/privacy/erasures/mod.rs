//! Erasing, and the erasure log: that something was erased, when and by whom, without what it was.

mod store;

pub use store::{
    Erasure, any_old_digest, erase, erase_letters_to, erase_old_digests, erasures_since, forget_refusal, note_erasure,
};

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

use crate::db::Database;
use crate::inquiries::Shredder;
use crate::inquiries::privacy::subject::Subject;
use crate::staff::Desk;
use crate::web::{Instant, PageResult, Paging, Query, html, one_line, plural};

#[derive(Template)]
#[template(path = "inquiries/admin_erasures.html")]
struct LogPage {
    desk: Desk,
    q: String,
    /// What the log says of what was asked about.
    answer: Vec<String>,
    lines: Vec<Line>,
    paging: Paging,
}

struct Line {
    when: Instant,
    actor: String,
    why: &'static str,
    hash: String,
    counts: String,
}

impl From<Erasure> for Line {
    fn from(erasure: Erasure) -> Self {
        let inquiries = plural(erasure.inquiries, "inquiry", "inquiries");
        Self {
            when: Instant::in_office(erasure.at),
            why: erasure.why.words(),
            hash: erasure.subject_hash.chars().take(12).collect(),
            counts: format!("{inquiries}, {}", plural(erasure.letters, "letter", "letters")),
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
pub async fn list(desk: Desk, query: Query<LogQuery>, db: Data<Database>, shredder: Data<Shredder>) -> PageResult {
    let LogQuery { q, page } = query.0;
    let answer = match Subject::read(&q) {
        Some(subject) => answer(store::erasures_of(db.read(), &shredder.hashes(&subject)).await?),
        None => vec![],
    };
    let total = store::count_erasures(db.read()).await?;
    let paging = Paging::new(&page, total, 50, "/admin/inquiries/erasures".into())?;
    let lines = store::erasures(db.read(), paging.per_page, paging.offset()).await?;
    let lines = lines.into_iter().map(Line::from).collect();
    html(StatusCode::OK, &LogPage { desk, q, answer, lines, paging })
}

fn answer(found: Vec<Erasure>) -> Vec<String> {
    if found.is_empty() {
        return vec!["The log has no erasure of it.".into()];
    }
    let sentence = |line: Line| format!("Erased {} by {}: {} ({}).", line.when.text, line.actor, line.counts, line.why);
    found.into_iter().map(|erasure| sentence(erasure.into())).collect()
}
