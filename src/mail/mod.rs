//! The outbox: letters queued with what they tell of, sent by one task, tried again, and shown when they fail.

mod admin;
mod letter;
mod sender;
mod store;
mod transport;

pub use letter::{Letter, Outgoing, State};
pub use sender::{FromAddress, Sender, Wake};
pub use store::{about_inquiry, count_failed, queue};
pub use transport::{Delivered, Mailbag, Transport};

use actix_web::web;

/// Mounts the staff pages, under `/admin`.
pub fn admin_routes(routes: &mut web::ServiceConfig) {
    routes
        .service(web::resource("/mail").get(admin::list))
        .service(web::resource("/mail/{id}").get(admin::show))
        .service(web::resource("/mail/{id}/sending").post(admin::send_again));
}
