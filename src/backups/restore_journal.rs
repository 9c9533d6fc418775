//! Crash-safe swap of old and restored data: renames only, recorded in a journal and resumable after any step.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::backups::data_layout::{DATABASE, DataLayout};
use crate::{db, secure_fs};

/// Journal of a restore in progress, stored beside the database until it is complete.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoreJournal {
    /// Start of the restore, used in directory names: `20261123T021500Z`.
    pub instant: String,
    /// Top-level entries of `DATA_DIR` in the backup, except the database.
    pub names: BTreeSet<String>,
}

impl RestoreJournal {
    /// Reads the journal of an interrupted restore.
    pub fn find_pending(layout: &DataLayout) -> Result<Option<Self>> {
        let note = db::restore_marker(&layout.database);
        if !note.exists() {
            return Ok(None);
        }
        let text = fs::read(&note).with_context(|| format!("cannot read {}", note.display()))?;
        Ok(Some(serde_json::from_slice(&text).with_context(|| format!("{} is damaged", note.display()))?))
    }

    /// Directory with the extracted backup.
    pub fn staging_dir(&self, layout: &DataLayout) -> PathBuf {
        layout.data_dir.join(format!("restoring-{}", self.instant))
    }

    /// Directory with the extracted database, on the file system of the database, so that it can be renamed.
    pub fn database_staging_dir(&self, layout: &DataLayout) -> PathBuf {
        database_sibling(layout, &format!("restoring-{}", self.instant))
    }

    /// Existing directories with the previous data; two if the database is outside `DATA_DIR`.
    pub fn previous_dirs(&self, layout: &DataLayout) -> Vec<PathBuf> {
        let name = format!("before-restore-{}", self.instant);
        let both = BTreeSet::from([layout.data_dir.join(&name), database_sibling(layout, &name)]);
        both.into_iter().filter(|directory| directory.exists()).collect()
    }

    /// Writes the journal, then swaps. From here on a restore is only resumed, never undone.
    pub fn begin(&self, layout: &DataLayout) -> Result<()> {
        let note = db::restore_marker(&layout.database);
        let written = secure_fs::write_atomic(&note, &serde_json::to_vec(self)?);
        written.with_context(|| format!("cannot write {}", note.display()))?;
        self.resume(layout)
    }

    /// Performs the remaining steps.
    pub fn resume(&self, layout: &DataLayout) -> Result<()> {
        let name = format!("before-restore-{}", self.instant);
        let (aside, before) = (self.staging_dir(layout), layout.data_dir.join(&name));
        let names: BTreeSet<String> = self.names.iter().cloned().chain(layout.entries()?).collect();
        for name in &names {
            let is_new = self.names.contains(name);
            rename_pair(&layout.data_dir.join(name), &aside.join(name), &before.join(name), is_new)?;
        }
        let (aside, before) = (self.database_staging_dir(layout), database_sibling(layout, &name));
        // The log and the Litestream state belong to the replaced database and must not be used with the new one.
        let logs = ["-wal", "-shm", "-journal"].map(|ending| db::sibling_path(&layout.database, ending));
        for log in logs.into_iter().chain([litestream_dir(&layout.database)]) {
            let kept = before.join(log.file_name().unwrap_or_default());
            rename_pair(&log, &aside.join("none"), &kept, false)?;
        }
        let kept = before.join(layout.database.file_name().unwrap_or_default());
        rename_pair(&layout.database, &aside.join(DATABASE), &kept, true)?;
        for directory in self.previous_dirs(layout) {
            fsync_dirs(&directory)?;
        }
        sync_parent(&layout.database)?;
        sync_parent(&layout.data_dir.join(DATABASE))?;
        let note = db::restore_marker(&layout.database);
        fs::remove_file(&note).with_context(|| format!("cannot remove {}", note.display()))?;
        sync_parent(&note)?;
        for aside in [self.staging_dir(layout), self.database_staging_dir(layout)] {
            if aside.exists() {
                fs::remove_dir_all(&aside).with_context(|| format!("cannot delete {}", aside.display()))?;
            }
        }
        Ok(())
    }
}

/// Fails if a directory in `DATA_DIR` is a separate file system, which cannot be renamed. Bind mounts are not detected.
pub fn ensure_same_filesystem(layout: &DataLayout) -> Result<()> {
    for name in layout.entries()? {
        let path = layout.data_dir.join(name);
        ensure!(
            is_on_filesystem_of(&path, &layout.data_dir),
            "{} is a separate file system and cannot be renamed. Unmount it and move its contents into {}",
            path.display(),
            layout.data_dir.display()
        );
    }
    Ok(())
}

