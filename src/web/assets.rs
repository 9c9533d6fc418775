//! Style sheets and pictures, inside the program, under names that change with their content.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_ENCODING, ETAG};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::http::{Encoding, PageError, PageResult, if_none_match};

/// A file of `static/`.
struct Asset {
    /// In the tree.
    name: &'static str,
    /// In addresses: with eight digits of its content's hash before the ending.
    public: &'static str,
    kind: &'static str,
    plain: &'static [u8],
    gzip: &'static [u8],
    brotli: &'static [u8],
}

/// Made by `build.rs`.
static ASSETS: &[Asset] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The address of the static file `name`.
pub fn asset_url(name: &str) -> String {
    let public = ASSETS.iter().find(|asset| asset.name == name).map_or(name, |asset| asset.public);
    format!("/static/{public}")
}

/// Serves a static file under its hashed name; it may be kept for ever, since another content has another name.
pub async fn asset(request: HttpRequest, name: web::Path<String>) -> PageResult {
    let asset = ASSETS.iter().find(|asset| asset.public == *name).ok_or(PageError::NotFound)?;
    let wanted = Encoding::negotiate(request.headers());
    let (encoding, body) = match wanted {
        Encoding::Brotli if asset.brotli.len() < asset.plain.len() => (wanted, asset.brotli),
        Encoding::Gzip if asset.gzip.len() < asset.plain.len() => (wanted, asset.gzip),
        _ => (Encoding::Identity, asset.plain),
    };
    let tag = encoding.etag(asset.public);
    let is_known = if_none_match(request.headers(), &tag);
    let mut answer = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer.insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable")).insert_header((ETAG, tag));
    if is_known {
        return Ok(answer.finish());
    }
    if let Some(name) = encoding.name() {
        answer.insert_header((CONTENT_ENCODING, name));
    }
    Ok(answer.content_type(asset.kind).body(Bytes::from_static(body)))
}
