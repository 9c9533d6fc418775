//! Rounds of invitations of Express Entry: the record that every figure about a draw comes from.

mod check;
mod draw;
mod pages;
mod pool;
mod reference;
mod store;
mod written;

pub use draw::{Correction, Draw, Kind, Round};
pub use pool::Pool;
pub use reference::{carried, load};
pub use store::{latest, rounds};
pub use written::month_named;

use actix_web::web;

/// Mounts the public pages.
pub fn routes(routes: &mut web::ServiceConfig) {
    routes.service(web::resource("/draws").get(pages::list)).service(web::resource("/draws/{round}").get(pages::show));
}
