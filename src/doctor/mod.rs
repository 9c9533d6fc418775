//! The `doctor` command: read-only checks of an installation. Its output contains no secrets.

mod backups;
mod clock;
mod data;
mod database;
mod finding;
mod mail;
mod settings;
mod store;

pub use finding::{Finding, Level};

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use jiff::Timestamp;

use crate::backups::DataLayout;
use crate::config::Config;
use crate::web::EmailAddress;

pub struct DoctorContext {
    pub config: Config,
    pub layout: DataLayout,
    pub now: Timestamp,
    /// Recipient of a test e-mail.
    pub test_recipient: Option<EmailAddress>,
    /// Warnings about variables that look like a misspelt setting.
    pub misspelt_settings: Vec<String>,
}

/// Reports a file or directory without read permission, so that it does not seem to be missing.
fn unreadable(what: &str, path: &Path) -> Option<Finding> {
    let error = match path.metadata() {
        Ok(about) if about.is_dir() => fs::read_dir(path).err(),
        Ok(about) if about.is_file() => fs::File::open(path).err(),
        Ok(_) => None,
        Err(error) => Some(error),
    }?;
    (error.kind() != ErrorKind::NotFound).then(|| {
        Finding::warn(
            format!("{what}: {} cannot be read: {error}", path.display()),
            "run doctor as the user that runs the site",
        )
    })
}

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
