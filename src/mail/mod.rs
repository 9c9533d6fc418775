//! The outbox: letters queued with what they tell of, sent by one sender, tried again, and shown when they fail.

mod address;
mod admin;
mod alarm;
mod dialogue;
mod lease;
mod letter;
mod limits;
mod message;
mod outage;
mod pace;
mod refusal;
mod refused;
mod reply;
mod roots;
mod sender;
mod sending;
mod server;
mod standing;
mod store;
mod stream;
mod transport;

pub use address::reply_address;
pub use alarm::raise_alarm;
pub use letter::{Addressed, Carrier, Letter, Outgoing, Purpose, State, state_word};
pub use message::mark_automatic;
pub use refusal::Refusal;
pub use sender::{FromAddress, Sender, Wake};
pub use standing::Standing;
pub use store::{
    RefusedAddress, about_inquiry, any_network, count_sent, forget_networks, has_auto_reply, queue, queue_all, refused,
    send_all_again, standing,
};
pub use transport::{Delivered, Mailbag, Transport};

use actix_web::web;

/// Mounts the staff pages, under `/admin`.
pub fn admin_routes(routes: &mut web::ServiceConfig) {
    routes
        .service(web::resource("/mail").get(admin::list))
        .service(web::resource("/mail/retry").post(admin::send_all_again))
        .service(web::resource("/mail/refused-addresses/removal").post(admin::trust_address))
        .service(web::resource("/mail/{id}").get(admin::show))
        .service(web::resource("/mail/{id}/sending").post(admin::send_again))
        .service(web::resource("/mail/{id}/dismissal").post(admin::dismiss))
        .service(web::resource("/mail/{id}/dismissal/removal").post(admin::undo_dismissal));
}
