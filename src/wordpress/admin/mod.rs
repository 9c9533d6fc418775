//! Import in the admin area: upload a file, wait for the report, import everything or nothing.

mod confirm;
mod confirm_form;
mod show;
mod upload;

pub use confirm::{cancel, import};
pub use show::{download, show};
pub use upload::{new, upload};
