//! The occupations of NOC 2021 (its unit groups), the category lists of Express Entry with their dates,
//! and the directory in which readers look themselves up.

mod categories;
mod directory;
mod list;
mod noc;
mod reference;
mod store;

pub use list::{CategoryList, Membership};
pub use noc::{NocCode, Occupation};
pub use reference::load;
pub use store::{categories, codes, count, find};

use actix_web::web;

/// Mounts the public pages.
pub fn routes(routes: &mut web::ServiceConfig) {
    routes
        .route("/occupations", web::get().to(directory::list))
        .route("/occupations/{noc}", web::get().to(directory::show))
        .route("/categories", web::get().to(categories::list))
        .route("/categories/{key}", web::get().to(categories::show));
}
