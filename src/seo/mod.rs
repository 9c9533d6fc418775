//! Search engines and sharing: sitemap, share cards, icons, and the page about following the site.

mod cards;
mod follow;
mod indexnow;
mod machine_files;
mod sitemap;
mod store;

pub use cards::CardMaker;
pub use indexnow::IndexNow;

use crate::http::{CacheRule, Routes};

pub const CACHE_RULES: [CacheRule; 8] = [
    CacheRule::Cacheable("/favicon.ico", &[]),
    CacheRule::Cacheable("/sitemap.xml", &[]),
    CacheRule::Cacheable("/sitemap-{part}.xml", &[]),
    CacheRule::Cacheable("/robots.txt", &[]),
    CacheRule::Bypass("/{key}.txt"),
    CacheRule::Cacheable("/manifest.webmanifest", &[]),
    CacheRule::Cacheable("/.well-known/security.txt", &[]),
    CacheRule::Cacheable("/follow", &[]),
];

pub fn routes(routes: &mut Routes) {
    routes
        .get("/sitemap.xml", sitemap::index)
        .get("/sitemap-{part}.xml", sitemap::part)
        .get("/robots.txt", machine_files::robots)
        .get("/favicon.ico", machine_files::favicon)
        .get("/manifest.webmanifest", machine_files::manifest)
        .get("/.well-known/security.txt", machine_files::security)
        .get("/follow", follow::show)
        .get("/cards/{name}", cards::show)
        .get("/{key}.txt", machine_files::indexnow_key);
}
