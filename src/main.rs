//! Parses the command line and runs the command.

use std::process::ExitCode;

use clap::Parser;
use immigration_experts::cli::{Cli, read_env_file};

/// Gives memory back to the system a second after it is freed (`.cargo/config.toml`). The allocator of the C library keeps
/// what a burst of requests has taken, for as long as the program runs.
#[cfg(unix)]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[actix_web::main]
async fn main() -> ExitCode {
    // Before the flags are read, since they take their defaults from the environment.
    if let Err(fault) = read_env_file() {
        return fault;
    }
    Cli::parse().run().await
}
