//! The rounds as readers see them: the table of all with its charts, one round, the feed, the record to take away.

mod chart;
mod feed;
mod list;
mod moment;
mod pool_table;
mod show;
mod take_away;
mod totals;

pub use feed::feed;
pub use list::list;
pub use show::show;
pub use take_away::{csv, data, json};
