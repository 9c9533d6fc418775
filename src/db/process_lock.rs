//! Lock of the database: shared by running processes, exclusive for a restore.
//!
//! The lock is on the empty file `site.db-in-use`. The system releases it when a process ends, however it ends.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::secure_fs;

/// Time after which a shared lock gives up waiting for an exclusive one.
const LOCK_TIMEOUT: Duration = Duration::from_secs(2);
const RETRY_INTERVAL: Duration = Duration::from_millis(50);

/// Held lock, released on drop.
#[derive(Debug)]
pub struct ProcessLock(#[expect(dead_code, reason = "the lock is held for as long as the file is open")] File);

impl ProcessLock {
    /// Acquires a shared lock. Fails while another process holds the exclusive one.
    pub async fn shared(database: &Path) -> Result<Self> {
        let file = open_file(database, "-in-use")?;
        let deadline = Instant::now() + LOCK_TIMEOUT;
        loop {
            match file.try_lock_shared() {
                Ok(()) => return Ok(Self(file)),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => tokio::time::sleep(RETRY_INTERVAL).await,
                Err(TryLockError::WouldBlock) => {
                    bail!("a backup is being restored; wait until it is complete")
                }
                Err(TryLockError::Error(error)) => return Err(error).with_context(|| lock_error(database)),
            }
        }
    }

    /// Acquires the exclusive lock; `None` if another process uses the database.
    pub fn exclusive(database: &Path) -> Result<Option<Self>> {
        let file = open_file(database, "-in-use")?;
        Self::try_lock(file, database)
    }

    /// Exclusive lock of the one process that sends e-mail; `None` while another holder has it.
    ///
    /// The kernel releases it when the process dies. It belongs to the open file, so that two sites in one process
    /// exclude each other as well.
    pub fn sender(database: &Path) -> Result<Option<Self>> {
        Self::try_lock(open_file(database, "-sender")?, database)
    }

    /// Exclusive lock of the one import from WordPress; `None` while another one is running.
    pub fn import(database: &Path) -> Result<Option<Self>> {
        Self::try_lock(open_file(database, "-import")?, database)
    }

    fn try_lock(file: File, database: &Path) -> Result<Option<Self>> {
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error).with_context(|| lock_error(database)),
        }
    }

    /// Whether another process uses the database. Leaves no file behind.
    pub fn is_held(database: &Path) -> bool {
        File::open(sibling_path(database, "-in-use"))
            .is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
    }
}

/// Fails if a restore of this database was interrupted.
pub fn ensure_no_restore_pending(database: &Path) -> Result<()> {
    if restore_marker(database).exists() {
        bail!("a restore was interrupted: run the same restore command again to complete it; no data is lost");
    }
    Ok(())
}

/// Journal of a restore, which exists until the restore is complete.
pub fn restore_marker(database: &Path) -> PathBuf {
    sibling_path(database, "-restoring")
}

/// File beside the database with its name plus `ending`.
pub fn sibling_path(database: &Path, ending: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn lock_error(database: &Path) -> String {
    format!("cannot lock the database {}", database.display())
}

fn open_file(database: &Path, ending: &str) -> Result<File> {
    let path = sibling_path(database, ending);
    let opened = secure_fs::owner_only().create(true).truncate(false).open(&path);
    opened.with_context(|| format!("cannot open {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn the_lock_is_shared_or_exclusive() {
        let dir = tempfile::tempdir().unwrap();
        let database = dir.path().join("site.db");
        assert!(!ProcessLock::is_held(&database) && dir.path().read_dir().unwrap().next().is_none());
        let (one, two) = (ProcessLock::shared(&database).await.unwrap(), ProcessLock::shared(&database).await.unwrap());
        assert!(ProcessLock::is_held(&database) && ProcessLock::exclusive(&database).unwrap().is_none());
        drop(one);
        assert!(ProcessLock::exclusive(&database).unwrap().is_none());
        drop(two);
        let alone = ProcessLock::exclusive(&database).unwrap();
        assert!(alone.is_some() && ProcessLock::is_held(&database));
        assert!(ProcessLock::shared(&database).await.unwrap_err().to_string().contains("being restored"));
        drop(alone);
        assert!(ProcessLock::shared(&database).await.is_ok());
    }
}
