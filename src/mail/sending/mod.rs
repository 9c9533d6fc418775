//! Database access of the sender.

mod store;

pub use store::{
    end_outage, exists, mark_failed_attempt, mark_outage, mark_sent, next_due, next_due_at, outage, was_requeued,
};
