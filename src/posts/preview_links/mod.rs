//! Preview links: show an unpublished post to people without an account.

mod link;
mod store;

pub use link::{LINK_DAYS, PreviewLink, verified_id};
pub use store::{active, create, find_post, revoke};
