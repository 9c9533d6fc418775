//! Replies of visitors by e-mail: reading messages, and adding them to the inquiry they belong to.

mod email;
mod quoted_text;
mod receive;
mod store;

pub use receive::{Received, Receiver, Refusal};
pub use store::{Reply, message_ids, replies_to};
