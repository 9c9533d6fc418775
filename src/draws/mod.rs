//! Rounds of invitations of Express Entry: the record that every figure about a draw comes from.

mod admin;
mod category;
mod change;
mod chart;
mod check;
mod compare;
mod comparison;
mod draw;
mod facts;
mod feed;
mod import;
mod moment;
mod names;
mod plan;
mod pool;
mod pool_table;
mod published;
mod reference;
mod show;
mod store;
mod table;
mod take_away;
mod token;
mod totals;
mod written;

pub use category::{CategoryName, category_names};
pub use change::{Change, changes_since};
pub use draw::{BriefDraw, Correction, Draw, Kind, Round};
pub use facts::Facts;
pub use import::{apply, plan, plan_in_lines, refusal, summary};
pub use pool::Pool;
#[cfg(test)]
pub use reference::carried;
pub use reference::load;
pub use store::{all, categories_held, count_unmapped, find, latest, previous_of_category, rounds};
pub use token::{Part, rounds_named};
pub use written::month_named;

use actix_web::web;

/// Mounts the public pages.
pub fn routes(routes: &mut web::ServiceConfig) {
    routes
        .service(web::resource("/draws").get(table::list))
        .service(web::resource("/draws.csv").get(take_away::csv))
        .service(web::resource("/draws.json").get(take_away::json))
        .service(web::resource("/draws/data").get(take_away::data))
        .service(web::resource("/draws/feed.atom").get(feed::feed))
        .service(web::resource("/draws/{round}").get(show::show));
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
