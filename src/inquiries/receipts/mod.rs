//! The receipt: what the visitor sent, its reference and its state; and, once they have confirmed that it is theirs,
//! their way to correct it, take a copy of it, or take it back.

mod confirm;
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