/// Only directories count: in a container, files of the image have another device number but can be renamed.
fn is_on_filesystem_of(path: &Path, above: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (fs::symlink_metadata(path), fs::metadata(above)) {
        (Ok(about), Ok(above)) => !about.is_dir() || about.dev() == above.dev(),
        _ => true,
    }
}

/// Deletes the leftovers of restores interrupted before the swap.
pub fn remove_leftovers(layout: &DataLayout) -> Result<()> {
    for directory in [layout.data_dir.as_path(), database_dir(layout)] {
        for entry in fs::read_dir(directory).with_context(|| format!("cannot read {}", directory.display()))? {
            let path = entry?.path();
            let is_aside = path.file_name().and_then(|name| name.to_str()).is_some_and(|name| {
                name.strip_prefix("restoring-").is_some_and(|rest| rest.len() == 16 && rest.ends_with('Z'))
            });
            if is_aside {
                fs::remove_dir_all(&path).with_context(|| format!("cannot delete {}", path.display()))?;
            }
        }
    }
    // A partially written journal.
    let partial = secure_fs::partial_path(&db::restore_marker(&layout.database));
    if partial.exists() {
        fs::remove_file(&partial).with_context(|| format!("cannot delete {}", partial.display()))?;
    }
    Ok(())
}

/// Syncs the directory of a file, so that a rename survives a power cut.
fn sync_parent(file: &Path) -> Result<()> {
    secure_fs::sync_parent(file).with_context(|| format!("cannot sync {} to disk", file.display()))
}

/// Syncs a directory and its subdirectories, so that their entries survive a power cut.
pub fn fsync_dirs(directory: &Path) -> Result<()> {
    let unsynced = || format!("cannot sync {} to disk", directory.display());
    for entry in fs::read_dir(directory).with_context(unsynced)? {
        let entry = entry.with_context(unsynced)?;
        if entry.file_type().with_context(unsynced)?.is_dir() {
            fsync_dirs(&entry.path())?;
        }
    }
    fs::File::open(directory).and_then(|directory| directory.sync_all()).with_context(unsynced)
}

/// Moves `target` to `before`, unless it already comes from the backup, then moves `aside` to `target`.
fn rename_pair(target: &Path, aside: &Path, before: &Path, is_new: bool) -> Result<()> {
    let moved = |from: &Path, to: &Path| {
        fs::rename(from, to).with_context(|| format!("cannot move {} to {}", from.display(), to.display()))
    };
    // A dangling symbolic link exists too and would block the rename.
    let is_there = |path: &Path| path.symlink_metadata().is_ok();
    let has_come = is_new && !is_there(aside);
    if is_there(target) && !has_come && !is_there(before) {
        secure_fs::create_dir(before.parent().unwrap_or(before))?;
        moved(target, before)?;
    }
    if is_there(aside) {
        moved(aside, target)?;
    }
    Ok(())
}

/// Directory of Litestream beside a database.
fn litestream_dir(database: &Path) -> PathBuf {
    let name = database.file_name().unwrap_or_default().to_string_lossy();
    database.with_file_name(format!(".{name}-litestream"))
}

fn database_sibling(layout: &DataLayout, name: &str) -> PathBuf {
    database_dir(layout).join(name)
}

