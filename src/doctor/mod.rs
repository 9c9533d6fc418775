//! Whether everything is as it should be: what an operator asks first. It only reads, and nothing it says is secret.

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

/// What is looked at.
pub struct DoctorContext {
    /// The settings.
    pub config: Config,
    /// Where everything lies.
    pub layout: DataLayout,
    /// The present instant.
    pub now: Timestamp,
    /// Where a letter is to be sent, to see whether one arrives.
    pub test_recipient: Option<EmailAddress>,
    /// Warnings about variables that look like a misspelt setting.
    pub misspelt_settings: Vec<String>,
}

/// That a file or directory may not be looked at, where that is so: it must not seem to be missing.
fn unreadable(what: &str, path: &Path) -> Option<Finding> {
    let error = match path.metadata() {
        Ok(about) if about.is_dir() => fs::read_dir(path).err(),
        Ok(about) if about.is_file() => fs::File::open(path).err(),
        Ok(_) => None,
        Err(error) => Some(error),
    }?;
    (error.kind() != ErrorKind::NotFound).then(|| {
        Finding::warn(
            format!("{what}: {} may not be read: {error}", path.display()),
            "run doctor as the user that the site runs as",
        )
    })
}

/// Everything that can be looked at, in the order in which it is mended.
pub async fn run_checks(context: &DoctorContext) -> Vec<Finding> {
    let mut findings = settings::check(context);
    findings.extend(data::check(context));
    findings.extend(clock::check(context.now));
    findings.extend(database::check(context).await);
    findings.extend(backups::check(context).await);
    findings.extend(mail::check(context).await);
    findings
}
