//! Backups: creation, verification, restore and the nightly schedule.

mod archive;
mod create;
mod data_layout;
mod manifest;
mod restore;
mod restore_journal;
mod rotation;
mod schedule;
mod site_state;
mod store;
mod verify;

pub use archive::read_archive;
pub use create::{CreatedBackup, create};
pub use data_layout::{DataLayout, file_names};
pub use restore::{RestoreOutcome, restore};
pub use restore_journal::remove_leftovers;
pub use rotation::{file_name, newest_in};
pub use schedule::{BackupScheduler, MAX_BACKUP_AGE};
pub use site_state::{SiteState, check_start, ensure_site_exists, site_state};
