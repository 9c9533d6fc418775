//! What the sender reads and records: what is due, how each attempt ended, who may send, and outages.

mod store;

pub use store::{
    Holder, end_outage, hold_sender, is_there, mark_attempt, mark_outage, mark_sent, next_due, next_due_at, outage,
    release_sender, retry_server, sender, was_put_back,
};
