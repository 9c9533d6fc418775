//! Pages of the company, such as Services and FAQ: editor, menu, version history, trash and public pages.

mod admin;
mod advice;
mod autosave;
mod imported;
mod jobs;
mod outlines;
mod page;
mod page_form;
mod seed;
mod show;
mod slugs;
mod store;

pub use advice::{AdviceOffer, offers};
pub use imported::{importable_slug, insert_imported, is_slug_taken};
pub use jobs::purge_trash;
pub use seed::seed;
pub use store::{SetupState, accept_findings, public_slugs, setup_state};

use crate::http::{CacheRule, Routes};
use crate::staff::{Role, StaffRoutes};

/// The pattern matches any path of one segment, so other rules must come first.
pub const CACHE_RULES: [CacheRule; 1] = [CacheRule::Cacheable("/{page}", &[])];

/// Registers the public pages. The pattern matches any path of one segment, so it comes last.
pub fn routes(routes: &mut Routes) {
    routes.get("/{page}", show::show);
}

/// Registers the admin pages, under `/admin`. Writers may change drafts.
pub fn admin_routes(routes: &mut StaffRoutes) {
    routes
        .get("/pages", Role::Writer, admin::list)
        .get("/pages/new", Role::Writer, admin::new)
        .post("/pages/new", Role::Writer, admin::create)
        .post("/pages/new/autosave", Role::Writer, admin::autosave_new)
        .post("/pages/autosaves/{id}/removal", Role::Writer, admin::discard_autosave)
        .get("/pages/{id}", Role::Writer, admin::edit)
        .post("/pages/{id}", Role::Writer, admin::save)
        .post("/pages/{id}/autosave", Role::Writer, admin::autosave_page)
        .get("/pages/{id}/revisions/{version}", Role::Writer, admin::revision)
        .post("/pages/{id}/revisions/{version}/restoration", Role::Writer, admin::restore_revision)
        .post("/pages/{id}/withdrawal", Role::Publisher, admin::unpublish)
        .post("/pages/{id}/order", Role::Publisher, admin::change_order)
        .get("/pages/{id}/trash", Role::Writer, admin::confirm_trash)
        .post("/pages/{id}/trash", Role::Writer, admin::trash)
        .post("/pages/{id}/restoration", Role::Writer, admin::restore);
}
