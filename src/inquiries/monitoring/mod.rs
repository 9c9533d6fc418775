//! Daily digest for staff, and the warning about missing inquiries.

mod digest;
mod inactivity;
mod store;
mod warning;

pub use digest::send as send_digest;
pub use warning::inactivity_warning;
