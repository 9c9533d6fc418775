//! Style sheets and pictures, inside the binary, under names that change with their content.

use std::collections::HashMap;
use std::sync::LazyLock;

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, web};
use rust_embed::RustEmbed;

use crate::web::{Digest, PageError, PageResult};

#[derive(RustEmbed)]
#[folder = "static/"]
struct Files;

/// Name in the tree → name in addresses, with eight digits of its content's hash before the ending.
static PUBLIC_NAMES: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    Files::iter()
        .filter_map(|name| {
            let file = Files::get(&name)?;
            let hash = Digest::of_bytes(&file.data);
            let (stem, ending) = name.rsplit_once('.')?;
            Some((name.to_string(), format!("{stem}-{}.{ending}", &hash[..8])))
        })
        .collect()
});

/// The address of the static file `name`.
pub fn asset_url(name: &str) -> String {
    let public = PUBLIC_NAMES.get(name).map_or(name, String::as_str);
    format!("/static/{public}")
}

/// Serves a static file under its hashed name; it may be kept for ever, since another content has another name.
pub async fn asset(name: web::Path<String>) -> PageResult {
    let (file, _) = PUBLIC_NAMES.iter().find(|(_, public)| **public == *name).ok_or(PageError::NotFound)?;
    let file = Files::get(file).ok_or(PageError::NotFound)?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .content_type(file.metadata.mimetype())
        .body(file.data.into_owned()))
}
