//! Admin pages of pictures.

mod list;
mod show;
mod upload;

pub use list::list;
pub use show::{preview, restore, save, show, trash};
pub use upload::upload;
