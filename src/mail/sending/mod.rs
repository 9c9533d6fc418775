//! What the sender reads and records: what is due, how each attempt ended, who may send, and outages.

mod store;

pub use store::{
    LeaseHolder, acquire_lease, end_outage, exists, lease_holder, mark_failed_attempt, mark_outage, mark_sent,
    next_due, next_due_at, outage, release_lease, retry_server, was_requeued,
};
