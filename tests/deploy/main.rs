//! The examples in `deploy/` with the real programs around the real site: what `deploy/README.md` says of them holds.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a test that is left out, or that counts, says so")]

#[path = "../support/mod.rs"]
mod support;

/// Runs the site.
#[path = "../cli/program.rs"]
#[allow(dead_code, reason = "each test binary uses a part of it")]
mod program;

/// Runs what stands beside the site.
mod external_process;
/// What holds of every cache in front of the site.
mod proxy_contract;

mod caddy;
mod litestream;
mod nginx;
mod systemd;
mod varnish;
