//! Occupation directory: search by words or code, and a page for each occupation.

mod answer;
mod combined;
mod filters;
mod levels;
mod list;
mod not_found;
mod other_draws;
#[cfg(test)]
mod proptests;
mod query;
mod related;
mod search;
mod show;
mod store;

pub use combined::{UnknownCode, unknown_code};
pub use levels::parse_teer_levels;
pub use list::list;
pub use search::{certain_match, suggestions};
pub use show::show;
