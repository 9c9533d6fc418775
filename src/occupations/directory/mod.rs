//! The directory: find an occupation by words or code, and read what is known of it.

mod combined;
mod filters;
mod levels;
mod list;
mod other_draws;
#[cfg(test)]
mod properties;
mod search;
mod show;
mod store;
mod typed;
mod unknown;
mod words;

pub use combined::{UnknownCode, unknown_code};
pub use levels::levels_named;
pub use list::list;
pub use search::suggestions;
pub use show::show;
pub use store::{Covered, covered};
pub use words::{fold, nearest, slip_lengths};
