//! What machines ask for: where every page is, what they may read, whether the site is well, and its figures.

mod figures;
mod health;

pub use figures::MetricsReaders;
pub use health::{RollCall, Stopping, part_when_stopping};

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::Data;
use askama::Template;

use crate::clock::Clock;
use crate::db::Database;
use crate::web::{Address, PageResult, Routes, SiteAddress, firm_zone, xml};
use crate::{draws, occupations, posts, site};

/// Where the pages are is the same for everybody; how the site does is not.
pub const ADDRESSES: [Address; 4] = [
    Address::Public("/sitemap.xml", &[]),
    Address::Public("/robots.txt", &[]),
    Address::Private("/health"),
    Address::Private("/metrics"),
];

/// Mounts their addresses.
pub fn routes(routes: &mut Routes) {
    routes
        .get("/sitemap.xml", sitemap)
        .get("/robots.txt", robots)
        .get("/health", health::alive)
        .get("/health/ready", health::is_ready)
        .get("/metrics", figures::metrics);
}

#[derive(Template)]
#[template(path = "machines/sitemap.xml")]
struct Sitemap {
    addresses: Vec<String>,
}

async fn sitemap(db: Data<Database>, site: Data<SiteAddress>, clock: Data<Clock>) -> PageResult {
    let today = clock.now().to_zoned(firm_zone()).date();
    let mut paths: Vec<String> =
        ["/", "/news", "/draws", "/draws/data", "/occupations", "/categories", "/contact", "/apply"]
            .map(String::from)
            .into();
    paths.extend(site::standing_pages(db.read()).await?.into_iter().map(|page| format!("/{}", page.slug)));
    paths.extend(posts::slugs(db.read()).await?.into_iter().map(|slug| format!("/news/{slug}")));
    paths.extend(draws::rounds(db.read()).await?.into_iter().map(|round| format!("/draws/{round}")));
    paths.extend(draws::categories_held(db.read()).await?.into_iter().map(|key| format!("/draws?category={key}")));
    paths.extend(
        occupations::categories(db.read(), today)
            .await?
            .into_iter()
            .map(|category| format!("/categories/{}", category.key)),
    );
    paths.extend(occupations::codes(db.read()).await?.into_iter().map(|noc| format!("/occupations/{noc}")));
    // The format allows no more in one file.
    paths.truncate(50_000);
    xml(
        "application/xml; charset=utf-8",
        &Sitemap { addresses: paths.iter().map(|path| site.absolute(path)).collect() },
    )
}

async fn robots(site: Data<SiteAddress>) -> HttpResponse {
    let text =
        format!("User-agent: *\nDisallow: /admin\nDisallow: /receipts\n\nSitemap: {}\n", site.absolute("/sitemap.xml"));
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-cache")).content_type("text/plain; charset=utf-8").body(text)
}
