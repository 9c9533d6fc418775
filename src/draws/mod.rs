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

use actix_web::web;

use crate::web::Address;

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
pub fn routes(routes: &mut web::ServiceConfig) {
    routes
        .service(web::resource("/draws").get(pages::list))
        .service(web::resource("/draws.csv").get(pages::csv))
        .service(web::resource("/draws.json").get(pages::json))
        .service(web::resource("/draws/data").get(pages::data))
        .service(web::resource("/draws/feed.atom").get(pages::feed))
        .service(web::resource("/draws/{round}").get(pages::show));
}

/// Mounts the staff pages, under `/admin`.
pub fn admin_routes(routes: &mut web::ServiceConfig) {
    routes
        .service(web::resource("/draws").get(admin::list))
        .service(web::resource("/draws/new").get(admin::new).post(admin::create))
        .service(web::resource("/draws/names").post(admin::map_name))
        .service(web::resource("/draws/import").get(admin::show).post(admin::hand_in))
        .service(web::resource("/draws/import/{id}").get(admin::preview).post(admin::apply))
        .service(web::resource("/draws/{round}").get(admin::edit).post(admin::save))
        .service(web::resource("/draws/{round}/confirmations").post(admin::confirm));
}
