//! Autosaves: the text of an open page editor, stored without a revision and offered when the editor is opened again.

mod store;

pub use store::{PageAutosave, delete, delete_old, find, offered, save};

use jiff::SignedDuration;

/// Time after which an autosave is deleted.
pub const AUTOSAVE_TTL: SignedDuration = SignedDuration::from_hours(30 * 24);
