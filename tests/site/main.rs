//! The site over HTTP, as a visitor or as staff: one module for each part of it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

#[path = "../support/mod.rs"]
mod support;

mod apply_form;
mod audit;
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
mod editor_issues;
mod encoded_paths;
mod feed_ids;
mod figures;
mod findings;
mod forms;
mod headers;
mod hostile;
mod import;
mod inbox;
mod licence;
mod limits;
mod lists;
mod mail_certificates;
mod mail_speed;
mod numbers;
mod origin;
mod other_draws;
mod outages;
mod outbox;
mod plain_queries;
mod posts;
mod privacy;
mod properties;
mod receipt_privacy;
mod receipts;
/// How far the record of draws goes, and what is said once it is old.
mod record_age;
mod returned;
mod roles;
mod rounds_by_hand;
/// One search over everything.
mod search;
mod search_limit;
mod sent_again;
mod set_aside;
mod sign_in;
mod sign_in_limits;
mod slow;
mod spelling;
mod start;
mod tokens;
mod unwritable;
mod upgrades;
mod visitors;
mod wire;
