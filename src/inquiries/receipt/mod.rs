//! The receipt: what the visitor sent, its reference and its state; and, once they have confirmed that it is theirs,
//! their way to correct it, take a copy of it, or take it back.

mod confirm;
mod correct;
mod show;
mod store;
mod take_back;
mod take_copy;

pub use confirm::confirm;
pub use correct::{choose_occupation, correct, use_meant_address};
pub use show::show;
pub use take_back::take_back;
pub use take_copy::take_copy;
