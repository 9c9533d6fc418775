//! Tokens in texts, such as `{{draw 252 crs}}`, which stand for figures of the record.

#[cfg(test)]
mod proptests;
mod token;
mod values;

pub use token::{DrawField, category_lists_mentioned, draws_mentioned};
pub use values::{TokenValues, mentions_of};
