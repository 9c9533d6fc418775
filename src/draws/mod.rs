//! Rounds of invitations of Express Entry: the record that every figure about a draw comes from.

mod category;
mod change;
mod chart;
mod check;
mod comparison;
mod draw;
mod feed;
mod moment;
mod pool;
mod pool_table;
mod reference;
mod show;
mod store;
mod table;
mod take_away;
mod totals;
mod written;

pub use category::{CategoryName, category_names};
pub use draw::{BriefDraw, Correction, Draw, Kind, Round};
pub use pool::Pool;
pub use reference::load;
pub use store::{categories_held, latest, rounds};

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
