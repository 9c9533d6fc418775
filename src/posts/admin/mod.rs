//! Admin pages for posts.

mod autosave;
mod changes;
mod conflict;
mod draft;
mod edit;
mod findings;
mod list;
mod merge;
mod panel;
mod publish;
mod revisions;
mod save;
mod staged;
mod workflow;

pub use autosave::{autosave_new, autosave_post, discard_autosave};
pub use changes::{FieldChange, changes};
pub use draft::draft_from_draw;
pub use edit::{edit, new};
pub use findings::{EditorFinding, EditorFindings};
pub use list::list;
pub use merge::{MergeProposal, form_of, merge};
pub use publish::{publish, restore, trash, unpublish};
pub use revisions::{restore_revision, revision};
pub use save::{create, save};
pub use staged::{discard_changes, publish_changes, show_changes};
pub use workflow::{cancel_schedule, create_link, revoke_link};
