//! Express Entry categories: dated lists of eligible occupations, their public pages and admin pages.

mod admin;
mod category_list;
mod export;
mod list;
mod seed;
mod show;
mod store;

pub use admin::lists_due_for_review;
pub use category_list::CategoryList;
pub use seed::seed;
pub use store::{
    ActiveCategory, DatedList, NamedCategory, active_categories, all, all_lists, categories_without_list, dated_lists,
    list_on, memberships, occupations_of,
};

use crate::http::{CacheRule, Routes};
use crate::staff::{Role, StaffRoutes};

/// Pages that are the same for every visitor.
pub const CACHE_RULES: [CacheRule; 3] = [
    CacheRule::Cacheable("/categories", &[]),
    CacheRule::Cacheable("/categories/{key}.csv", &["version", "for"]),
    CacheRule::Cacheable("/categories/{key}", &["version"]),
];

pub fn routes(routes: &mut Routes) {
    routes
        .get("/categories", list::list)
        .get("/categories/{key}.csv", export::csv)
        .get("/categories/{key}", show::show);
}

/// Registers the admin pages, under `/admin`.
pub fn admin_routes(routes: &mut StaffRoutes) {
    routes
        .get("/occupations", Role::Writer, admin::list)
        .post("/occupations/lists", Role::Publisher, admin::add)
        .get("/occupations/lists/new", Role::Publisher, admin::new)
        .post("/occupations/lists/new", Role::Publisher, admin::preview_new)
        .get("/occupations/lists/{id}", Role::Writer, admin::show)
        .post("/occupations/lists/{id}", Role::Publisher, admin::apply_correction)
        .get("/occupations/lists/{id}/correction", Role::Publisher, admin::correct)
        .post("/occupations/lists/{id}/correction", Role::Publisher, admin::preview_correction)
        .post("/occupations/lists/{id}/verifications", Role::Publisher, admin::mark_verified)
        .post("/occupations/lists/{id}/closing", Role::Publisher, admin::close)
        .post("/occupations/lists/{id}/reopening", Role::Publisher, admin::reopen)
        .post("/occupations/lists/{id}/deletion", Role::Publisher, admin::delete);
}
