//! The occupations of NOC 2021 (its unit groups), the category lists of Express Entry with their dates,
//! and the directory in which readers look themselves up.

mod admin;
mod categories;
mod directory;
mod list;
mod noc;
mod reference;
mod store;

pub use admin::lists_to_check;
pub use directory::{
    Covered, UnknownCode, covered, fold, levels_named, nearest, slip_lengths, suggestions, unknown_code,
};
pub use list::CategoryList;
pub use noc::{NocCode, Occupation, codes_named};
pub use reference::load;
pub use store::{all, categories, codes, count, find, list_on, memberships, occupations_of};

use crate::staff::{Role, StaffRoutes};
use crate::web::{Address, Routes};

use list::{Difference, Standing, current};

/// The pages that are the same for everybody.
pub const ADDRESSES: [Address; 5] = [
    Address::Public("/occupations", &["q", "teer", "broad", "category", "page"]),
    Address::Public("/occupations/{noc}", &[]),
    Address::Public("/categories", &[]),
    Address::Public("/categories/{key}.csv", &["version", "for"]),
    Address::Public("/categories/{key}", &["version"]),
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
        .get("/occupations/words", Role::Writer, admin::words)
        .post("/occupations/words", Role::Publisher, admin::add_words)
        .post("/occupations/words/removal", Role::Publisher, admin::remove_words)
        .post("/occupations/lists", Role::Publisher, admin::add)
        .get("/occupations/lists/new", Role::Publisher, admin::new)
        .post("/occupations/lists/new", Role::Publisher, admin::preview_new)
        .get("/occupations/lists/{id}", Role::Writer, admin::show)
        .post("/occupations/lists/{id}", Role::Publisher, admin::apply_correction)
        .get("/occupations/lists/{id}/correction", Role::Publisher, admin::correct)
        .post("/occupations/lists/{id}/correction", Role::Publisher, admin::preview_correction)
        .post("/occupations/lists/{id}/checks", Role::Publisher, admin::check)
        .post("/occupations/lists/{id}/end", Role::Publisher, admin::end)
        .post("/occupations/lists/{id}/reopening", Role::Publisher, admin::reopen)
        .post("/occupations/lists/{id}/withdrawal", Role::Publisher, admin::withdraw);
}
