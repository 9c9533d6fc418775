//! Express Entry draws (rounds of invitations): the record behind every draw figure on the site.

mod admin;
mod category;
mod comparison;
mod correction_text;
mod dataset;
mod draw;
mod import;
mod pages;
mod pool;
mod record_age;
mod seed;
mod store;
mod tokens;
mod validation;

pub use category::{CategoryName, category_names};
pub use correction_text::{ChangeText, CorrectionText, corrections_since, public_corrections};
pub use dataset::dataset;
pub use draw::{Correction, CorrectionOrigin, Draw, DrawKind, DrawNumber, DrawSummary};
pub use import::feed_parser::parse as parse_feed;
pub use import::{
    WarningReasons, apply, plan, record_check, rejection_reason, render_plan, source as import_source, summary,
};
pub use pool::Pool;
pub use record_age::{RecordAge, record_age};
#[cfg(test)]
pub use seed::bundled;
pub use seed::load;
pub use store::{
    all, all_numbers, categories_with_draws, count_unmapped, find, find_many, latest, latest_for_occupation,
    latest_of_category, previous_of_category, record_version, summaries,
};
pub use tokens::{DrawField, TokenValues, category_lists_mentioned, draws_mentioned};

use crate::http::{CacheRule, Routes};
use crate::staff::{Role, StaffRoutes};

pub const CACHE_RULES: [CacheRule; 6] = [
    CacheRule::Cacheable("/draws", &["year", "category"]),
    CacheRule::Cacheable("/draws.csv", &[]),
    CacheRule::Cacheable("/draws.json", &[]),
    CacheRule::Cacheable("/draws/data", &[]),
    CacheRule::Cacheable("/draws/feed.atom", &["category"]),
    CacheRule::Cacheable("/draws/{number}", &[]),
];

pub fn routes(routes: &mut Routes) {
    routes
        .get("/draws", pages::list)
        .get("/draws.csv", pages::csv)
        .get("/draws.json", pages::json)
        .get("/draws/data", pages::data)
        .get("/draws/feed.atom", pages::feed)
        .get("/draws/{number}", pages::show);
}

pub fn admin_routes(routes: &mut StaffRoutes) {
    routes
        .get("/draws", Role::Writer, admin::list)
        .get("/draws/new", Role::Publisher, admin::new)
        .post("/draws/new", Role::Publisher, admin::create)
        .post("/draws/names", Role::Publisher, admin::map_name)
        .get("/draws/import", Role::Publisher, import::admin::show)
        .post("/draws/import", Role::Publisher, import::admin::upload)
        .get("/draws/import/{id}", Role::Publisher, import::admin::preview)
        .post("/draws/import/{id}", Role::Publisher, import::admin::apply)
        .get("/draws/{number}", Role::Writer, admin::edit)
        .post("/draws/{number}", Role::Publisher, admin::save)
        .post("/draws/{number}/acknowledgements", Role::Publisher, admin::acknowledge);
}
