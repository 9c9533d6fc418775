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

use actix_web::web;

use crate::web::Address;

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
pub fn routes(routes: &mut web::ServiceConfig) {
    routes
        .service(web::resource("/occupations").get(directory::list))
        .service(web::resource("/occupations/{noc}").get(directory::show))
        .service(web::resource("/categories").get(categories::list))
        .service(web::resource("/categories/{key}.csv").get(categories::csv))
        .service(web::resource("/categories/{key}").get(categories::show));
}

/// Mounts the staff pages, under `/admin`.
pub fn admin_routes(routes: &mut web::ServiceConfig) {
    routes
        .service(web::resource("/occupations").get(admin::list))
        .service(web::resource("/occupations/words").get(admin::words).post(admin::add_words))
        .service(web::resource("/occupations/words/removal").post(admin::remove_words))
        .service(web::resource("/occupations/lists").post(admin::add))
        .service(web::resource("/occupations/lists/new").get(admin::new).post(admin::preview_new))
        .service(web::resource("/occupations/lists/{id}").get(admin::show).post(admin::apply_correction))
        .service(
            web::resource("/occupations/lists/{id}/correction").get(admin::correct).post(admin::preview_correction),
        )
        .service(web::resource("/occupations/lists/{id}/checks").post(admin::check))
        .service(web::resource("/occupations/lists/{id}/end").post(admin::end))
        .service(web::resource("/occupations/lists/{id}/reopening").post(admin::reopen))
        .service(web::resource("/occupations/lists/{id}/withdrawal").post(admin::withdraw));
}
