//! Permanent deletion of inquiries and e-mails, and the erasure log.

mod store;

pub use store::{
    Erasure, clear_bounce, count_erasures, delete_old_digests, erase, erase_emails_to, erasures, erasures_of,
    erasures_since, has_old_digests, record_erasure,
};
