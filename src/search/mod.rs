//! One search over everything that readers may find: posts, rounds, occupations, standing pages.

mod pages;
#[cfg(test)]
mod proptests;
mod query;
mod snippet;
mod store;

use crate::http::{CacheRule, Routes};

/// What was found is the same for everybody who asks for it.
pub const CACHE_RULES: [CacheRule; 1] = [CacheRule::Cacheable("/search", &["q", "page"])];

/// Mounts the public page.
pub fn routes(routes: &mut Routes) {
    routes.get("/search", pages::search);
}
