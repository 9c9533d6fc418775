//! The website and the admin area of an immigration consultancy: news about Express Entry rounds, a directory of
//! occupations, two forms that lose nothing, and the pages from which staff publish and answer.

#![cfg_attr(test, allow(clippy::unwrap_used))]

/// The admin area's front page: what needs attention now.
pub mod admin;
/// Copies of all that must be kept: made, read back, put back, renewed each night.
pub mod backups;
/// Rounds of invitations: the record and its pages.
pub mod draws;
/// The front page.
pub mod home;
/// What visitors send: contact, apply, receipt; the staff inbox.
pub mod inquiries;
/// The outbox: queue inside a transaction, one sender, retries, transports.
pub mod mail;
/// NOC unit groups, categories and their dated lists, the directory.
pub mod occupations;
/// Ready copies of visitors' pages, from one change to the next.
pub mod page_cache;
/// News posts: write, check, publish, read, feed.
pub mod posts;
/// One search over everything that readers may find.
pub mod search;
/// What machines ask for: sitemap, robots, health.
pub mod seo;
/// What the firm says of itself: name, phones, hours, licence; the standing pages.
pub mod site;
/// Who may sign in: accounts, roles, sessions, sign-in, the guard, the audit log.
pub mod staff;

/// The whole site on one page: mounts every feature, the `/admin` guard, 404.
pub mod app;
/// The commands.
pub mod cli;
/// What time it is.
pub mod clock;
/// Every setting once: name, default, why.
pub mod config;
/// Open SQLite, migrate, begin a write, copy.
pub mod db;
/// Whether everything is as it should be: what an operator asks first.
pub mod doctor;
/// How the log is written.
pub mod logging;
/// What is counted and timed, for machines to read.
pub mod metrics;
/// Files for their owner's eyes alone.
pub mod secure_fs;
/// What the manager of services hands over at the start and is told later.
pub mod systemd;
/// What every page shares, and nothing else.
pub mod web;
