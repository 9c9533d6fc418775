//! Pictures for shared links (share cards): drawn in the background after a change, stored, and served.

mod canvas;
mod drawing;
mod job;
#[cfg(test)]
mod tests;
mod text;

pub use job::CardMaker;

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{Data, Path};

use crate::http::{PageError, PageResult};
use crate::seo::store;
use crate::services::Services;
use crate::web::asset_content;

/// `GET /cards/{key}-{hash}.png`. Serves the stored card, or a general picture until it is drawn. Draws nothing itself.
pub async fn show(name: Path<String>, services: Data<Services>) -> PageResult {
    let (key, hash) = name.strip_suffix(".png").and_then(|name| name.rsplit_once('-')).ok_or(PageError::NotFound)?;
    let is_key = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !is_key || key.len() > 60 || hash.len() != 12 || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(PageError::NotFound);
    }
    let (caching, content) = match store::find_card(services.db.read(), key).await? {
        Some((stored, content)) if stored == hash => ("public, max-age=31536000, immutable", content),
        // The page has changed since, or the card is drawn soon.
        Some((_, content)) => ("public, max-age=60", content),
        None => ("public, max-age=60", asset_content("card.png").to_vec()),
    };
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, caching))
        // Other sites show the picture beside the link.
        .insert_header(("cross-origin-resource-policy", "cross-origin"))
        .content_type("image/png")
        .body(content))
}
