//! Tests of the site over HTTP, as a visitor or as staff.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

#[path = "../support/mod.rs"]
mod support;

mod accounts;
mod admin;
mod apply_form;
mod attacks;
mod audit;
mod auto_replies;
mod autosaves;
mod bad_input;
mod canonical_urls;
mod categories;
mod category_lists;
mod clock_jump;
mod concurrent_editing;
mod correction_notices;
mod crs;
mod csrf;
mod digest;
mod directory;
mod directory_search;
mod dismissals;
mod draws;
mod editor_issues;
mod encoded_paths;
mod fact_check;
mod feed_ids;
mod formatted_text;
mod forms;
mod general_draws;
mod headers;
mod http_parsing;
mod import;
mod inbox;
mod licence;
mod limits;
mod mail_certificates;
mod mail_outages;
mod manual_draws;
mod media;
mod nightly_backups;
mod observability;
mod occupation_page;
mod onboarding;
mod outbox;
mod page_cache;
mod pages;
mod phone_numbers;
mod plain_queries;
mod post_trash;
mod posts;
mod preview_links;
mod privacy;
mod properties;
mod public_pages;
mod read_only_database;
mod receipt_lookup;
mod receipt_privacy;
mod receipts;
/// Date of the draw record, and the notice once it is old.
mod record_age;
mod resubmissions;
mod returned_forms;
mod reviews;
mod roles;
mod scheduling;
/// Site search.
mod search;
mod search_limit;
mod search_texts;
mod sign_in;
mod sign_in_limits;
mod slow_clients;
mod smtp_pipelining;
mod spam_quarantine;
mod staged_changes;
mod start;
mod tokens;
mod two_factor;
mod unsaved_forms;
mod upgrades;
mod version_history;
mod wordpress_import;
