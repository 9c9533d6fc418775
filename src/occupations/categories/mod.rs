//! The categories of Express Entry as readers see them: which occupations each covers, and since when.

mod export;
mod list;
mod show;
mod store;

pub use export::csv;
pub use list::list;
pub use show::show;
pub use store::{CountedList, all_lists, draws_under};
