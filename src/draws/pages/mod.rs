//! Public pages: list, single draw, feed and downloads.

mod chart;
mod export;
mod feed;
mod filter;
mod list;
mod local_times;
mod pool_table;
mod recent_types;
mod share;
mod show;
mod totals;
mod year_chart;

pub use export::{csv, data, json};
pub use feed::feed;
pub use list::list;
pub use show::show;
