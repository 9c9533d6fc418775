//! The outbox: letters queued with what they tell of, sent by one sender, tried again, and shown when they fail.

mod admin;
mod alarm;
mod capabilities;
mod lease;
mod letter;
mod pace;
mod refusal;
mod sender;
mod server;
mod standing;
mod store;
mod transport;

pub use alarm::raise_alarm;
pub use capabilities::SmtpUtf8;
pub use letter::{Addressed, Letter, Outgoing, State};
pub use sender::{FromAddress, Sender, Wake};
pub use standing::Standing;
pub use store::{RefusedAddress, about_inquiry, count_sent, queue, queue_all, refused, send_all_again, standing};
pub use transport::{Delivered, Mailbag, Transport};

use actix_web::web;

/// Mounts the staff pages, under `/admin`.
pub fn admin_routes(routes: &mut web::ServiceConfig) {
    routes
        .service(web::resource("/mail").get(admin::list))
        .service(web::resource("/mail/retry").post(admin::send_all_again))
        .service(web::resource("/mail/refused-addresses/removal").post(admin::trust_address))
        .service(web::resource("/mail/{id}").get(admin::show))
        .service(web::resource("/mail/{id}/sending").post(admin::send_again));
}
