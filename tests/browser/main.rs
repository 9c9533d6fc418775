//! The site in a real browser: Chromium, driven through chromedriver, as visitors and staff use it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

#[path = "../support/mod.rs"]
mod support;

/// Starts and drives Chromium.
mod chromium;
/// Every page there is, with something to see on each.
mod tour;

mod accessibility;
mod desk;
mod import;
mod inbox;
mod keyboard;
mod narrow;
mod receipt;
mod visitor;
