//! The categories of Express Entry as readers see them: which occupations each covers, and since when.

mod list;
mod show;
mod store;
mod take_away;

pub use list::list;
pub use show::show;
pub use store::{CountedList, every_list, rounds_of};
pub use take_away::csv;
