//! 404 page for an unknown code, with similar codes.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use crate::db::Database;
use crate::http::{PageError, html};
use crate::occupations::directory::combined::{UnknownCode, unknown_code};
use crate::occupations::directory::list::Noc2016Group;
use crate::occupations::directory::store;
use crate::web::Layout;

#[derive(Template)]
#[template(path = "occupations/not_found.html")]
struct NotFoundPage {
    layout: Layout,
    code: String,
    old: Option<Noc2016Group>,
    unknown: Option<UnknownCode>,
}

/// Suggests occupations for a NOC 2016 code or an unknown code; a plain 404 if there are none.
pub async fn not_found(db: &Database, layout: Layout, code: &str) -> Result<HttpResponse, PageError> {
    if !(4..=5).contains(&code.len()) || !code.bytes().all(|b| b.is_ascii_digit()) {
        return Err(PageError::NotFound);
    }
    let old = Noc2016Group::group_rows(store::successors(db.read(), &[code.to_owned()]).await?).pop();
    let unknown = unknown_code(db.read(), code).await?;
    if old.is_none() && unknown.as_ref().is_none_or(|unknown| unknown.groups.is_empty()) {
        return Err(PageError::NotFound);
    }
    html(StatusCode::NOT_FOUND, &NotFoundPage { layout, code: code.to_owned(), old, unknown })
}
