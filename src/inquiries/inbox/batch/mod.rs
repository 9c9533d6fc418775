//! Bulk actions on selected inquiries, and their undo.

mod apply;
mod store;
mod undo;

pub use apply::apply;
pub use undo::undo;
