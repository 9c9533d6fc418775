//! The site over HTTP, as a visitor or as staff: one module for each part of it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

#[path = "../support/mod.rs"]
mod support;

/// Files of rounds, and handing them in.
mod feeds;

mod bad_input;
mod categories;
mod desk;
mod directory;
mod draws;
mod forms;
mod import;
mod lists;
mod outbox;
mod posts;
mod sign_in;
mod start;
mod visitors;
