//! The admin area's pages about rounds.

mod edit;
mod form;
mod import;
mod list;

pub use edit::{acknowledge, create, edit, new, save};
pub use import::{apply, preview, show, upload};
pub use list::{list, map_name};
