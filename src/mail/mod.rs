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
mod smtp_url;
mod standing;
mod store;
mod transport;

pub use alarm::raise_alarm;
pub use capabilities::SmtpUtf8;
pub use letter::{Addressed, Letter, Outgoing, State};
pub use sender::{FromAddress, Sender, Wake};
pub use smtp_url::smtp_warning;
pub use standing::Standing;
pub use store::{RefusedAddress, about_inquiry, count_sent, queue, queue_all, refused, send_all_again, standing};
pub use transport::{Delivered, Mailbag, Transport};

use crate::staff::{Role, StaffRoutes};

/// Mounts the staff pages, under `/admin`.
pub fn admin_routes(routes: &mut StaffRoutes) {
    routes
        .get("/mail", Role::Writer, admin::list)
        .post("/mail/retry", Role::Writer, admin::send_all_again)
        .post("/mail/refused-addresses/removal", Role::Writer, admin::trust_address)
        .get("/mail/{id}", Role::Writer, admin::show)
        .post("/mail/{id}/sending", Role::Writer, admin::send_again);
}
