//! News posts: written in Markdown, held against the record, previewed, published, withdrawn, trashed and brought back.

mod admin;
mod pages;
mod post;
mod public;
mod seed;
mod stale_posts;
mod store;

pub use post::{Post, PostSummary};
pub use public::{drafts, newest, slugs};
pub use seed::seed;
pub use stale_posts::stale_posts;

use crate::http::{CacheRule, Routes};
use crate::staff::{Role, StaffRoutes};

/// The pages that are the same for everybody.
pub const CACHE_RULES: [CacheRule; 3] = [
    CacheRule::Cacheable("/news", &["topic", "page"]),
    CacheRule::Cacheable("/news/feed.atom", &[]),
    CacheRule::Cacheable("/news/{slug}", &[]),
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
        .post("/posts/{id}/withdrawal", Role::Publisher, admin::unpublish)
        .post("/posts/{id}/trash", Role::Writer, admin::trash)
        .post("/posts/{id}/restoration", Role::Writer, admin::restore)
        .post("/draws/{number}/posts", Role::Writer, admin::draft_from_draw);
}
