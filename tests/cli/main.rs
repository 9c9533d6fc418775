//! Tests of the real program in its own directory.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]
#![allow(clippy::print_stdout, reason = "skipped tests print their reason, and random tests print their seed")]

#[path = "../support/mod.rs"]
mod support;

/// Connections of slow clients.
#[path = "../support/slow_connections.rs"]
mod slow_connections;

mod program;

mod backups;
mod check;
mod crash;
mod doctor;
mod doctor_environment;
mod full_disk;
mod graceful_shutdown;
mod import;
mod interrupted_restore;
mod invalid_backups;
mod log;
mod lost_database;
mod mail_in;
mod malicious_backups;
mod media;
mod memory;
mod outbox;
mod schema_version;
mod secrets;
mod serve;
mod settings;
mod slow_clients;
mod socket_activation;
mod staff;
mod staff_full_disk;
mod two_processes;
mod usage_errors;
mod wordpress;
