//! Search engines: the sitemap and `robots.txt`.

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::Data;
use askama::Template;

use crate::http::{CacheRule, PageResult, Routes, xml};
use crate::services::Services;
use crate::web::office_time_zone;
use crate::{categories, draws, occupations, pages, posts};

pub const CACHE_RULES: [CacheRule; 2] =
    [CacheRule::Cacheable("/sitemap.xml", &[]), CacheRule::Cacheable("/robots.txt", &[])];

pub fn routes(routes: &mut Routes) {
    routes.get("/sitemap.xml", sitemap).get("/robots.txt", robots);
}

#[derive(Template)]
#[template(path = "seo/sitemap.xml")]
struct Sitemap {
    addresses: Vec<String>,
}

async fn sitemap(services: Data<Services>) -> PageResult {
    let today = services.clock.now().to_zoned(office_time_zone()).date();
    let mut paths: Vec<String> =
        ["/", "/news", "/draws", "/draws/data", "/occupations", "/categories", "/contact", "/apply"]
            .map(String::from)
            .into();
    paths.extend(["/tools/crs", "/tools/past-draws", "/tools/embed"].map(String::from));
    paths.extend(pages::public_slugs(services.db.read()).await?.into_iter().map(|slug| format!("/{slug}")));
    paths.extend(posts::slugs(services.db.read()).await?.into_iter().map(|slug| format!("/news/{slug}")));
    paths.extend(draws::all_numbers(services.db.read()).await?.into_iter().map(|round| format!("/draws/{round}")));
    paths.extend(
        draws::categories_with_draws(services.db.read()).await?.into_iter().map(|key| format!("/draws?category={key}")),
    );
    paths.extend(
        categories::all(services.db.read(), today)
            .await?
            .into_iter()
            .map(|category| format!("/categories/{}", category.key)),
    );
    paths.extend(occupations::codes(services.db.read()).await?.into_iter().map(|noc| format!("/occupations/{noc}")));
    // The format allows no more in one file.
    paths.truncate(50_000);
    xml(
        "application/xml; charset=utf-8",
        &Sitemap { addresses: paths.iter().map(|path| services.http.base_url.absolute_url(path)).collect() },
    )
}

async fn robots(services: Data<Services>) -> HttpResponse {
    let text = format!(
        "User-agent: *\nDisallow: /admin\nDisallow: /receipts\n\nSitemap: {}\n",
        services.http.base_url.absolute_url("/sitemap.xml")
    );
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-cache")).content_type("text/plain; charset=utf-8").body(text)
}
