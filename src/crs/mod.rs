//! Comprehensive Ranking System (CRS): score calculator and past-draw checker.

mod answers;
mod ask_a_person;
mod breakdown;
mod calculator;
mod embed;
mod fsw_grid;
mod improvements;
mod json;
mod language_tests;
mod partial_profile;
mod past_draw;
mod past_draw_answers;
mod past_draws;
mod profile;
mod programs;
mod score;
mod staff_summary;
mod store;
mod strip_chart;
mod tables;
#[cfg(test)]
mod tests;

pub use profile::{CanadianCredential, Education, FirstLanguage, JobOffer, Language, LanguageLevels, Profile, Spouse};
pub use score::Score;
pub use staff_summary::{Given, StaffSummary};

use crate::http::{CacheRule, Routes};

/// Of the tools, only the page without parameters is the same for every visitor.
pub const CACHE_RULES: [CacheRule; 1] = [CacheRule::Cacheable("/tools/embed", &[])];

/// Registers the tools. Their pages are never in the page cache: each address is one visitor's result.
pub fn routes(routes: &mut Routes) {
    routes
        .get("/tools/crs", calculator::show)
        .get("/tools/crs.json", json::crs)
        .get("/tools/past-draws", past_draws::show)
        .get("/tools/past-draws.json", past_draws::json)
        .get("/tools/embed", embed::show);
}
