//! Parses the command line and runs the command.

use std::process::ExitCode;

use clap::Parser;
use immigration_experts::cli::{Cli, read_env_file};

/// Returns freed memory to the system after a second (`.cargo/config.toml`). The C library's allocator keeps the memory
/// of a burst of requests until the process ends.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[actix_web::main]
async fn main() -> ExitCode {
    // Before parsing, because flags default to environment variables.
    if let Err(fault) = read_env_file() {
        return fault;
    }
    Cli::parse().run().await
}
