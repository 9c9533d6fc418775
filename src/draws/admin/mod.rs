//! The desk's pages about rounds.

mod edit;
mod form;
mod import;
mod list;

pub use edit::{confirm, create, edit, new, save};
pub use import::{apply, hand_in, preview, show};
pub use list::{list, map_name};
