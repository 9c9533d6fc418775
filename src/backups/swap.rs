//! Putting what was unpacked in the place of what was there: by renaming alone, in steps that may be broken off anywhere
//! and gone through again.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::backups::archive::{new_file, private_directory};
use crate::backups::make::make_durable;
use crate::backups::place::{DATABASE, Place};
use crate::db;

/// What is being exchanged, as it is noted beside the database until it is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Swap {
    /// When it was begun, as it stands in the names of directories: `20261123T021500Z`.
    pub instant: String,
    /// What comes out of the backup into `DATA_DIR` itself, the database aside.
    pub names: BTreeSet<String>,
}

impl Swap {
    /// Reads the note of one that was broken off.
    pub fn interrupted(place: &Place) -> Result<Option<Self>> {
        let note = db::half_restored(&place.database);
        if !note.exists() {
            return Ok(None);
        }
        let text = fs::read(&note).with_context(|| format!("cannot read {}", note.display()))?;
        Ok(Some(serde_json::from_slice(&text).with_context(|| format!("{} is damaged", note.display()))?))
    }

    /// Where what came out of the backup waits.
    pub fn aside(&self, place: &Place) -> PathBuf {
        place.data_dir.join(format!("restoring-{}", self.instant))
    }

    /// Where the database waits: beside the one it takes the place of, since only there can it be renamed.
    pub fn database_aside(&self, place: &Place) -> PathBuf {
        beside(place, &format!("restoring-{}", self.instant))
    }

    /// Where what was there before is kept; one directory, or two where the database lies elsewhere.
    pub fn before(&self, place: &Place) -> Vec<PathBuf> {
        let name = format!("before-restore-{}", self.instant);
        let both = BTreeSet::from([place.data_dir.join(&name), beside(place, &name)]);
        both.into_iter().filter(|directory| directory.exists()).collect()
    }

    /// From here on there is a way forward only: notes that it is begun, and does it.
    pub fn carry_out(&self, place: &Place) -> Result<()> {
        let note = db::half_restored(&place.database);
        let half = db::beside(&note, ".part");
        let _ = fs::remove_file(&half);
        let mut file = new_file(&half)?;
        let unwritten = || format!("cannot write {}", note.display());
        file.write_all(&serde_json::to_vec(self)?).and_then(|()| file.sync_all()).with_context(unwritten)?;
        fs::rename(&half, &note).with_context(unwritten)?;
        make_durable(&note)?;
        self.finish(place)
    }

    /// Does what is left to do of it.
    pub fn finish(&self, place: &Place) -> Result<()> {
        let name = format!("before-restore-{}", self.instant);
        let (aside, before) = (self.aside(place), place.data_dir.join(&name));
        let names: BTreeSet<String> = self.names.iter().cloned().chain(place.entries()?).collect();
        for name in &names {
            let is_new = self.names.contains(name);
            exchange(&place.data_dir.join(name), &aside.join(name), &before.join(name), is_new)?;
        }
        let (aside, before) = (self.database_aside(place), beside(place, &name));
        // The log belongs to the database that goes, and must never meet the other; nor what Litestream knows of it.
        let logs = ["-wal", "-shm", "-journal"].map(|ending| db::beside(&place.database, ending));
        for log in logs.into_iter().chain([of_litestream(&place.database)]) {
            let kept = before.join(log.file_name().unwrap_or_default());
            exchange(&log, &aside.join("none"), &kept, false)?;
        }
        let kept = before.join(place.database.file_name().unwrap_or_default());
        exchange(&place.database, &aside.join(DATABASE), &kept, true)?;
        for directory in self.before(place) {
            sync_directories(&directory)?;
        }
        make_durable(&place.database)?;
        make_durable(&place.data_dir.join(DATABASE))?;
        let note = db::half_restored(&place.database);
        fs::remove_file(&note).with_context(|| format!("cannot remove {}", note.display()))?;
        make_durable(&note)?;
        for aside in [self.aside(place), self.database_aside(place)] {
            if aside.exists() {
                fs::remove_dir_all(&aside).with_context(|| format!("cannot clear away {}", aside.display()))?;
            }
        }
        Ok(())
    }
}

