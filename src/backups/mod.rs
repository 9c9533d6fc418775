//! Copies of all that must be kept: made while the site runs, read back before they count, put back, and renewed each
//! night.

mod archive;
mod copy;
mod make;
mod manifest;
mod nightly;
mod place;
mod restore;
mod rotation;
mod store;
mod swap;

pub use archive::read_through;
pub use make::{Made, make};
pub use nightly::Nightly;
pub use place::Place;
pub use restore::{Restored, restore};
pub use rotation::{due_at, file_name, newest_in};
