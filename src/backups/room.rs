//! Room on a disk: asked for before it is needed, so that a copy never fills the disk on which inquiries are kept.

use std::path::Path;

use anyhow::{Context, Result, ensure};

/// What is left to the site beside everything else.
const LEFT: u64 = 16 * 1024 * 1024;

/// What is free where a directory lies.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// Bytes.
    pub bytes: u64,
    /// Files that may still be made; `None` where the file system does not count them.
    pub files: Option<u64>,
}

impl Room {
    /// Asks the system.
    pub fn at(directory: &Path) -> Result<Self> {
        let about = rustix::fs::statvfs(directory)
            .with_context(|| format!("cannot learn how much room is left at {}", directory.display()))?;
        let files = (about.f_files > 0).then_some(about.f_favail);
        Ok(Self { bytes: about.f_bavail.saturating_mul(about.f_frsize), files })
    }

    /// Refuses where so many bytes more would not leave the site enough.
    pub fn must_take(self, bytes: u64, directory: &Path) -> Result<()> {
        ensure!(
            self.bytes >= bytes.saturating_add(LEFT),
            "there is not enough room at {}: {} are free, and {} are needed",
            directory.display(),
            megabytes(self.bytes),
            megabytes(bytes + LEFT)
        );
        Ok(())
    }
}

/// `12 MB`
pub fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_that_would_fill_the_disk_is_refused_with_both_figures() {
        let room = Room { bytes: 100_000_000, files: None };
        assert!(room.must_take(80_000_000, Path::new("data")).is_ok());
        let refused = room.must_take(90_000_000, Path::new("data")).unwrap_err().to_string();
        assert_eq!(refused, "there is not enough room at data: 100 MB are free, and 107 MB are needed");
        assert!(Room::at(Path::new("/")).is_ok());
    }
}
