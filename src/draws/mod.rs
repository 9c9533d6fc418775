//! Rounds of invitations of Express Entry: the record that every figure about a draw comes from.

mod admin;
mod category;
mod change;
mod check;
mod comparison;
mod draw;
mod import;
mod pages;
mod pool;
mod reference;
mod store;
mod tokens;
mod up_to;

pub use category::{CategoryName, category_names};
pub use change::{Change, changes_since};
pub use draw::{BriefDraw, Correction, Draw, Kind, Origin, Round};
pub use import::published::read as read_file;
pub use import::written::month_named;
pub use import::{Reasons, apply, plan, plan_in_lines, refusal, source as import_source, summary};
pub use pool::Pool;
#[cfg(test)]
pub use reference::carried;
pub use reference::load;
pub use store::{
    all, categories_held, count_unmapped, find, latest, latest_of_category, previous_of_category, record_version,
    rounds,
};
pub use tokens::{Facts, Part, lists_named, rounds_named};
pub use up_to::{UpTo, up_to};

use crate::staff::{Role, StaffRoutes};
use crate::web::{Address, Routes};

/// The pages that are the same for everybody.
pub const ADDRESSES: [Address; 6] = [
    Address::Public("/draws", &["year", "category"]),
    Address::Public("/draws.csv", &[]),
    Address::Public("/draws.json", &[]),
    Address::Public("/draws/data", &[]),
    Address::Public("/draws/feed.atom", &[]),
    Address::Public("/draws/{round}", &[]),
];

/// Mounts the public pages.
pub fn routes(routes: &mut Routes) {
    routes
        .get("/draws", pages::list)
        .get("/draws.csv", pages::csv)
        .get("/draws.json", pages::json)
        .get("/draws/data", pages::data)
        .get("/draws/feed.atom", pages::feed)
        .get("/draws/{round}", pages::show);
}

/// Mounts the staff pages, under `/admin`.
pub fn admin_routes(routes: &mut StaffRoutes) {
    routes
        .get("/draws", Role::Writer, admin::list)
        .get("/draws/new", Role::Publisher, admin::new)
        .post("/draws/new", Role::Publisher, admin::create)
        .post("/draws/names", Role::Publisher, admin::map_name)
        .get("/draws/import", Role::Publisher, admin::show)
        .post("/draws/import", Role::Publisher, admin::hand_in)
        .get("/draws/import/{id}", Role::Publisher, admin::preview)
        .post("/draws/import/{id}", Role::Publisher, admin::apply)
        .get("/draws/{round}", Role::Writer, admin::edit)
        .post("/draws/{round}", Role::Publisher, admin::save)
        .post("/draws/{round}/confirmations", Role::Publisher, admin::confirm);
}
