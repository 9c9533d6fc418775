//! Free disk space: checked before large writes, so that there is always room for inquiries.

use std::path::Path;

use anyhow::{Context, Result, ensure};

/// Reserve for SQLite and e-mail files.
pub const MIN_FREE_BYTES: u64 = 16 * 1024 * 1024;

/// Free space on the disk of a directory.
#[derive(Clone, Copy, Debug)]
pub struct DiskSpace {
    pub free_bytes: u64,
    /// Number of files that can still be created; `None` if the file system has no limit.
    pub free_inodes: Option<u64>,
}

impl DiskSpace {
    pub fn at(directory: &Path) -> Result<Self> {
        let about = rustix::fs::statvfs(directory)
            .with_context(|| format!("cannot read the free disk space at {}", directory.display()))?;
        let free_inodes = (about.f_files > 0).then_some(about.f_favail);
        Ok(Self { free_bytes: about.f_bavail.saturating_mul(about.f_frsize), free_inodes })
    }

    /// Fails if writing `bytes` more would not leave the reserve.
    pub fn ensure_free(self, bytes: u64, directory: &Path) -> Result<()> {
        let needed = bytes.saturating_add(MIN_FREE_BYTES);
        ensure!(
            self.free_bytes >= needed,
            "not enough disk space at {}: {} free, {} needed",
            directory.display(),
            megabytes(self.free_bytes),
            megabytes(needed)
        );
        Ok(())
    }
}

/// Formats bytes as `12 MB`.
fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_little_disk_space_is_an_error() {
        let disk = DiskSpace { free_bytes: 100_000_000, free_inodes: None };
        assert!(disk.ensure_free(80_000_000, Path::new("data")).is_ok());
        let refused = disk.ensure_free(90_000_000, Path::new("data")).unwrap_err().to_string();
        assert_eq!(refused, "not enough disk space at data: 100 MB free, 107 MB needed");
        assert!(disk.ensure_free(u64::MAX, Path::new("data")).is_err());
        assert!(DiskSpace::at(Path::new("/")).is_ok());
    }
}
