//! The command `doctor`.

use std::process::ExitCode;

use anyhow::Result;

use crate::app;
use crate::cli::output::print_line;
use crate::clock::Clock;
use crate::config::{Config, misspelt_settings};
use crate::doctor::{self, DoctorContext, Finding, Level};
use crate::web::EmailAddress;

pub async fn run(config: Result<Config>, test_recipient: Option<EmailAddress>) -> Result<ExitCode> {
    let findings = match config {
        Err(error) => vec![Finding::fail(format!("settings: {error:#}"), "fix it; nothing else was checked")],
        Ok(config) => {
            let layout = app::data_layout(&config)?;
            let misspelt_settings = misspelt_settings();
            doctor::run_checks(&DoctorContext {
                config,
                layout,
                now: Clock::system().now(),
                test_recipient,
                misspelt_settings,
            })
            .await
        }
    };
    findings.iter().for_each(|finding| print_line(&finding.to_string()));
    let is_well = findings.iter().all(|finding| finding.level != Level::Fail);
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