/// Refuses to exchange a directory that is another disk, which cannot be renamed and would be found out half-way. A file or
/// a directory of the same disk that is mounted once more is not told from others.
pub fn refuse_other_disks(place: &Place) -> Result<()> {
    for name in place.entries()? {
        let path = place.data_dir.join(name);
        ensure!(
            is_on_disk_of(&path, &place.data_dir),
            "{} is a disk of its own, and what is on it cannot be exchanged by renaming: unmount it first, with what it \
             holds moved into {}",
            path.display(),
            place.data_dir.display()
        );
    }
    Ok(())
}

/// Files tell nothing: in a container, those of the image are of another disk and can be renamed all the same.
#[cfg(unix)]
fn is_on_disk_of(path: &Path, above: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (fs::symlink_metadata(path), fs::metadata(above)) {
        (Ok(about), Ok(above)) => !about.is_dir() || about.dev() == above.dev(),
        _ => true,
    }
}

#[cfg(not(unix))]
fn is_on_disk_of(_: &Path, _: &Path) -> bool {
    true
}

/// Clears away what restores left that were broken off before anything was exchanged.
pub fn clear_away(place: &Place) -> Result<()> {
    for directory in [place.data_dir.as_path(), parent(place)] {
        for entry in fs::read_dir(directory).with_context(|| format!("cannot read {}", directory.display()))? {
            let path = entry?.path();
            let is_aside = path.file_name().and_then(|name| name.to_str()).is_some_and(|name| {
                name.strip_prefix("restoring-").is_some_and(|rest| rest.len() == 16 && rest.ends_with('Z'))
            });
            if is_aside {
                fs::remove_dir_all(&path).with_context(|| format!("cannot clear away {}", path.display()))?;
            }
        }
    }
    // Half of the note that a restore is under way.
    let half = db::beside(&db::half_restored(&place.database), ".part");
    if half.exists() {
        fs::remove_file(&half).with_context(|| format!("cannot clear away {}", half.display()))?;
    }
    Ok(())
}

/// Writes down, for good, what lies in a directory and in those below it under which names.
pub fn sync_directories(directory: &Path) -> Result<()> {
    let unsynced = || format!("cannot make {} durable", directory.display());
    for entry in fs::read_dir(directory).with_context(unsynced)? {
        let entry = entry.with_context(unsynced)?;
        if entry.file_type().with_context(unsynced)?.is_dir() {
            sync_directories(&entry.path())?;
        }
    }
    fs::File::open(directory).and_then(|directory| directory.sync_all()).with_context(unsynced)
}

/// What is there goes to `before`, unless it came out of the backup already; then what waits aside takes its place.
fn exchange(target: &Path, aside: &Path, before: &Path, is_new: bool) -> Result<()> {
    let moved = |from: &Path, to: &Path| {
        fs::rename(from, to).with_context(|| format!("cannot move {} to {}", from.display(), to.display()))
    };
    // A link that leads nowhere is there as well, and would stand in the way.
    let is_there = |path: &Path| path.symlink_metadata().is_ok();
    let has_come = is_new && !is_there(aside);
    if is_there(target) && !has_come && !is_there(before) {
        private_directory(before.parent().unwrap_or(before))?;
        moved(target, before)?;
    }
    if is_there(aside) {
        moved(aside, target)?;
    }
    Ok(())
}

/// The directory that Litestream keeps beside a database.
fn of_litestream(database: &Path) -> PathBuf {
    let name = database.file_name().unwrap_or_default().to_string_lossy();
    database.with_file_name(format!(".{name}-litestream"))
}

fn beside(place: &Place, name: &str) -> PathBuf {
    parent(place).join(name)
}

