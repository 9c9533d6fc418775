//! Public pages: list, single draw, feed and downloads.

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
