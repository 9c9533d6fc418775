//! Turning a template into an answer.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use askama::Template;

use crate::web::PageResult;

/// A page with this status. It may be kept by a browser, but is asked for again each time.
pub fn html(status: StatusCode, page: &impl Template) -> PageResult {
    Ok(HttpResponse::build(status)
        .insert_header((CACHE_CONTROL, "no-cache"))
        .content_type("text/html; charset=utf-8")
        .body(page.render()?))
}

/// A document for machines.
pub fn xml(content_type: &'static str, document: &impl Template) -> PageResult {
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-cache"))
        .content_type(content_type)
        .body(document.render()?))
}

/// Where a form leads once what it asked for is done, for the one who sent it.
pub fn see_other(path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, path)).insert_header((CACHE_CONTROL, "no-store")).finish()
}
