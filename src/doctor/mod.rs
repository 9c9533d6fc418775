//! The `doctor` command: read-only checks of an installation. Its output contains no secrets.

mod backups;
mod clock;
mod context;
mod data;
mod database;
mod finding;
mod mail;
mod settings;
mod store;

pub use context::DoctorContext;
pub use finding::{Finding, Level};

/// Runs all checks, in the order in which problems should be fixed.
pub async fn run_checks(context: &DoctorContext) -> Vec<Finding> {
    let mut findings = settings::check(context);
    findings.extend(data::check(context));
    findings.extend(clock::check(context.now));
    findings.extend(database::check(context).await);
    findings.extend(backups::check(context).await);
    findings.extend(mail::check(context).await);
    findings
}
