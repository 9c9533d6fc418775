//! The outbox: letters queued with what they tell of, sent by one sender, tried again, and shown when they fail.

mod address;
mod admin;
mod alarm;
mod capabilities;
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
mod smtp_url;
mod standing;
mod store;
mod stream;
mod transport;

pub use address::reply_address;
pub use alarm::raise_alarm;
pub use capabilities::SmtpUtf8;
pub use letter::{Addressed, Carrier, Letter, Outgoing, Purpose, State, state_word};
pub use message::mark_automatic;
pub use refusal::Refusal;
pub use sender::{FromAddress, Sender, Wake};
pub use smtp_url::smtp_warning;
pub use standing::Standing;
pub use store::{
    RefusedAddress, about_inquiry, any_network, count_sent, forget_networks, has_auto_reply, queue, queue_all, refused,
    send_all_again, standing,
};
pub use transport::{Delivered, Mailbag, Transport};

use crate::staff::{Role, StaffRoutes};

/// Mounts the staff pages, under `/admin`.
pub fn admin_routes(routes: &mut StaffRoutes) {
    routes
        .get("/mail", Role::Writer, admin::list)
        .post("/mail/retry", Role::Writer, admin::send_all_again)
        .post("/mail/refused-addresses/removal", Role::Writer, admin::trust_address)
        .get("/mail/{id}", Role::Writer, admin::show)
        .post("/mail/{id}/sending", Role::Writer, admin::send_again)
        .post("/mail/{id}/dismissal", Role::Writer, admin::dismiss)
        .post("/mail/{id}/dismissal/removal", Role::Writer, admin::undo_dismissal);
}
