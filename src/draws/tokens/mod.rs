//! Texts that refer to the record: the grammar of tokens, and what they stand for when a page is made.

mod facts;
mod token;

pub use facts::{Facts, speaking_of};
pub use token::{Part, lists_named, rounds_named};
