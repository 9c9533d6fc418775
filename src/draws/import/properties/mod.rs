//! The government's file, broken in every way that chance finds.

mod date_parser;
mod feed_parser;
