//! Admin pages for category lists.

mod audit;
mod code_parser;
mod edit;
mod list;
mod list_form;
mod show;
mod store;

pub use edit::{add, apply_correction, correct, new, preview_correction, preview_new};
pub use list::list;
pub use show::{close, delete, mark_verified, reopen, show};
pub use store::lists_due_for_review;
