//! Autosaves: the text of an open post editor, stored without a revision and offered when the editor is opened again.

mod store;

pub use store::{Autosave, delete, delete_old, find, offered, save};

use jiff::SignedDuration;

/// Time after which an autosave is deleted.
pub const AUTOSAVE_TTL: SignedDuration = SignedDuration::from_hours(30 * 24);
