//! Parses the command line and runs the command.

use std::process::ExitCode;

use clap::Parser;
use immigration_experts::cli::{Cli, read_env_file};

#[actix_web::main]
async fn main() -> ExitCode {
    // Before the flags are read, since they take their defaults from the environment.
    if let Err(fault) = read_env_file() {
        return fault;
    }
    Cli::parse().run().await
}
