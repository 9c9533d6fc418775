//! The website and admin area of an immigration consultancy, in one program.

#![cfg_attr(test, allow(clippy::unwrap_used))]

// Features, in business order.
/// Staff page: accounts, roles, set-up links.
pub mod accounts;
/// Admin dashboard.
pub mod admin;
/// Express Entry categories: dated lists of eligible occupations.
pub mod categories;
/// All corrections of posts and of the draw record.
pub mod corrections;
/// Comprehensive Ranking System: score calculator and past-draw checker.
pub mod crs;
/// Express Entry draws: record, pages, charts, import, corrections, tokens.
pub mod draws;
/// Who has an editor open.
pub mod editing;
/// Checks the text of posts against the draw record.
pub mod fact_check;
/// Front page.
pub mod home;
/// Inquiries: forms, intake, receipts, staff inbox, privacy.
pub mod inquiries;
/// Outbox: transactional queue, sender, retries, transports.
pub mod mail;
/// Pictures: upload, processing, library, trash.
pub mod media;
/// NOC 2021 codes and unit groups: types shared by several features.
pub mod noc;
/// Occupation directory: NOC 2021 unit groups, search, synonyms.
pub mod occupations;
/// Set-up checklist of a new site.
pub mod onboarding;
/// Pages of the company: editor, menu, version history, trash.
pub mod pages;
/// News posts: editor, publication, revisions, public pages, feed.
pub mod posts;
/// Site search.
pub mod search;
/// Company settings.
pub mod site;
/// Roles, sessions, sign-in, two-factor authentication and the audit log.
pub mod staff;
/// Import of a WordPress export.
pub mod wordpress;

// Infrastructure.
/// Builds the application, runs it and shuts it down.
pub mod app;
/// Backup, restore and the backup schedule.
pub mod backups;
/// Commands.
pub mod cli;
/// Clock, replaceable in tests.
pub mod clock;
/// Settings.
pub mod config;
/// SQLite: open, migrate, write transactions, content version, snapshots.
pub mod db;
/// Self-check of an installation.
pub mod doctor;
/// HTTP server and request handling.
pub mod http;
/// Scheduler for recurring jobs.
pub mod jobs;
/// Log output.
pub mod logging;
/// Prometheus metrics.
pub mod metrics;
/// Health checks and the metrics endpoint.
pub mod ops;
/// Cached public pages and purging of upstream caches.
pub mod page_cache;
/// Files that only the owner can read.
pub mod secure_fs;
/// Search engines and sharing: sitemap, share cards, icons.
pub mod seo;
/// Dependencies shared by all handlers.
pub mod services;
/// SIGTERM and SIGINT.
pub mod signals;
/// systemd: socket activation, notifications, watchdog.
pub mod systemd;
#[cfg(test)]
mod test_support;
/// Page building: layout, forms, formatting, Markdown.
pub mod web;
