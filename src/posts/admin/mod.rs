//! Admin pages for posts.

mod draft;
mod edit;
mod findings;
mod list;
mod publish;

pub use draft::draft_from_draw;
pub use edit::{create, edit, new, revision, save};
pub use list::list;
pub use publish::{publish, restore, trash, unpublish};
