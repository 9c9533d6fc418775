//! Occupations of NOC 2021 (unit groups): directory, search, synonyms.

mod admin;
mod directory;
mod seed;
mod share_card;
mod store;

pub use directory::{UnknownCode, certain_match, parse_teer_levels, suggestions, unknown_code};
pub use seed::seed;
pub use share_card::share_card;
pub use store::{all, codes, count, find};

use crate::http::{CacheRule, Routes};
use crate::staff::{Role, StaffRoutes};

/// Pages that are the same for every visitor.
pub const CACHE_RULES: [CacheRule; 2] = [
    CacheRule::Cacheable("/occupations", &["q", "teer", "broad", "category", "page"]),
    CacheRule::Cacheable("/occupations/{noc}", &[]),
];

pub fn routes(routes: &mut Routes) {
    routes.get("/occupations", directory::list).get("/occupations/{noc}", directory::show);
}

/// Registers the admin pages, under `/admin`.
pub fn admin_routes(routes: &mut StaffRoutes) {
    routes
        .get("/occupations/synonyms", Role::Writer, admin::show)
        .post("/occupations/synonyms", Role::Publisher, admin::add)
        .post("/occupations/synonyms/removal", Role::Publisher, admin::remove);
}
