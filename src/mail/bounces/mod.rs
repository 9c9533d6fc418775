//! Addresses that refuse every e-mail.

mod store;

pub use store::{BouncedAddress, clear_bounce, find_bounce, list_bounced, mark_bounced};
