//! News posts: editor, publication, version history, public pages and feed.

mod admin;
mod autosaves;
mod pages;
mod post;
mod post_form;
mod public;
mod reading_time;
mod seed;
mod stale_posts;
mod store;

pub use autosaves::delete_old as delete_old_autosaves;
pub use post::PostSummary;
pub use public::{drafts, newest, slugs};
pub use seed::seed;
pub use stale_posts::{CheckedPosts, stale_posts};

use crate::http::{CacheRule, Routes};
use crate::staff::{Role, StaffRoutes};

pub const CACHE_RULES: [CacheRule; 3] = [
    CacheRule::Cacheable("/news", &["topic", "page"]),
    CacheRule::Cacheable("/news/feed.atom", &[]),
    CacheRule::Cacheable("/news/{slug}", &[]),
];

pub fn routes(routes: &mut Routes) {
    routes.get("/news", pages::list).get("/news/feed.atom", pages::feed).get("/news/{slug}", pages::show);
}

pub fn admin_routes(routes: &mut StaffRoutes) {
    routes
        .get("/posts", Role::Writer, admin::list)
        .get("/posts/new", Role::Writer, admin::new)
        .post("/posts/new", Role::Writer, admin::create)
        .post("/posts/new/autosave", Role::Writer, admin::autosave_new)
        .post("/posts/new/insertions", Role::Writer, admin::insert_new)
        .post("/posts/conversions", Role::Writer, admin::convert)
        .post("/posts/previews", Role::Writer, admin::live_preview)
        .get("/posts/tokens", Role::Writer, admin::tokens)
        .get("/posts/pictures", Role::Writer, admin::pictures)
        .post("/posts/autosaves/{id}/removal", Role::Writer, admin::discard_autosave)
        .get("/posts/{id}", Role::Writer, admin::edit)
        .post("/posts/{id}", Role::Writer, admin::save)
        .post("/posts/{id}/autosave", Role::Writer, admin::autosave_post)
        .post("/posts/{id}/insertions", Role::Writer, admin::insert_post)
        .get("/posts/{id}/revisions/{version}", Role::Writer, admin::revision)
        .post("/posts/{id}/revisions/{version}/restoration", Role::Writer, admin::restore_revision)
        .post("/posts/{id}/publication", Role::Publisher, admin::publish)
        .post("/posts/{id}/withdrawal", Role::Publisher, admin::unpublish)
        .post("/posts/{id}/trash", Role::Writer, admin::trash)
        .post("/posts/{id}/restoration", Role::Writer, admin::restore)
        .post("/draws/{number}/posts", Role::Writer, admin::draft_from_draw);
}
