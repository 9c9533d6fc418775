//! Admin pages for posts.

mod autosave;
mod changes;
mod draft;
mod edit;
mod findings;
mod list;
mod merge;
mod publish;
mod revisions;
mod save;

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
