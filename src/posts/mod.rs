//! News posts: written in Markdown, held against the record, previewed, published, withdrawn, binned and brought back.

mod admin;
mod against_record;
mod check;
mod pages;
mod post;
mod reading;
mod seed;
mod store;

pub use against_record::contradicted;
pub use post::{Headline, Post};
pub use reading::{drafts, newest, slugs};
pub use seed::seed;

use actix_web::web;

use crate::web::Address;

/// The pages that are the same for everybody.
pub const ADDRESSES: [Address; 3] = [
    Address::Public("/news", &["topic", "page"]),
    Address::Public("/news/feed.atom", &[]),
    Address::Public("/news/{slug}", &[]),
];

/// Mounts the public pages.
pub fn routes(routes: &mut web::ServiceConfig) {
    routes
        .service(web::resource("/news").get(pages::list))
        .service(web::resource("/news/feed.atom").get(pages::feed))
        .service(web::resource("/news/{slug}").get(pages::show));
}

/// Mounts the staff pages, under `/admin`.
pub fn admin_routes(routes: &mut web::ServiceConfig) {
    routes
        .service(web::resource("/posts").get(admin::list))
        .service(web::resource("/posts/new").get(admin::new).post(admin::create))
        .service(web::resource("/posts/{id}").get(admin::edit).post(admin::save))
        .service(web::resource("/posts/{id}/revisions/{version}").get(admin::revision))
        .service(web::resource("/posts/{id}/publication").post(admin::publish))
        .service(web::resource("/posts/{id}/withdrawal").post(admin::withdraw))
        .service(web::resource("/posts/{id}/bin").post(admin::bin))
        .service(web::resource("/posts/{id}/restoration").post(admin::restore))
        .service(web::resource("/draws/{round}/posts").post(admin::draft_from_draw));
}
