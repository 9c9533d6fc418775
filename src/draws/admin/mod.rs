//! Admin pages for draws.

mod edit;
mod form;
mod list;
mod warnings;

pub use edit::{acknowledge, create, edit, new, save};
pub use list::{list, map_name};
