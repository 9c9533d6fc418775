//! Forms sent after the session had ended: kept for an hour and offered again after sign-in.
//!
//! The guard of the admin area stores such a form and redirects to sign-in. Afterwards, the page with the form is opened
//! again, filled in. A form is shown only with the cookie of the browser that sent it, to the account whose session had
//! ended, or else to the first account that signs in with the cookie.

mod cookie;
mod fill;
mod pages;
mod save;
pub mod store;

pub use cookie::token_hash;
pub use fill::{delete_if_used, fill, find_requested};
pub use pages::{discard, show};
pub use save::keep_and_redirect;

use jiff::SignedDuration;

/// Time for which a form is kept.
pub const FORM_TTL: SignedDuration = SignedDuration::from_hours(1);

/// Query parameter with the ID of the form to fill in, or of the one that was sent again.
pub const FORM_PARAMETER: &str = "unsaved-form";

/// A path, with or without a query, and the ID of a stored form.
fn with_form_id(path: &str, id: i64) -> String {
    let separator = if path.contains('?') { '&' } else { '?' };
    format!("{path}{separator}{FORM_PARAMETER}={id}")
}
