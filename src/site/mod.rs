//! Company settings (name, phone numbers, hours, licence) and the pages that staff edit.

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

/// Pages that staff edit. The pattern matches any path of one segment, so other rules must come first.
pub const CACHE_RULES: [CacheRule; 1] = [CacheRule::Cacheable("/{page}", &[])];

/// Registers the pages that staff edit. The pattern matches any path of one segment, so it comes last.
pub fn routes(routes: &mut Routes) {
    routes.get("/{page}", pages::show);
}

/// Registers the admin pages, under `/admin`.
pub fn admin_routes(routes: &mut StaffRoutes) {
    routes
        .get("/site", Role::Admin, admin::show)
        .post("/site", Role::Admin, admin::save)
        .get("/site/pages/{slug}", Role::Admin, admin::show_page)
        .post("/site/pages/{slug}", Role::Admin, admin::save_page)
        .get("/site/pages/{slug}/revisions/{version}", Role::Admin, admin::show_page_revision);
}
