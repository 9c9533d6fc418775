//! One search over everything that readers may find: posts, rounds, occupations, standing pages.

mod extract;
mod pages;
#[cfg(test)]
mod properties;
mod query;
mod store;

use crate::web::{Address, Routes};

/// What was found is the same for everybody who asks for it.
pub const ADDRESSES: [Address; 1] = [Address::Public("/search", &["q", "page"])];

/// Mounts the public page.
pub fn routes(routes: &mut Routes) {
    routes.get("/search", pages::search);
}
