//! Autosaves: the text of an open editor, stored without a revision and offered when the editor is opened again.

mod store;

pub use store::{
    Autosave, AutosaveTable, AutosavedForm, PAGE_AUTOSAVES, POST_AUTOSAVES, delete_autosave, delete_old_autosaves,
    find_autosave, save_autosave, stored_autosaves,
};
