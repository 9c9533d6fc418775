//! Two-factor authentication: a code from an authenticator app (TOTP) after the password, and recovery codes.

mod code_page;
mod pages;
mod pending_sign_in;
mod qr_code;
mod recovery_code;
pub mod store;
mod totp;

pub use code_page::{show as show_code, submit as submit_code};
pub use pages::{confirm, new_recovery_codes, remove, set_up, show};
pub use pending_sign_in::ask_for_code;

/// Page on which staff set up their second factor.
pub const SET_UP_PATH: &str = "/admin/account/two-factor";
