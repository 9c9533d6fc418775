//! Making a backup: copied aside, packed, read back, and only then put where it was asked for.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result, ensure};
use jiff::Timestamp;

use crate::backups::data_layout::{BackupEntry, BackupFiles, DATABASE, DataLayout};
use crate::backups::manifest::{self, Manifest};
use crate::backups::{archive, verify};
use crate::db;

/// A backup that was made and read back.
#[derive(Debug)]
pub struct CreatedBackup {
    /// What it says of itself.
    pub manifest: Manifest,
    /// In bytes.
    pub size: u64,
    /// Symbolic links that were left out.
    pub links: Vec<PathBuf>,
}

/// Another process is making the same backup.
#[derive(Debug, thiserror::Error)]
#[error("another backup is just being written to the same file")]
pub struct Busy;

/// Makes a backup of `place` in `file`, while whoever likes reads and writes. A backup that cannot be made, or does not
/// read back as it was written, leaves nothing behind. With `stop` it is given up.
pub async fn create(
    layout: &DataLayout,
    file: &Path,
    force: bool,
    now: Timestamp,
    stop: Arc<AtomicBool>,
) -> Result<CreatedBackup> {
    ensure!(layout.database.exists(), "there is no database at {} to back up", layout.database.display());
    ensure!(!file.is_dir(), "{} is a directory: name a file", file.display());
    ensure_absent(file, force)?;
    db::ensure_no_restore_pending(&layout.database)?;
    let work = Workspace::create(file)?;
    let size: u64 =
        layout.files()?.files.iter().filter_map(|kept| kept.path.metadata().ok()).map(|about| about.len()).sum();
    // The copy and the archive at first, the archive and what is read back from it then.
    let needed = 2 * (size + database_size(&layout.database));
    db::DiskSpace::at(&work.directory)?.ensure_free(needed, &work.directory)?;

    let database = work.directory.join(DATABASE);
    db::snapshot_into(&layout.database_url, &database).await?;
    let (schema, rows) = verify::schema_and_row_counts(&database).await?;
    let program = env!("CARGO_PKG_VERSION").to_owned();
    let manifest = Manifest { format: manifest::FORMAT, made_at: now, program, schema, rows, files: vec![] };
    let packed = work.directory.join("packed.tar.gz");
    // Listed once the database is copied: every letter that it calls written is among them, or was erased since.
    let first = BackupEntry { name: DATABASE.into(), path: database.clone() };
    let BackupFiles { files: kept, links } = layout.files()?;
    let files: Vec<BackupEntry> = std::iter::once(first).chain(kept).collect();
    let manifest = blocking({
        let (packed, mut manifest) = (packed.clone(), manifest);
        move || {
            archive::write(&packed, &files, &mut manifest, &stop)?;
            fs::remove_file(database)?;
            Ok(manifest)
        }
    })
    .await?;
    let staging = work.directory.join("read-back");
    let unreadable = "the backup was written, but does not read back as it was: it was thrown away";
    let read = blocking({
        let (packed, staging) = (packed.clone(), staging.clone());
        move || archive::read_archive(&packed, Some(&staging))
    });
    let read = read.await.context(unreadable)?;
    ensure!(read == manifest, unreadable);
    verify::check(&staging.join(DATABASE), &manifest).await.context(unreadable)?;
    ensure_absent(file, force)?;
    let size = packed.metadata()?.len();
    // Its age is read from this, and the file was written with the clock of the machine.
    let dated = File::options().write(true).open(&packed).and_then(|packed| packed.set_modified(now.into()));
    dated.with_context(|| format!("cannot set the time of {}", file.display()))?;
    fs::rename(&packed, file).with_context(|| format!("cannot make {}", file.display()))?;
    fsync_parent(file)?;
    Ok(CreatedBackup { manifest, size, links })
}

fn ensure_absent(file: &Path, force: bool) -> Result<()> {
    ensure!(
        force || !file.exists(),
        "{} is there already: name another file, or replace it with --force",
        file.display()
    );
    Ok(())
}

/// Together with what its log holds.
pub fn database_size(database: &Path) -> u64 {
    let files = [database.to_owned(), db::sibling_path(database, "-wal")];
    files.iter().filter_map(|file| file.metadata().ok()).map(|about| about.len()).sum()
}

/// Writes down, for good, that a file got its name.
pub fn fsync_parent(file: &Path) -> Result<()> {
    let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let done = File::open(directory).and_then(|directory| directory.sync_all());
    done.with_context(|| format!("cannot make {} durable", file.display()))
}

/// Does something slow where it keeps nobody waiting.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.context("the work broke off")?
}

/// The directory beside a backup in which it is made. It goes when it is out of sight; what a killed process left is
/// cleared away by the next that wants the same.
struct Workspace {
    directory: PathBuf,
    _lock: File,
}

impl Workspace {
    fn create(file: &Path) -> Result<Self> {
        let directory = db::sibling_path(file, ".part");
        if let Some(above) = file.parent().filter(|above| !above.as_os_str().is_empty()) {
            ensure!(above.is_dir(), "there is no directory {}", above.display());
        }
        archive::create_private_dir(&directory)?;
        let lock = directory.join("lock");
        let opened = File::options().create(true).truncate(false).write(true).open(&lock);
        let opened = opened.with_context(|| format!("cannot make {}", lock.display()))?;
        if opened.try_lock().is_err() {
            return Err(Busy.into());
        }
        for entry in fs::read_dir(&directory)? {
            let path = entry?.path();
            if path != lock {
                remove(&path).with_context(|| format!("cannot clear away {}", path.display()))?;
            }
        }
        Ok(Self { directory, _lock: opened })
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.directory) {
            tracing::warn!(%error, "what a backup was made from could not be cleared away");
        }
    }
}

/// Removes a file, or a directory with all that is in it.
pub fn remove(path: &Path) -> std::io::Result<()> {
    if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }
}
