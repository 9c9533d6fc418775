//! Admin pages for posts.

mod autosave;
mod changes;
mod conflict;
mod draft;
mod edit;
mod findings;
mod insert;
mod list;
mod live_preview;
mod merge;
mod panel;
mod pickers;
mod publish;
mod revisions;
mod save;
mod staged;
mod workflow;

pub use autosave::{OfferedAutosave, autosave_new, autosave_post, discard_autosave};
pub use changes::{FieldChange, changes};
pub use draft::draft_from_draw;
pub use edit::{edit, new};
pub use findings::{EditorFinding, EditorFindings};
pub use insert::{convert, insert_new, insert_post};
pub use list::list;
pub use live_preview::live_preview;
pub use merge::{MergeProposal, form_of, merge};
pub use pickers::{pictures, tokens};
pub use publish::{publish, restore, trash, unpublish};
pub use revisions::{restore_revision, revision};
pub use save::{create, save};
pub use staged::{discard_changes, publish_changes, show_changes};
pub use workflow::{cancel_schedule, create_link, revoke_link};
