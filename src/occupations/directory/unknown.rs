//! A code that is no occupation of NOC 2021: what is close to it.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use crate::db::Database;
use crate::occupations::Occupation;
use crate::occupations::directory::list::OldUnit;
use crate::occupations::directory::store;
use crate::web::{Layout, PageError, html};

#[derive(Template)]
#[template(path = "occupations/unknown.html")]
struct UnknownPage {
    layout: Layout,
    code: String,
    old: Option<OldUnit>,
    prefix: String,
    close: Vec<Occupation>,
}

/// So many occupations with the same beginning are offered.
const OFFERED: usize = 10;

/// Answers 404: with what is close to a code of five digits, or of the four that NOC 2016 had; otherwise without.
pub async fn unknown(db: &Database, layout: Layout, code: &str) -> Result<HttpResponse, PageError> {
    if !(4..=5).contains(&code.len()) || !code.bytes().all(|b| b.is_ascii_digit()) {
        return Err(PageError::NotFound);
    }
    let old = OldUnit::gather(store::successors(db.read(), &[code.to_owned()]).await?).pop();
    let (mut prefix, mut codes) = (String::new(), vec![]);
    for end in (2..=code.len()).rev().filter(|_| old.is_none()) {
        codes = store::codes_from(db.read(), &code[..end]).await?;
        if !codes.is_empty() {
            prefix = code[..end].to_owned();
            break;
        }
    }
    codes.truncate(OFFERED);
    let close = store::with_codes(db.read(), &codes).await?;
    html(StatusCode::NOT_FOUND, &UnknownPage { layout, code: code.to_owned(), old, prefix, close })
}
