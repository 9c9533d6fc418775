//! Preview links: show an unpublished post to people without an account.

mod link;
mod store;

pub use link::{LINK_DAYS, PreviewLink, id_of};
pub use store::{active, create, find, find_post, revoke, revoke_all};
