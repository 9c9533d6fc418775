//! What the checks need.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use jiff::Timestamp;

use crate::backups::DataLayout;
use crate::config::Config;
use crate::doctor::Finding;
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
pub fn unreadable(what: &str, path: &Path) -> Option<Finding> {
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
