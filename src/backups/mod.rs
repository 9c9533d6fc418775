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
mod standing;
mod store;
mod swap;

pub use archive::read_through;
pub use make::{Made, make};
pub use nightly::Nightly;
pub use place::Place;
pub use restore::{Restored, restore};
pub use rotation::{file_name, newest_in};
pub use standing::{Standing, may_start, must_be_a_site, standing};
pub use swap::clear_away;
