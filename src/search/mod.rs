//! Site search: published posts, draws, occupations and pages.

mod pages;
#[cfg(test)]
mod proptests;
mod query;
mod snippet;
mod store;

use crate::http::{CacheRule, Routes};

pub const CACHE_RULES: [CacheRule; 1] = [CacheRule::Cacheable("/search", &["q", "page"])];

pub fn routes(routes: &mut Routes) {
    routes.get("/search", pages::search);
}
