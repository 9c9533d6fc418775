//! Outbox: e-mails are queued in the transaction of the change that they report, sent later, and retried.

mod address;
mod admin;
mod auto_reply_limit;
mod banner;
mod delivery_error;
mod email;
mod message;
mod outage;
mod rate_limit;
mod sender;
mod sending;
mod smtp;
mod smtp_failure;
mod smtp_reply;
mod smtp_session;
mod smtp_stage;
mod smtp_url;
mod status;
mod store;
mod tls;
mod transport;

pub use address::{is_same_mailbox, reply_address};
pub use banner::mail_alert_banner;
pub use delivery_error::DeliveryError;
pub use email::{DeliveryState, NewEmail, OutboxMessage, Purpose, QueuedEmail, TransportKind, state_label};
pub use message::mark_automatic;
pub use sender::{FromAddress, Notifier, Sender};
pub use smtp::SmtpUtf8;
pub use smtp_url::smtp_warning;
pub use status::OutboxStatus;
pub use store::{
    BouncedAddress, about_inquiry, count_sent, find_bounce, has_auto_reply, has_message_id, outbox_status,
    purge_network_hashes, queue, queue_all, queue_confidential, record_return, requeue_all,
};
pub use transport::{Delivered, MemoryMailbox, Transport};

use crate::staff::{Role, StaffRoutes};

pub fn admin_routes(routes: &mut StaffRoutes) {
    routes
        .get("/mail", Role::Writer, admin::list)
        .post("/mail/retry", Role::Writer, admin::requeue_all)
        .post("/mail/bounced-addresses/removal", Role::Writer, admin::clear_bounce)
        .get("/mail/{id}", Role::Writer, admin::show)
        .post("/mail/{id}/sending", Role::Writer, admin::requeue)
        .post("/mail/{id}/dismissal", Role::Writer, admin::dismiss)
        .post("/mail/{id}/dismissal/removal", Role::Writer, admin::undo_dismissal);
}
