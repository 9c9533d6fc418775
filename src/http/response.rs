//! Responses with templates and redirects.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderName, HeaderValue, LOCATION};
use askama::Template;

use crate::http::PageResult;

/// Header by which upstream caches find the pages to purge.
pub const SURROGATE_KEY: HeaderName = HeaderName::from_static("surrogate-key");
/// Surrogate key of all public pages. A figure appears on many pages, so every change purges all of them.
pub const SURROGATE_KEY_PAGES: HeaderValue = HeaderValue::from_static("pages");

/// HTML page. Browsers revalidate it every time.
pub fn html(status: StatusCode, page: &impl Template) -> PageResult {
    Ok(HttpResponse::build(status)
        .insert_header((CACHE_CONTROL, "no-cache"))
        .content_type("text/html; charset=utf-8")
        .body(page.render()?))
}

pub fn xml(content_type: &'static str, document: &impl Template) -> PageResult {
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-cache"))
        .content_type(content_type)
        .body(document.render()?))
}

/// Redirect after a form was processed (303).
pub fn see_other(path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, path)).insert_header((CACHE_CONTROL, "no-store")).finish()
}

/// Permanent redirect (301) to a public path, with a short cache lifetime.
///
/// A post may get its old path back. A browser that had cached both redirects would then loop.
pub fn moved_permanently(path: &str) -> HttpResponse {
    HttpResponse::MovedPermanently()
        .insert_header((LOCATION, path))
        .insert_header((CACHE_CONTROL, "max-age=0, s-maxage=60"))
        .insert_header((SURROGATE_KEY, SURROGATE_KEY_PAGES))
        .finish()
}

/// Permanent redirect (301) to a private page.
pub fn moved_permanently_private(path: &str) -> HttpResponse {
    HttpResponse::MovedPermanently().insert_header((LOCATION, path)).insert_header((CACHE_CONTROL, "no-store")).finish()
}
