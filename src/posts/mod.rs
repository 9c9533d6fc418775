//! News posts: editor, publication, version history, public pages and feed.

mod admin;
mod autosave;
mod feed;
mod imported;
mod pages;
mod post;
mod post_form;
mod preview;
mod preview_links;
mod public;
mod publish_date;
mod reading_time;
mod schedule;
mod seed;
mod staged;
mod stale_posts;
mod store;
mod workflow;

pub use admin::{EditorFinding, EditorFindings, FieldChange, MergeProposal, OfferedAutosave, changes, form_of, merge};
pub use imported::{ImportedState, insert_imported};
pub use post::{HistoryEntry, PostSummary, RevisionSummary};
pub use post_form::PostForm;
pub use preview_links::revoke_all as revoke_preview_links;
pub use public::{corrections, drafts, in_review, newest, returned, scheduled, share_cards, topics};
pub use reading_time::reading_time;
pub use seed::{sample_post, seed};
pub use stale_posts::{CheckedPosts, RecordSnapshot, stale_posts};
pub use store::{accept_findings, add_redirect, is_slug_taken};
pub use workflow::{PostInReview, ScheduledPost, empty_trash, publish_due};

use crate::http::{CacheRule, Routes};
use crate::staff::{Role, StaffRoutes};

pub const CACHE_RULES: [CacheRule; 3] = [
    CacheRule::Cacheable("/news", &["topic", "page"]),
    CacheRule::Cacheable("/news/feed.atom", &["topic"]),
    CacheRule::Cacheable("/news/{slug}", &[]),
];

pub fn routes(routes: &mut Routes) {
    routes.get("/news", pages::list).get("/news/feed.atom", feed::show).get("/news/{slug}", pages::show);
    routes.get("/previews/{token}", preview::show);
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
        .post("/posts/preview-links/{id}/removal", Role::Writer, admin::revoke_link)
        .get("/posts/{id}", Role::Writer, admin::edit)
        .post("/posts/{id}", Role::Writer, admin::save)
        .post("/posts/{id}/autosave", Role::Writer, admin::autosave_post)
        .get("/posts/{id}/changes", Role::Publisher, admin::show_changes)
        .post("/posts/{id}/changes/publication", Role::Publisher, admin::publish_changes)
        .post("/posts/{id}/changes/removal", Role::Publisher, admin::discard_changes)
        .post("/posts/{id}/insertions", Role::Writer, admin::insert_post)
        .get("/posts/{id}/revisions/{version}", Role::Writer, admin::revision)
        .post("/posts/{id}/revisions/{version}/restoration", Role::Writer, admin::restore_revision)
        .post("/posts/{id}/publication", Role::Publisher, admin::publish)
        .post("/posts/{id}/withdrawal", Role::Publisher, admin::unpublish)
        .post("/posts/{id}/schedule/removal", Role::Publisher, admin::cancel_schedule)
        .post("/posts/{id}/preview-links", Role::Writer, admin::create_link)
        .post("/posts/{id}/trash", Role::Writer, admin::trash)
        .post("/posts/{id}/restoration", Role::Writer, admin::restore)
        .post("/draws/{number}/posts", Role::Writer, admin::draft_from_draw);
}
