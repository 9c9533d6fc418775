//! The receipt: status page of an inquiry. Once visitors confirm that it is theirs, they can edit, download or withdraw it.

mod access;
mod confirm;
mod contact_form;
mod correct;
mod correction_notices;
mod export;
mod lookup;
mod show;
mod store;
mod withdraw;

pub use confirm::confirm;
pub use correct::{accept_suggestion, choose_occupation, correct};
pub use correction_notices::send_due as send_correction_notices;
pub use export::export;
pub use lookup::{find, show as show_lookup};
pub use show::show;
pub use withdraw::withdraw;
