//! Addresses that refuse every e-mail.

mod store;

pub use store::{RefusedAddress, all_refused, clear_refused, mark_refused, refused};
