//! Whether everything is as it should be: what an operator asks first. It only reads, and nothing it says is secret.

mod copies;
mod data;
mod database;
mod finding;
mod mail;
mod settings;
mod store;
mod today;

pub use finding::{Finding, Level};

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use jiff::Timestamp;

use crate::backups::Place;
use crate::config::Config;
use crate::web::EmailAddress;

/// What is looked at.
pub struct Patient {
    /// The settings.
    pub config: Config,
    /// Where everything lies.
    pub place: Place,
    /// The present instant.
    pub now: Timestamp,
    /// Where a letter is to be sent, to see whether one arrives.
    pub letter_to: Option<EmailAddress>,
    /// Warnings about variables that look like a misspelt setting.
    pub odd_names: Vec<String>,
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
pub async fn examine(patient: &Patient) -> Vec<Finding> {
    let mut findings = settings::check(patient);
    findings.extend(data::check(patient));
    findings.extend(today::check(patient.now));
    findings.extend(database::check(patient).await);
    findings.extend(copies::check(patient).await);
    findings.extend(mail::check(patient).await);
    findings
}
