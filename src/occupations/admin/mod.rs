//! Admin pages for the synonyms of occupations.

mod store;
mod synonyms;

pub use synonyms::{add, remove, show};
