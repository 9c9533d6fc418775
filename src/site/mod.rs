//! What the firm says of itself: its record (name, phones, hours, licence) and its standing pages.

mod admin;
mod advice;
mod cached_firm;
mod load_firm;
mod pages;
mod seed;
mod settings;
mod store;

pub use advice::{AdviceOffer, offers};
pub use cached_firm::CachedFirm;
pub use load_firm::load_firm;
pub use seed::seed;
pub use settings::{MailSettings, SiteSettings};
pub use store::{all_pages, exists, find as settings};

use crate::http::{CacheRule, Routes};
use crate::staff::{Role, StaffRoutes};

/// The standing pages. Their addresses are of no particular shape: those of others must come before them.
pub const CACHE_RULES: [CacheRule; 1] = [CacheRule::Cacheable("/{page}", &[])];

/// Adds the pages that staff edit. Their pattern matches any word, so they come last.
pub fn routes(routes: &mut Routes) {
    routes.get("/{page}", pages::show);
}

/// Mounts the staff pages, under `/admin`.
pub fn admin_routes(routes: &mut StaffRoutes) {
    routes
        .get("/site", Role::Admin, admin::show)
        .post("/site", Role::Admin, admin::save)
        .get("/site/pages/{slug}", Role::Admin, admin::show_page)
        .post("/site/pages/{slug}", Role::Admin, admin::save_page)
        .get("/site/pages/{slug}/revisions/{version}", Role::Admin, admin::show_page_revision);
}
