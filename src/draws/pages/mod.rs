//! The rounds as readers see them: the table of all with its charts, one round, the feed, the record to take away.

mod chart;
mod export;
mod feed;
mod list;
mod local_times;
mod pool_table;
mod show;
mod totals;

pub use export::{csv, data, json};
pub use feed::feed;
pub use list::list;
pub use show::show;
