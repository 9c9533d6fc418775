//! The admin area's pages about category lists and the words people use for occupations.

mod code_parser;
mod edit;
mod list_form;
mod lists;
mod show;
mod store;
mod synonyms;

pub use edit::{add, apply_correction, correct, new, preview_correction, preview_new};
pub use lists::list;
pub use show::{close, delete, mark_verified, reopen, show};
pub use store::lists_due_for_review;
pub use synonyms::{add as add_synonyms, remove as remove_synonyms, show as synonyms};
