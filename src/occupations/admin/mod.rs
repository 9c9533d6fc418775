//! The desk's pages about category lists and the words people use for occupations.

mod codes;
mod draft;
mod edit;
mod lists;
mod show;
mod store;
mod words;

pub use edit::{add, apply_correction, correct, new, preview_correction, preview_new};
pub use lists::list;
pub use show::{check, end, reopen, show, withdraw};
pub use store::lists_to_check;
pub use words::{add as add_words, remove as remove_words, show as words};
