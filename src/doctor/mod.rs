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
}

/// Everything that can be looked at, in the order in which it is mended.
pub async fn examine(patient: &Patient) -> Vec<Finding> {
    let mut findings = settings::check(&patient.config);
    findings.extend(data::check(patient));
    findings.extend(today::check(patient.now));
    findings.extend(database::check(patient).await);
    findings.extend(copies::check(patient).await);
    findings.extend(mail::check(patient).await);
    findings
}
