//! The occupations of NOC 2021 (its unit groups), the category lists of Express Entry with their dates,
//! and the directory in which readers look themselves up.

mod categories;
mod directory;
mod list;
mod noc;
mod reference;
mod store;

use list::{Difference, Standing, current};

pub use list::CategoryList;
pub use noc::{NocCode, Occupation, codes_named};
pub use reference::load;
pub use store::{all, categories, codes, count, find, list_on, occupations_of};

use actix_web::web;

/// Mounts the public pages.
pub fn routes(routes: &mut web::ServiceConfig) {
    routes
        .service(web::resource("/occupations").get(directory::list))
        .service(web::resource("/occupations/{noc}").get(directory::show))
        .service(web::resource("/categories").get(categories::list))
        .service(web::resource("/categories/{key}.csv").get(categories::csv))
        .service(web::resource("/categories/{key}").get(categories::show));
}
