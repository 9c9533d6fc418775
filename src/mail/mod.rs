//! The outbox: letters queued with what they tell of, sent by one task, tried again, and shown when they fail.

mod admin;
mod letter;
mod sender;
mod store;
mod transport;

pub use letter::{Letter, Outgoing, State};
pub use sender::{FromAddress, Sender, Wake};
pub use store::{about_inquiry, count_failed, find, queue};
pub use transport::{Delivered, Mailbag, Transport};

use actix_web::web;

/// Mounts the staff pages, under `/admin`.
pub fn admin_routes(routes: &mut web::ServiceConfig) {
    routes
        .route("/mail", web::get().to(admin::list))
        .route("/mail/{id}", web::get().to(admin::show))
        .route("/mail/{id}/sending", web::post().to(admin::send_again));
}