fn parent(place: &Place) -> &Path {
    place.database.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What lies below a directory, with its content.
    fn all(directory: &Path) -> Vec<(String, String)> {
        let mut found = vec![];
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                found.extend(all(&path));
            } else {
                found.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
            }
        }
        found.sort();
        found
    }

    fn lay_out(root: &Path, elsewhere: bool) -> (Place, Swap) {
        let data_dir = root.join("data");
        let database = if elsewhere { root.join("db/own.db") } else { data_dir.join("site.db") };
        let place = Place { data_dir, database_url: String::new(), database, copies: None };
        let swap = Swap { instant: "20261123T021500Z".into(), names: ["secret", "mail"].map(String::from).into() };
        let write = |path: PathBuf, text: &str| {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        for (name, text) in [("secret", "old"), ("mail/1.eml", "old"), ("media/a", "old"), ("backups/x", "stays")] {
            write(place.data_dir.join(name), text);
        }
        for ending in ["", "-wal", "-shm"] {
            write(db::beside(&place.database, ending), "old");
        }
        write(of_litestream(&place.database).join("generation"), "old");
        for name in ["secret", "mail/2.eml"] {
            write(swap.aside(&place).join(name), "new");
        }
        write(swap.database_aside(&place).join("site.db"), "new");
        (place, swap)
    }

    #[test]
    fn everything_of_before_is_kept_and_everything_of_the_backup_stands() {
        for elsewhere in [false, true] {
            let dir = tempfile::tempdir().unwrap();
            let (place, swap) = lay_out(dir.path(), elsewhere);
            swap.carry_out(&place).unwrap();
            let texts: Vec<String> = all(dir.path())
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
                format!("{}/generation=old", of_litestream(Path::new(before)).display()),
            ];
            expected.sort();
            let mut texts = texts;
            texts.sort();
            assert_eq!(texts, expected);
            assert_eq!(swap.before(&place).len(), if elsewhere { 2 } else { 1 });
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_disk_among_the_data_is_found_before_anything_is_touched() {
        assert!(!is_on_disk_of(Path::new("/proc"), Path::new("/")));
        assert!(is_on_disk_of(Path::new("/proc/self/status"), Path::new("/")), "a file tells nothing");
        let dir = tempfile::tempdir().unwrap();
        let (place, _) = lay_out(dir.path(), true);
        refuse_other_disks(&place).unwrap();
    }

    #[test]
    fn broken_off_after_any_step_it_is_finished_to_the_same_end() {
        let whole = tempfile::tempdir().unwrap();
        let (place, swap) = lay_out(whole.path(), false);
        swap.carry_out(&place).unwrap();
        let strip = |root: &Path| -> Vec<(String, String)> {
            let root = root.to_str().unwrap();
            all(Path::new(root)).into_iter().map(|(path, text)| (path.replace(root, ""), text)).collect()
        };
        // Every rename by itself, in their order: after each of them the power may go.
        let step = |place: &Place, swap: &Swap, number: usize| {
            let before = place.data_dir.join(format!("before-restore-{}", swap.instant));
            let aside = swap.aside(place);
            let names = ["mail", "media", "secret", "site.db-wal", "site.db-shm", ".site.db-litestream", "site.db"];
            let (name, is_second) = (names[number / 2], number % 2 == 1);
            if is_second {
                let _ = fs::rename(aside.join(name), place.data_dir.join(name));
            } else {
                fs::create_dir_all(&before).unwrap();
                fs::rename(place.data_dir.join(name), before.join(name)).unwrap();
            }
        };
        for done in 0..=14 {
            let dir = tempfile::tempdir().unwrap();
            let (place, swap) = lay_out(dir.path(), false);
            fs::write(db::half_restored(&place.database), serde_json::to_vec(&swap).unwrap()).unwrap();
            (0..done).for_each(|number| step(&place, &swap, number));
            let found = Swap::interrupted(&place).unwrap().unwrap();
            assert_eq!(found, swap);
            found.finish(&place).unwrap();
            assert_eq!(strip(dir.path()), strip(whole.path()), "after {done} steps");
            assert_eq!(Swap::interrupted(&place).unwrap(), None);
        }
    }
}
