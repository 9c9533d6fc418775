//! Redirects from the addresses of the old site.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use sqlx::SqlitePool;

use crate::http::moved_permanently;
use crate::services::Services;
use crate::wordpress::converted_text::original_address;
use crate::wordpress::old_address::{normalized, old_path_target, old_query_target, without_ending};
use crate::wordpress::store;

/// Middleware: redirects an address that is not found here, and `/?p=123`, if the old site had it.
///
/// All targets are paths of this site.
pub async fn redirect_old_addresses(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if is_read && request.path() == "/" && !request.query_string().is_empty() {
        let db = Services::of(request.request()).db.clone();
        match address_of_query(db.read(), request.query_string()).await {
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
    let moved = address_of_path(Services::of(response.request()).db.read(), path).await;
    match moved {
        Ok(Some(to)) => Ok(response.into_response(moved_permanently(&to))),
        Ok(None) => Ok(response),
        Err(error) => {
            tracing::warn!("cannot look for an old address: {error:#}");
            Ok(response)
        }
    }
}

/// New address for the query of the old front page. Other parameters, such as `utm_source`, are ignored.
async fn address_of_query(db: &SqlitePool, query: &str) -> sqlx::Result<Option<String>> {
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let found = match &*name {
            "p" | "page_id" | "attachment_id" | "cat" => {
                let Ok(id) = value.parse::<u64>() else { continue };
                store::find_redirect(db, &format!("/?{name}={id}")).await?
            }
            "tag" => store::find_redirect(db, &format!("/tag/{}", value.to_lowercase())).await?,
            _ => None,
        };
        let Some(closest) = old_query_target(&name, &value) else { continue };
        if found.is_some() {
            return Ok(found);
        }
        return Ok(if store::has_items(db).await? { closest } else { None });
    }
    Ok(None)
}

async fn address_of_path(db: &SqlitePool, path: &str) -> sqlx::Result<Option<String>> {
    let Some(path) = normalized(path) else { return Ok(None) };
    if let Some(to) = store::find_redirect(db, &path).await? {
        return Ok(Some(to));
    }
    let (shorter, is_feed) = without_ending(&path);
    if is_feed {
        // All feeds of the old site.
        return store::find_redirect(db, "/feed").await;
    }
    for other in [shorter, original_address(&path)] {
        if other != path
            && let Some(to) = store::find_redirect(db, &other).await?
        {
            return Ok(Some(to));
        }
    }
    match old_path_target(&path) {
        Some(to) if store::has_items(db).await? => Ok(Some(to)),
        _ => Ok(None),
    }
}
