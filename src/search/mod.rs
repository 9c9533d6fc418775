//! One search over everything that readers may find: posts, rounds, occupations, standing pages.

mod extract;
mod pages;
mod query;
mod store;

use actix_web::web;

/// Mounts the public page.
pub fn routes(routes: &mut web::ServiceConfig) {
    routes.service(web::resource("/search").get(pages::search));
}
