//! Redirects from other spellings of a path to its canonical form.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ResourceMap, ServiceRequest, ServiceResponse};
use actix_web::http::header::CACHE_CONTROL;
use actix_web::http::{Method, StatusCode, Uri};
use actix_web::middleware::Next;
use percent_encoding::percent_decode_str;

use crate::http::{moved_permanently, moved_permanently_private};

/// Maximum length in bytes of a path that is redirected.
const MAX_PATH_LEN: usize = 512;

/// Middleware: redirects reads at another spelling of a path (`/News/`, `//news`, `/%6Eews`) to the canonical path.
///
/// Renders the canonical page first and returns its redirect or error, if any. So no redirect leads to a missing page or
/// to another redirect.
pub async fn redirect_to_canonical_path(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let canonical = if is_read { canonicalize(request.uri().path(), request.resource_map()) } else { None };
    let Some(canonical) = canonical else {
        return next.call(request).await.map(ServiceResponse::map_into_boxed_body);
    };
    let location = match request.uri().query() {
        Some(query) => format!("{canonical}?{query}"),
        None => canonical,
    };
    let Ok(uri) = location.parse::<Uri>() else {
        return next.call(request).await.map(ServiceResponse::map_into_boxed_body);
    };
    request.match_info_mut().get_mut().update(&uri);
    request.head_mut().uri = uri;
    let response = next.call(request).await?.map_into_boxed_body();
    let is_found = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
    if !is_found {
        return Ok(response);
    }
    // The admin area sets `no-store` after this middleware.
    let is_private = location.starts_with("/admin")
        || response.headers().get_all(CACHE_CONTROL).any(|value| value.as_bytes().starts_with(b"no-store"));
    let redirect = if is_private { moved_permanently_private(&location) } else { moved_permanently(&location) };
    Ok(response.into_response(redirect))
}

/// Canonical form of a path. `None` if the path is canonical already or no route matches.
fn canonicalize(path: &str, routes: &ResourceMap) -> Option<String> {
    if path.len() > MAX_PATH_LEN {
        return None;
    }
    let decoded = percent_decode_str(path).decode_utf8().ok()?;
    let segments: Vec<&str> = decoded.split('/').filter(|segment| !segment.is_empty()).collect();
    // Browsers resolve dot segments, so the redirect would lead to another path.
    if segments.iter().any(|segment| segment.chars().all(|c| c == '.')) {
        return None;
    }
    let lower = format!("/{}", segments.join("/").to_ascii_lowercase());
    let pattern = routes.match_pattern(&lower)?;
    // Other characters could have another meaning for a browser that follows the redirect.
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~/".contains(c);
    if !lower.chars().all(is_plain) {
        return None;
    }
    let canonical = restore_case(&segments, &lower, &pattern);
    (canonical != path).then_some(canonical)
}

/// Restores the case of the segments where it matters: tokens and names of static files.
fn restore_case(segments: &[&str], lower: &str, pattern: &str) -> String {
    let parts = pattern.trim_start_matches('/').split('/');
    let kept = parts.zip(segments).map(|(part, segment)| {
        let keeps_case = part.contains("{token}") || part.contains("{name}");
        if keeps_case { (*segment).to_owned() } else { segment.to_ascii_lowercase() }
    });
    let kept: Vec<String> = kept.collect();
    if kept.len() == segments.len() { format!("/{}", kept.join("/")) } else { lower.to_owned() }
}
