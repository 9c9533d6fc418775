//! Room on a disk: asked for before it is needed, so that nothing else ever fills the disk on which inquiries are kept.

use std::path::Path;

use anyhow::{Context, Result, ensure};

/// What is left to the site beside everything else: SQLite and the letters need some room to work in.
pub const LEAST_FREE: u64 = 16 * 1024 * 1024;

/// What is free for us on the disk where a directory lies.
#[derive(Clone, Copy, Debug)]
pub struct Disk {
    /// Bytes.
    pub free: u64,
    /// Files that may still be made; `None` where the file system does not count them.
    pub files: Option<u64>,
}

impl Disk {
    /// Asks the system.
    pub fn at(directory: &Path) -> Result<Self> {
        let about = rustix::fs::statvfs(directory)
            .with_context(|| format!("cannot learn how much room is left at {}", directory.display()))?;
        let files = (about.f_files > 0).then_some(about.f_favail);
        Ok(Self { free: about.f_bavail.saturating_mul(about.f_frsize), files })
    }

    /// Refuses where so many bytes more would not leave the site enough.
    pub fn must_take(self, bytes: u64, directory: &Path) -> Result<()> {
        let needed = bytes.saturating_add(LEAST_FREE);
        ensure!(
            self.free >= needed,
            "there is not enough room at {}: {} are free, and {} are needed",
            directory.display(),
            megabytes(self.free),
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
    fn what_would_fill_the_disk_is_refused_with_both_figures() {
        let disk = Disk { free: 100_000_000, files: None };
        assert!(disk.must_take(80_000_000, Path::new("data")).is_ok());
        let refused = disk.must_take(90_000_000, Path::new("data")).unwrap_err().to_string();
        assert_eq!(refused, "there is not enough room at data: 100 MB are free, and 107 MB are needed");
        assert!(disk.must_take(u64::MAX, Path::new("data")).is_err());
        assert!(Disk::at(Path::new("/")).is_ok());
    }
}
