//! Admin pages for pages.

mod autosave;
mod changes;
mod edit;
mod list;
mod revisions;
mod save;
mod trash;

pub use autosave::{autosave_new, autosave_page, discard_autosave};
pub use edit::{edit, new};
pub use list::{change_order, list};
pub use revisions::{restore_revision, revision};
pub use save::{create, save};
pub use trash::{confirm_trash, restore, trash, unpublish};
