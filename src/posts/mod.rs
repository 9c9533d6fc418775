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

use crate::staff::{Role, StaffRoutes};
use crate::web::{Address, Routes};

/// The pages that are the same for everybody.
pub const ADDRESSES: [Address; 3] = [
    Address::Public("/news", &["topic", "page"]),
    Address::Public("/news/feed.atom", &[]),
    Address::Public("/news/{slug}", &[]),
];

/// Mounts the public pages.
pub fn routes(routes: &mut Routes) {
    routes.get("/news", pages::list).get("/news/feed.atom", pages::feed).get("/news/{slug}", pages::show);
}

/// Mounts the staff pages, under `/admin`.
pub fn admin_routes(routes: &mut StaffRoutes) {
    routes
        .get("/posts", Role::Writer, admin::list)
        .get("/posts/new", Role::Writer, admin::new)
        .post("/posts/new", Role::Writer, admin::create)
        .get("/posts/{id}", Role::Writer, admin::edit)
        .post("/posts/{id}", Role::Writer, admin::save)
        .get("/posts/{id}/revisions/{version}", Role::Writer, admin::revision)
        .post("/posts/{id}/publication", Role::Publisher, admin::publish)
        .post("/posts/{id}/withdrawal", Role::Publisher, admin::withdraw)
        .post("/posts/{id}/bin", Role::Writer, admin::bin)
        .post("/posts/{id}/restoration", Role::Writer, admin::restore)
        .post("/draws/{round}/posts", Role::Writer, admin::draft_from_draw);
}
