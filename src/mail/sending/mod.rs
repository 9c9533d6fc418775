//! Database access of the sender.

mod store;

pub use store::{end_outage, exists, mark_failed_attempt, mark_outage, mark_sent, next_due, outage, was_requeued};
