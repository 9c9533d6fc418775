//! The site over HTTP, as a visitor or as staff: one module for each part of it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

#[path = "../support/mod.rs"]
mod support;

mod auto_replies;
mod bad_input;
mod categories;
mod clock;
mod copies;
mod desk;
mod digest;
mod directory;
mod directory_search;
mod directory_unit;
mod dismissals;
mod draws;
mod editions;
mod figures;
mod findings;
mod forms;
mod headers;
mod hostile;
mod import;
mod inbox;
mod limits;
mod lists;
mod mail_certificates;
mod mail_speed;
mod origin;
mod outages;
mod outbox;
mod posts;
mod privacy;
mod properties;
mod receipts;
mod rounds_by_hand;
/// One search over everything.
mod search;
mod set_aside;
mod sign_in;
mod slow;
mod start;
mod tokens;
mod upgrades;
mod visitors;
mod wire;
