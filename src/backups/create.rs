//! Creating a backup: snapshot, pack, read back, then rename into place.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::backups::data_layout::{BackupEntry, BackupFiles, DATABASE, DataLayout};
use crate::backups::manifest::{self, Manifest};
use crate::backups::{archive, verify};
use crate::{db, secure_fs};

#[derive(Debug)]
pub struct CreatedBackup {
    pub manifest: Manifest,
    /// Size of the archive in bytes.
    pub size: u64,
    /// Symbolic links that were left out.
    pub links: Vec<PathBuf>,
}

/// Error: another process is writing the same backup.
#[derive(Debug, thiserror::Error)]
#[error("another backup is being written to the same file")]
pub struct Busy;

/// Creates a verified backup in `file` while the site keeps running.
///
/// Leaves nothing behind when it fails or does not read back as written. Cancelling `stop` cancels it.
pub async fn create(
    layout: &DataLayout,
    file: &Path,
    force: bool,
    now: Timestamp,
    stop: CancellationToken,
) -> Result<CreatedBackup> {
    ensure!(layout.database.exists(), "there is no database at {} to back up", layout.database.display());
    ensure!(!file.is_dir(), "{} is a directory; name a file", file.display());
    ensure_absent(file, force)?;
    db::ensure_no_restore_pending(&layout.database)?;
    let work = Workspace::create(file)?;
    let size: u64 =
        layout.files()?.files.iter().filter_map(|kept| kept.path.metadata().ok()).map(|about| about.len()).sum();
    // First the snapshot and the archive, then the archive and the extracted copy.
    let needed = 2 * (size + database_size(&layout.database));
    db::DiskSpace::at(&work.directory)?.ensure_free(needed, &work.directory)?;

    let database = work.directory.join(DATABASE);
    db::snapshot_into(&layout.database_url, &database).await?;
    let (schema, rows) = verify::schema_and_row_counts(&database).await?;
    let program = env!("CARGO_PKG_VERSION").to_owned();
    let manifest = Manifest { format: manifest::FORMAT, made_at: now, program, schema, rows, files: vec![] };
    let packed = work.directory.join("packed.tar.gz");
    // Listed after the snapshot: every e-mail file that the database names is listed, or was erased since.
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
    let unreadable = "the backup could not be read back correctly and was deleted";
    let read = blocking({
        let (packed, staging) = (packed.clone(), staging.clone());
        move || archive::read_archive(&packed, Some(&staging))
    });
    let read = read.await.context(unreadable)?;
    ensure!(read == manifest, unreadable);
    verify::check(&staging.join(DATABASE), &manifest).await.context(unreadable)?;
    ensure_absent(file, force)?;
    let size = packed.metadata()?.len();
    // The age of a backup is read from the file time. The machine's clock may differ from `now`.
    let dated = File::options().write(true).open(&packed).and_then(|packed| packed.set_modified(now.into()));
    dated.with_context(|| format!("cannot set the time of {}", file.display()))?;
    fs::rename(&packed, file).with_context(|| format!("cannot create {}", file.display()))?;
    secure_fs::sync_parent(file).with_context(|| format!("cannot sync {} to disk", file.display()))?;
    Ok(CreatedBackup { manifest, size, links })
}

fn ensure_absent(file: &Path, force: bool) -> Result<()> {
    ensure!(
        force || !file.exists(),
        "{} already exists; choose another name, or replace it with --force",
        file.display()
    );
    Ok(())
}

/// Size of the database file and its write-ahead log in bytes.
pub fn database_size(database: &Path) -> u64 {
    let files = [database.to_owned(), db::sibling_path(database, "-wal")];
    files.iter().filter_map(|file| file.metadata().ok()).map(|about| about.len()).sum()
}

/// Runs blocking work on the thread pool for it.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.context("the background task panicked")?
}

/// Temporary directory beside a backup, deleted on drop. Leftovers of a killed process are deleted on creation.
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
        secure_fs::create_dir(&directory)?;
        let lock = directory.join("lock");
        let opened = File::options().create(true).truncate(false).write(true).open(&lock);
        let opened = opened.with_context(|| format!("cannot create {}", lock.display()))?;
        if opened.try_lock().is_err() {
            return Err(Busy.into());
        }
        for entry in fs::read_dir(&directory)? {
            let path = entry?.path();
            if path != lock {
                remove(&path).with_context(|| format!("cannot delete {}", path.display()))?;
            }
        }
        Ok(Self { directory, _lock: opened })
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.directory) {
            tracing::warn!("cannot delete the temporary files of a backup: {error} (BACKUPS)");
        }
    }
}

/// Deletes a file, or a directory with its contents.
pub fn remove(path: &Path) -> std::io::Result<()> {
    if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }
}
