//! Who works on the database: any number of processes at once, or one that must be alone. Beside it lies an empty
//! file, `site.db-in-use`, whose lock tells; the system lets go of it when a process ends, however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// Whoever must be alone is done by then, or will be longer than anybody wants to wait.
const PATIENCE: Duration = Duration::from_secs(2);
const STEP: Duration = Duration::from_millis(50);

/// That a process works on a database, for as long as this lives.
#[derive(Debug)]
pub struct InUse(#[expect(dead_code, reason = "the lock is held for as long as the file is open")] File);

impl InUse {
    /// Says that one more process works on it; refused while another must be alone.
    pub async fn with_others(database: &Path) -> Result<Self> {
        let file = open(database)?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            match file.try_lock_shared() {
                Ok(()) => return Ok(Self(file)),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => tokio::time::sleep(STEP).await,
                Err(TryLockError::WouldBlock) => {
                    bail!("a backup is being restored here just now: wait until it is done")
                }
                Err(TryLockError::Error(error)) => return Err(error).with_context(|| unlocked(database)),
            }
        }
    }

    /// Keeps everybody else away; `None` where somebody works on it.
    pub fn alone(database: &Path) -> Result<Option<Self>> {
        let file = open(database)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error).with_context(|| unlocked(database)),
        }
    }

    /// Whether somebody works on it. Leaves nothing behind.
    pub fn by_anybody(database: &Path) -> bool {
        File::open(beside(database, "-in-use"))
            .is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
    }
}

/// Refuses a database that was being exchanged when the machine went down.
pub fn refuse_half_restored(database: &Path) -> Result<()> {
    if half_restored(database).exists() {
        bail!(
            "the restoring of a backup was interrupted half-way: run the same restore command again, which finishes it; \
             nothing is lost"
        );
    }
    Ok(())
}

/// The note that a restore is under way, which is there until it is done.
pub fn half_restored(database: &Path) -> PathBuf {
    beside(database, "-restoring")
}

/// The file that begins as the database does and goes on with `ending`.
pub fn beside(database: &Path, ending: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn unlocked(database: &Path) -> String {
    format!("cannot lock the database {}", database.display())
}

fn open(database: &Path) -> Result<File> {
    let path = beside(database, "-in-use");
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&path).with_context(|| format!("cannot open {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn several_may_work_on_it_and_one_may_be_alone() {
        let dir = tempfile::tempdir().unwrap();
        let database = dir.path().join("site.db");
        assert!(!InUse::by_anybody(&database) && dir.path().read_dir().unwrap().next().is_none());
        let (one, two) = (InUse::with_others(&database).await.unwrap(), InUse::with_others(&database).await.unwrap());
        assert!(InUse::by_anybody(&database) && InUse::alone(&database).unwrap().is_none());
        drop(one);
        assert!(InUse::alone(&database).unwrap().is_none());
        drop(two);
        let alone = InUse::alone(&database).unwrap();
        assert!(alone.is_some() && InUse::by_anybody(&database));
        assert!(InUse::with_others(&database).await.unwrap_err().to_string().contains("being restored"));
        drop(alone);
        assert!(InUse::with_others(&database).await.is_ok());
    }
}
