//! Redirects from the addresses of the old site.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use sqlx::SqlitePool;

use crate::http::moved_permanently;
use crate::services::Services;
use crate::wordpress::old_address::{normalized, without_ending};
use crate::wordpress::store;

/// Query parameters of the front page that select a post or page on a WordPress site.
const OLD_PARAMETERS: [&str; 2] = ["p", "page_id"];

/// Middleware: redirects an address that is not found here, and `/?p=123`, if an imported text had it.
pub async fn redirect_old_addresses(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if is_read
        && request.path() == "/"
        && let Some(old) = old_query(request.query_string())
    {
        match store::find_redirect(Services::of(request.request()).db.read(), &old).await {
            Ok(Some(to)) => return Ok(request.into_response(moved_permanently(&to))),
            Ok(None) => {}
            Err(error) => tracing::warn!("cannot look for an old address: {error:#}"),
        }
    }
    let response = next.call(request).await?.map_into_boxed_body();
    let path = response.request().path();
    if !is_read || response.status() != StatusCode::NOT_FOUND || path.starts_with("/admin") {
        return Ok(response);
    }
    let moved = new_address(Services::of(response.request()).db.read(), path).await;
    match moved {
        Ok(Some(to)) => Ok(response.into_response(moved_permanently(&to))),
        Ok(None) => Ok(response),
        Err(error) => {
            tracing::warn!("cannot look for an old address: {error:#}");
            Ok(response)
        }
    }
}

/// `/?p=123` for the query `p=123&utm_source=x`.
fn old_query(query: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes()).find_map(|(name, value)| {
        let name = OLD_PARAMETERS.iter().find(|known| **known == name)?;
        let id: u64 = value.parse().ok()?;
        Some(format!("/?{name}={id}"))
    })
}

async fn new_address(db: &SqlitePool, path: &str) -> sqlx::Result<Option<String>> {
    let Some(path) = normalized(path) else { return Ok(None) };
    if let Some(to) = store::find_redirect(db, &path).await? {
        return Ok(Some(to));
    }
    let (shorter, is_feed) = without_ending(&path);
    if is_feed {
        // All feeds of the old site.
        return store::find_redirect(db, "/feed").await;
    }
    if shorter == path { Ok(None) } else { store::find_redirect(db, &shorter).await }
}
