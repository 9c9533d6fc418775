//! Folder of one import: the uploaded file and what reading it produced.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};

use crate::db::DiskSpace;
use crate::http::random_token;
use crate::secure_fs;

/// Age after which a folder that belongs to no import is deleted. An upload takes at most an hour.
const LEFTOVER_AGE: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Debug, thiserror::Error)]
#[error(
    "There is not enough free disk space on the server. Nothing was imported. Ask the person who runs the server to free \
     space, then upload the file again."
)]
pub struct DiskFull;

/// Folder with mode 0700, deleted on drop unless it is kept.
#[derive(Debug)]
pub struct WorkFolder {
    path: PathBuf,
    is_kept: bool,
}

impl WorkFolder {
    /// New folder in `parent`.
    pub fn create(parent: &Path) -> Result<Self> {
        let path = parent.join(random_token::<16>());
        secure_fs::create_dir(&path)?;
        Ok(Self { path, is_kept: false })
    }

    /// Existing folder, which stays.
    pub fn open(parent: &Path, name: &str) -> Self {
        Self { path: parent.join(name), is_kept: true }
    }

    pub fn retain(&mut self) {
        self.is_kept = true;
    }

    pub fn name(&self) -> &str {
        self.path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
    }

    /// The uploaded file.
    pub fn upload(&self) -> PathBuf {
        self.path.join("upload")
    }

    pub fn create_file(&self, name: &str) -> Result<File> {
        let options = secure_fs::owner_only().create(true).truncate(true).open(self.path.join(name));
        options.map_err(|error| disk_error(error, "cannot create a file of the import"))
    }

    pub fn open_file(&self, name: &str) -> Result<File> {
        File::open(self.path.join(name)).context("a file of the import is missing")
    }

    /// Fails if writing `bytes` more would fill the disk.
    pub fn ensure_free(&self, bytes: u64) -> Result<()> {
        DiskSpace::at(&self.path)?.ensure_free(bytes, &self.path).context(DiskFull)
    }

    pub fn delete(self) {
        delete(&self.path);
    }
}

impl Drop for WorkFolder {
    fn drop(&mut self) {
        if !self.is_kept {
            delete(&self.path);
        }
    }
}

/// Error about a file, as [`DiskFull`] if the disk is full.
pub fn disk_error(error: io::Error, context: &'static str) -> anyhow::Error {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            anyhow::Error::from(error).context(DiskFull)
        }
        _ => anyhow::Error::from(error).context(context),
    }
}

fn delete(path: &Path) {
    if let Err(error) = fs::remove_dir_all(path)
        && error.kind() != ErrorKind::NotFound
    {
        tracing::warn!("cannot delete the files of an import: {error} ({})", path.display());
    }
}

/// Deletes old folders except those in `kept`: of uploads and commands that were killed.
pub fn delete_leftovers(parent: &Path, kept: &[String]) -> Result<()> {
    let entries = match fs::read_dir(parent) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries.context("cannot read the folder of imports")?,
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let is_kept = kept.iter().any(|kept| name.to_str() == Some(kept));
        let age = entry.metadata()?.modified().ok().and_then(|at| SystemTime::now().duration_since(at).ok());
        if !is_kept && age.is_some_and(|age| age > LEFTOVER_AGE) {
            delete(&entry.path());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_is_deleted_unless_it_is_kept() {
        let parent = tempfile::tempdir().unwrap();
        let folder = WorkFolder::create(parent.path()).unwrap();
        folder.create_file("a").unwrap();
        let path = folder.path.clone();
        drop(folder);
        assert!(!path.exists());
        let mut folder = WorkFolder::create(parent.path()).unwrap();
        folder.retain();
        let path = folder.path.clone();
        drop(folder);
        assert!(path.exists());
    }

    #[test]
    fn old_folders_of_no_import_are_deleted() {
        let parent = tempfile::tempdir().unwrap();
        let day = Duration::from_secs(2 * 24 * 60 * 60);
        for (name, age) in [("old", day), ("kept", day), ("new", Duration::ZERO)] {
            fs::create_dir(parent.path().join(name)).unwrap();
            File::open(parent.path().join(name)).unwrap().set_modified(SystemTime::now() - age).unwrap();
        }
        delete_leftovers(parent.path(), &["kept".to_owned()]).unwrap();
        let left = |name: &str| parent.path().join(name).exists();
        assert_eq!(["old", "kept", "new"].map(left), [false, true, true]);
        delete_leftovers(&parent.path().join("nothing"), &[]).unwrap();
    }

    #[test]
    fn full_disk_is_named() {
        let parent = tempfile::tempdir().unwrap();
        let folder = WorkFolder::create(parent.path()).unwrap();
        assert!(folder.ensure_free(u64::MAX).unwrap_err().is::<DiskFull>());
        assert!(disk_error(ErrorKind::StorageFull.into(), "x").is::<DiskFull>());
        assert_eq!(disk_error(ErrorKind::NotFound.into(), "x").to_string(), "x");
    }
}
