//! Texts that refer to the record: the grammar of tokens, and what they stand for when a page is made.

mod facts;
#[cfg(test)]
mod properties;
mod token;

pub use facts::{Facts, speaking_of};
pub use token::{Part, lists_named, rounds_named};
