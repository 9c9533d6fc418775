//! The program as an operator meets it: the real binary, in a directory of its own.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]
#![allow(clippy::print_stdout, reason = "a test that is skipped, or that draws lots, says so")]

#[path = "../support/mod.rs"]
mod support;

/// Runs the binary.
mod program;
/// The other side of a letter: mail servers of two kinds.
mod smtp;

mod archives;
mod backups;
mod broken_off;
mod doctor;
mod doctor_reaches;
mod evil_backups;
mod faults;
mod full_disk;
mod handed;
mod import;
mod killed;
mod letters;
mod log;
mod lost;
mod memory;
mod newer;
mod secrets;
mod serve;
mod settings;
mod shared;
mod staff;
mod staff_full_disk;
mod stop;
