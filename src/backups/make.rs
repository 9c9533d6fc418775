//! Making a backup: copied aside, packed, read back, and only then put where it was asked for.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result, ensure};
use jiff::Timestamp;

use crate::backups::manifest::{self, Manifest};
use crate::backups::place::{DATABASE, Files, Kept, Place};
use crate::backups::{archive, copy};
use crate::db;

/// A backup that was made and read back.
#[derive(Debug)]
pub struct Made {
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
pub async fn make(place: &Place, file: &Path, force: bool, now: Timestamp, stop: Arc<AtomicBool>) -> Result<Made> {
    ensure!(place.database.exists(), "there is no database at {} to back up", place.database.display());
    ensure!(!file.is_dir(), "{} is a directory: name a file", file.display());
    refuse_existing(file, force)?;
    db::refuse_half_restored(&place.database)?;
    let work = Work::begin(file)?;
    let size: u64 =
        place.files()?.kept.iter().filter_map(|kept| kept.path.metadata().ok()).map(|about| about.len()).sum();
    // The copy and the archive at first, the archive and what is read back from it then.
    let needed = 2 * (size + database_size(&place.database));
    db::Disk::at(&work.directory)?.must_take(needed, &work.directory)?;

    let database = work.directory.join(DATABASE);
    db::copy_into(&place.database_url, &database).await?;
    let (schema, rows) = copy::figures(&database).await?;
    let program = env!("CARGO_PKG_VERSION").to_owned();
    let manifest = Manifest { format: manifest::FORMAT, made_at: now, program, schema, rows, files: vec![] };
    let packed = work.directory.join("packed.tar.gz");
    // Listed once the database is copied: every letter that it calls written is among them, or was erased since.
    let first = Kept { name: DATABASE.into(), path: database.clone() };
    let Files { kept, links } = place.files()?;
    let files: Vec<Kept> = std::iter::once(first).chain(kept).collect();
    let manifest = blocking({
        let (packed, mut manifest) = (packed.clone(), manifest);
        move || {
            archive::write(&packed, &files, &mut manifest, &stop)?;
            fs::remove_file(database)?;
            Ok(manifest)
        }
    })
    .await?;
    let aside = work.directory.join("read-back");
    let unreadable = "the backup was written, but does not read back as it was: it was thrown away";
    let read = blocking({
        let (packed, aside) = (packed.clone(), aside.clone());
        move || archive::read_through(&packed, Some(&aside))
    });
    let read = read.await.context(unreadable)?;
    ensure!(read == manifest, unreadable);
    copy::check(&aside.join(DATABASE), &manifest).await.context(unreadable)?;
    refuse_existing(file, force)?;
    let size = packed.metadata()?.len();
    // Its age is read from this, and the file was written with the clock of the machine.
    let dated = File::options().write(true).open(&packed).and_then(|packed| packed.set_modified(now.into()));
    dated.with_context(|| format!("cannot set the time of {}", file.display()))?;
    fs::rename(&packed, file).with_context(|| format!("cannot make {}", file.display()))?;
    make_durable(file)?;
    Ok(Made { manifest, size, links })
}

fn refuse_existing(file: &Path, force: bool) -> Result<()> {
    ensure!(
        force || !file.exists(),
        "{} is there already: name another file, or replace it with --force",
        file.display()
    );
    Ok(())
}

/// Together with what its log holds.
pub fn database_size(database: &Path) -> u64 {
    let files = [database.to_owned(), db::beside(database, "-wal")];
    files.iter().filter_map(|file| file.metadata().ok()).map(|about| about.len()).sum()
}

/// Writes down, for good, that a file got its name.
pub fn make_durable(file: &Path) -> Result<()> {
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
struct Work {
    directory: PathBuf,
    _lock: File,
}

impl Work {
    fn begin(file: &Path) -> Result<Self> {
        let directory = db::beside(file, ".part");
        if let Some(above) = file.parent().filter(|above| !above.as_os_str().is_empty()) {
            ensure!(above.is_dir(), "there is no directory {}", above.display());
        }
        archive::private_directory(&directory)?;
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

impl Drop for Work {
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
