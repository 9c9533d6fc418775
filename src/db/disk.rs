//! Room on a disk: asked for before it is needed, so that nothing else ever fills the disk on which inquiries are kept.

use std::path::Path;

use anyhow::{Context, Result, ensure};

/// What is left to the site beside everything else: SQLite and the letters need some room to work in.
pub const MIN_FREE_BYTES: u64 = 16 * 1024 * 1024;

/// What is free for us on the disk where a directory lies.
#[derive(Clone, Copy, Debug)]
pub struct DiskSpace {
    /// Bytes.
    pub free_bytes: u64,
    /// Files that may still be made; `None` where the file system does not count them.
    pub free_inodes: Option<u64>,
}

impl DiskSpace {
    /// Asks the system.
    pub fn at(directory: &Path) -> Result<Self> {
        let about = rustix::fs::statvfs(directory)
            .with_context(|| format!("cannot learn how much room is left at {}", directory.display()))?;
        let free_inodes = (about.f_files > 0).then_some(about.f_favail);
        Ok(Self { free_bytes: about.f_bavail.saturating_mul(about.f_frsize), free_inodes })
    }

    /// Refuses where so many bytes more would not leave the site enough.
    pub fn ensure_free(self, bytes: u64, directory: &Path) -> Result<()> {
        let needed = bytes.saturating_add(MIN_FREE_BYTES);
        ensure!(
            self.free_bytes >= needed,
            "there is not enough room at {}: {} are free, and {} are needed",
            directory.display(),
            megabytes(self.free_bytes),
            megabytes(needed)
        );
        Ok(())
    }
}

/// `12 MB`
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
        assert_eq!(refused, "there is not enough room at data: 100 MB are free, and 107 MB are needed");
        assert!(disk.ensure_free(u64::MAX, Path::new("data")).is_err());
        assert!(DiskSpace::at(Path::new("/")).is_ok());
    }
}
