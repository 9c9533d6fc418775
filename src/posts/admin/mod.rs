//! Admin pages for posts.

mod autosave;
mod changes;
mod draft;
mod edit;
mod findings;
mod insert;
mod list;
mod live_preview;
mod pickers;
mod publish;
mod revisions;
mod save;

pub use autosave::{autosave_new, autosave_post, discard_autosave};
pub use draft::draft_from_draw;
pub use edit::{edit, new};
pub use insert::{convert, insert_new, insert_post};
pub use list::list;
pub use live_preview::live_preview;
pub use pickers::{pictures, tokens};
pub use publish::{publish, restore, trash, unpublish};
pub use revisions::{restore_revision, revision};
pub use save::{create, save};
