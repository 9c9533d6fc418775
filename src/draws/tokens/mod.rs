//! Texts that refer to the record: the grammar of tokens, and what they stand for when a page is made.

#[cfg(test)]
mod properties;
mod token;
mod values;

pub use token::{DrawField, category_lists_mentioned, draws_mentioned};
pub use values::{TokenValues, mentions_of};
