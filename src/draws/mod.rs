//! Rounds of invitations of Express Entry: the record that every figure about a draw comes from.

mod check;
mod compare;
mod draw;
mod facts;
mod published;
mod import;
mod names;
mod pages;
mod plan;
mod pool;
mod reference;
mod store;
mod token;
mod written;

pub use draw::{Correction, Draw, Kind, Round};
pub use facts::Facts;
pub use pool::Pool;
pub use reference::load;
pub use store::{all, find, latest, previous_of_category, rounds};
pub use token::{Part, rounds_named};

use actix_web::web;

/// Mounts the public pages.
pub fn routes(routes: &mut web::ServiceConfig) {
    routes.service(web::resource("/draws").get(pages::list)).service(web::resource("/draws/{round}").get(pages::show));
}
