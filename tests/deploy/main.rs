//! Examples in `deploy/` with the real programs around the real site.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "skipped tests print their reason, and some print a count"
)]

#[path = "../support/mod.rs"]
mod support;

#[path = "../cli/program.rs"]
#[allow(dead_code, reason = "each test binary uses a part of it")]
mod program;

mod external_process;
/// Requirements for every cache.
mod proxy_contract;

mod caddy;
mod litestream;
mod nginx;
mod systemd;
mod varnish;
