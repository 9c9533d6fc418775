//! The site in a real browser: Chromium, driven through chromedriver, as visitors and staff use it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

#[path = "../support/mod.rs"]
mod support;

/// Starts and drives Chromium.
mod chromium;
/// Every page there is, with something to see on each.
mod page_list;

mod accessibility;
mod admin;
mod data_pages;
mod first_screen;
mod import;
mod inbox;
mod keyboard;
mod media;
mod receipt;
mod responsive;
mod screenshots;
mod tools;
mod two_factor;
mod unsaved_text;
mod visitor;
mod wordpress_import;
mod workflow;
mod writing;
