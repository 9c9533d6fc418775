//! The occupations of NOC 2021 (its unit groups), the category lists of Express Entry with their dates,
//! and the directory in which readers look themselves up.

mod admin;
mod categories;
mod directory;
mod list;
mod noc;
mod seed;
mod store;

pub use admin::lists_due_for_review;
pub use directory::{
    ActiveCategory, UnknownCode, active_categories, closest_term, correction_lengths, fold_accents, parse_teer_levels,
    suggestions, unknown_code,
};
pub use list::CategoryList;
pub use noc::{NocCode, Occupation, mentioned_codes};
pub use seed::seed;
pub use store::{all, categories, codes, count, find, list_on, memberships, occupations_of};

use crate::http::{CacheRule, Routes};
use crate::staff::{Role, StaffRoutes};

use list::{ListDiff, ListStatus, current_version};

/// The pages that are the same for everybody.
pub const CACHE_RULES: [CacheRule; 5] = [
    CacheRule::Cacheable("/occupations", &["q", "teer", "broad", "category", "page"]),
    CacheRule::Cacheable("/occupations/{noc}", &[]),
    CacheRule::Cacheable("/categories", &[]),
    CacheRule::Cacheable("/categories/{key}.csv", &["version", "for"]),
    CacheRule::Cacheable("/categories/{key}", &["version"]),
];

/// Mounts the public pages.
pub fn routes(routes: &mut Routes) {
    routes
        .get("/occupations", directory::list)
        .get("/occupations/{noc}", directory::show)
        .get("/categories", categories::list)
        .get("/categories/{key}.csv", categories::csv)
        .get("/categories/{key}", categories::show);
}

/// Mounts the staff pages, under `/admin`.
pub fn admin_routes(routes: &mut StaffRoutes) {
    routes
        .get("/occupations", Role::Writer, admin::list)
        .get("/occupations/synonyms", Role::Writer, admin::synonyms)
        .post("/occupations/synonyms", Role::Publisher, admin::add_synonyms)
        .post("/occupations/synonyms/removal", Role::Publisher, admin::remove_synonyms)
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
