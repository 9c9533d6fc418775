//! The receipt: status page of an inquiry. Once visitors confirm that it is theirs, they can edit, download or withdraw it.

mod access;
mod confirm;
mod contact_form;
mod correct;
mod export;
mod show;
mod store;
mod withdraw;

pub use confirm::confirm;
pub use correct::{accept_suggestion, choose_occupation, correct};
pub use export::export;
pub use show::show;
pub use withdraw::withdraw;
