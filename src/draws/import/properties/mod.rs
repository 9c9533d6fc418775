//! The government's file, broken in every way that chance finds.

mod file;
mod written;
