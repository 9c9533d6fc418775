//! Turning a template into an answer.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderName, HeaderValue, LOCATION};
use askama::Template;

use crate::http::PageResult;

/// By which caches find everything that a change makes out of date.
pub const SURROGATE_KEY: HeaderName = HeaderName::from_static("surrogate-key");
/// The key of every public page: a figure stands on so many pages that each change is a change of all.
pub const SURROGATE_KEY_PAGES: HeaderValue = HeaderValue::from_static("pages");

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

/// Redirects for good to another public path. Nobody keeps it for long: a post may move back to where it was, and a
/// browser that remembered both redirects would go round in circles.
pub fn moved_permanently(path: &str) -> HttpResponse {
    HttpResponse::MovedPermanently()
        .insert_header((LOCATION, path))
        .insert_header((CACHE_CONTROL, "max-age=0, s-maxage=60"))
        .insert_header((SURROGATE_KEY, SURROGATE_KEY_PAGES))
        .finish()
}

/// The same for a page that is for one person.
pub fn moved_permanently_private(path: &str) -> HttpResponse {
    HttpResponse::MovedPermanently().insert_header((LOCATION, path)).insert_header((CACHE_CONTROL, "no-store")).finish()
}
