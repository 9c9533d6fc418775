//! Parses the command line and runs the command.

use std::process::ExitCode;

use clap::Parser;
use immigration_experts::cli::Cli;

#[actix_web::main]
async fn main() -> ExitCode {
    // Before the flags are read, since they take their defaults from the environment. No file is no fault.
    dotenvy::dotenv().ok();
    Cli::parse().run().await
}
