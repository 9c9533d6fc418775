//! Admin pages for draws.

mod edit;
mod form;
mod import;
mod list;
mod warnings;

pub use edit::{acknowledge, create, edit, new, save};
pub use import::{apply, preview, show, upload};
pub use list::{list, map_name};