fn database_dir(layout: &DataLayout) -> &Path {
    layout.database.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Paths and contents of all files below a directory.
    fn files_with_content(directory: &Path) -> Vec<(String, String)> {
        let mut found = vec![];
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                found.extend(files_with_content(&path));
            } else {
                found.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
            }
        }
        found.sort();
        found
    }

    fn create_fixture(root: &Path, elsewhere: bool) -> (DataLayout, RestoreJournal) {
        let data_dir = root.join("data");
        let database = if elsewhere { root.join("db/own.db") } else { data_dir.join("site.db") };
        let layout = DataLayout { data_dir, database_url: String::new(), database, backup_dir: None };
        let journal =
            RestoreJournal { instant: "20261123T021500Z".into(), names: ["secret", "mail"].map(String::from).into() };
        let write = |path: PathBuf, text: &str| {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        for (name, text) in [("secret", "old"), ("mail/1.eml", "old"), ("media/a", "old"), ("backups/x", "stays")] {
            write(layout.data_dir.join(name), text);
        }
        for ending in ["", "-wal", "-shm"] {
            write(db::sibling_path(&layout.database, ending), "old");
        }
        write(litestream_dir(&layout.database).join("generation"), "old");
        for name in ["secret", "mail/2.eml"] {
            write(journal.staging_dir(&layout).join(name), "new");
        }
        write(journal.database_staging_dir(&layout).join("site.db"), "new");
        (layout, journal)
    }

    #[test]
    fn restore_installs_the_backup_and_keeps_the_previous_files() {
        for elsewhere in [false, true] {
            let dir = tempfile::tempdir().unwrap();
            let (layout, journal) = create_fixture(dir.path(), elsewhere);
            journal.begin(&layout).unwrap();
            let texts: Vec<String> = files_with_content(dir.path())
                .into_iter()
                .map(|(path, text)| format!("{}={text}", path.strip_prefix(dir.path().to_str().unwrap()).unwrap()))
                .collect();
            let (own, before) = if elsewhere {
                ("/db/own.db", "/db/before-restore-20261123T021500Z/own.db")
            } else {
                ("/data/site.db", "/data/before-restore-20261123T021500Z/site.db")
            };
            let mut expected = vec![
                "/data/backups/x=stays".to_owned(),
                "/data/before-restore-20261123T021500Z/mail/1.eml=old".into(),
                "/data/before-restore-20261123T021500Z/media/a=old".into(),
                "/data/before-restore-20261123T021500Z/secret=old".into(),
                "/data/mail/2.eml=new".into(),
                "/data/secret=new".into(),
                format!("{own}=new"),
                format!("{before}=old"),
                format!("{before}-wal=old"),
                format!("{before}-shm=old"),
                format!("{}/generation=old", litestream_dir(Path::new(before)).display()),
            ];
            expected.sort();
            let mut texts = texts;
            texts.sort();
            assert_eq!(texts, expected);
            assert_eq!(journal.previous_dirs(&layout).len(), if elsewhere { 2 } else { 1 });
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn separate_filesystem_is_detected_before_anything_is_changed() {
        assert!(!is_on_filesystem_of(Path::new("/proc"), Path::new("/")));
        assert!(is_on_filesystem_of(Path::new("/proc/self/status"), Path::new("/")), "files are not checked");
        let dir = tempfile::tempdir().unwrap();
        let (layout, _) = create_fixture(dir.path(), true);
        ensure_same_filesystem(&layout).unwrap();
    }

    #[test]
    fn restore_interrupted_after_any_step_resumes_to_the_same_result() {
        let whole = tempfile::tempdir().unwrap();
        let (layout, journal) = create_fixture(whole.path(), false);
        journal.begin(&layout).unwrap();
        let strip = |root: &Path| -> Vec<(String, String)> {
            let root = root.to_str().unwrap();
            files_with_content(Path::new(root)).into_iter().map(|(path, text)| (path.replace(root, ""), text)).collect()
        };
        // One rename at a time: the power may fail after each.
        let step = |layout: &DataLayout, journal: &RestoreJournal, number: usize| {
            let before = layout.data_dir.join(format!("before-restore-{}", journal.instant));
            let aside = journal.staging_dir(layout);
            let names = ["mail", "media", "secret", "site.db-wal", "site.db-shm", ".site.db-litestream", "site.db"];
            let (name, is_second) = (names[number / 2], number % 2 == 1);
            if is_second {
                let _ = fs::rename(aside.join(name), layout.data_dir.join(name));
            } else {
                fs::create_dir_all(&before).unwrap();
                fs::rename(layout.data_dir.join(name), before.join(name)).unwrap();
            }
        };
        for done in 0..=14 {
            let dir = tempfile::tempdir().unwrap();
            let (layout, journal) = create_fixture(dir.path(), false);
            fs::write(db::restore_marker(&layout.database), serde_json::to_vec(&journal).unwrap()).unwrap();
            (0..done).for_each(|number| step(&layout, &journal, number));
            let found = RestoreJournal::find_pending(&layout).unwrap().unwrap();
            assert_eq!(found, journal);
            found.resume(&layout).unwrap();
            assert_eq!(strip(dir.path()), strip(whole.path()), "after {done} steps");
            assert_eq!(RestoreJournal::find_pending(&layout).unwrap(), None);
        }
    }
}
