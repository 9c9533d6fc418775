//! Small files for programs: `robots.txt`, icons, the web manifest and `security.txt`.

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{Data, Path};
use jiff::ToSpan;
use serde_json::json;

use crate::http::{PageError, PageResult};
use crate::services::Services;
use crate::web::{Layout, asset_content};

fn file(content_type: &str, content: impl Into<Vec<u8>>) -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-cache")).content_type(content_type).body(content.into())
}

/// `GET /robots.txt`
pub async fn robots(layout: Layout) -> HttpResponse {
    let sitemap = layout.absolute_url("/sitemap.xml");
    file(
        "text/plain; charset=utf-8",
        format!("User-agent: *\nDisallow: /admin\nDisallow: /receipts\n\nSitemap: {sitemap}\n"),
    )
}

/// `GET /{key}.txt`: proves to search engines that reports with this key come from the site. Missing if `INDEXNOW` is off.
pub async fn indexnow_key(key: Path<String>, services: Data<Services>) -> PageResult {
    match &services.indexnow {
        Some(indexnow) if indexnow.key() == *key => Ok(file("text/plain; charset=utf-8", indexnow.key())),
        _ => Err(PageError::NotFound),
    }
}

/// `GET /favicon.ico`, which browsers and feed readers request at this fixed path.
pub async fn favicon() -> HttpResponse {
    file("image/x-icon", asset_content("favicon.ico"))
}

/// `GET /manifest.webmanifest`: name and icons for phones that keep the site on their home screen.
pub async fn manifest(layout: Layout) -> PageResult {
    let icon = |name: &str, sizes: &str| json!({"src": layout.asset(name), "sizes": sizes, "type": "image/png"});
    let manifest = json!({
        "name": layout.firm.name,
        "short_name": layout.firm.name,
        "description": layout.firm.tagline,
        "lang": "en",
        "dir": "ltr",
        "id": "/",
        "start_url": "/",
        "display": "browser",
        "theme_color": "#0b3b40",
        "background_color": "#fcfdfc",
        "icons": [icon("icon-192.png", "192x192"), icon("icon-512.png", "512x512")],
    });
    Ok(file("application/manifest+json", manifest.to_string()))
}

/// `GET /.well-known/security.txt` (RFC 9116). It expires after half a year and is renewed every day.
pub async fn security(layout: Layout, services: Data<Services>) -> HttpResponse {
    let contact = match &layout.firm.email {
        Some(email) => format!("mailto:{email}"),
        None => layout.absolute_url("/contact"),
    };
    let expires = services.clock.now().round(jiff::Unit::Second).unwrap_or_default() + (180 * 24).hours();
    let canonical = layout.absolute_url("/.well-known/security.txt");
    file(
        "text/plain; charset=utf-8",
        format!("Contact: {contact}\nExpires: {expires}\nPreferred-Languages: en\nCanonical: {canonical}\n"),
    )
}
