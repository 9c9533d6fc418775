//! News posts: written in Markdown, previewed, published, withdrawn, binned and brought back.

mod admin;
mod pages;
mod post;
mod seed;
mod store;

pub use post::{Headline, Post};
pub use seed::seed;
pub use store::{drafts, newest};

use actix_web::web;

/// Mounts the public pages.
pub fn routes(routes: &mut web::ServiceConfig) {
    routes
        .route("/news", web::get().to(pages::list))
        .route("/news/feed.atom", web::get().to(pages::feed))
        .route("/news/{slug}", web::get().to(pages::show));
}

/// Mounts the staff pages, under `/admin`.
pub fn admin_routes(routes: &mut web::ServiceConfig) {
    routes
        .route("/posts", web::get().to(admin::list))
        .service(web::resource("/posts/new").get(admin::new).post(admin::create))
        .service(web::resource("/posts/{id}").get(admin::edit).post(admin::save))
        .route("/posts/{id}/revisions/{version}", web::get().to(admin::revision))
        .route("/posts/{id}/publication", web::post().to(admin::publish))
        .route("/posts/{id}/withdrawal", web::post().to(admin::withdraw))
        .route("/posts/{id}/bin", web::post().to(admin::bin))
        .route("/posts/{id}/restoration", web::post().to(admin::restore));
}
