//! The files of a site: where they are and which of them belong in a backup.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

/// Name of the database in a backup, whatever its name on this machine.
pub const DATABASE: &str = "site.db";
const MAX_DEPTH: usize = 16;

/// Paths of a site.
#[derive(Clone, Debug)]
pub struct DataLayout {
    /// Setting `DATA_DIR`.
    pub data_dir: PathBuf,
    pub database_url: String,
    /// File of the database.
    pub database: PathBuf,
    /// Directory of the nightly backups; `None` if they are off.
    pub backup_dir: Option<PathBuf>,
}

#[derive(Debug, Default)]
pub struct BackupFiles {
    /// Sorted by name.
    pub files: Vec<BackupEntry>,
    /// Symbolic links. They are not followed: their targets are outside the site, or elsewhere on purpose.
    pub links: Vec<PathBuf>,
}

#[derive(Clone, Debug)]
pub struct BackupEntry {
    /// Path below `DATA_DIR`, separated by `/`.
    pub name: String,
    pub path: PathBuf,
}

impl DataLayout {
    /// All files to back up, except the database.
    pub fn files(&self) -> Result<BackupFiles> {
        let mut found = BackupFiles::default();
        for name in self.entries()? {
            self.collect(&self.data_dir.join(&name), &name, 0, &mut found)?;
        }
        Ok(found)
    }

    /// Names of the top-level entries of `DATA_DIR` to back up, except the database.
    pub fn entries(&self) -> Result<Vec<String>> {
        let mut names = vec![];
        for name in read_names(&self.data_dir)? {
            let path = self.data_dir.join(&name);
            let is_database = self.is_database_file(&path)
                || self.backup_dir.as_ref().is_some_and(|backups| is_same_path(backups, &path));
            if is_backed_up(&name) && !is_database {
                names.push(name);
            }
        }
        Ok(names)
    }

    /// The database, its log, its lock file, or the directory of a replication tool.
    fn is_database_file(&self, path: &Path) -> bool {
        let own = self.database.file_name().and_then(OsStr::to_str).unwrap_or(DATABASE);
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        let is_named = belongs_to_database(own, name);
        is_named && self.database.parent().is_some_and(|parent| is_same_path(parent, &self.data_dir))
    }

    fn collect(&self, path: &Path, name: &str, depth: usize, found: &mut BackupFiles) -> Result<()> {
        ensure!(depth < MAX_DEPTH, "{} is nested too deeply", path.display());
        // A file erased in the meantime need not be backed up.
        let Ok(about) = fs::symlink_metadata(path) else { return Ok(()) };
        if about.is_symlink() {
            found.links.push(path.to_owned());
        } else if about.is_file() {
            found.files.push(BackupEntry { name: name.to_owned(), path: path.to_owned() });
        } else if about.is_dir() {
            for below in read_names(path)? {
                if !is_temporary(&below) {
                    self.collect(&path.join(&below), &format!("{name}/{below}"), depth + 1, found)?;
                }
            }
        }
        Ok(())
    }
}

/// Whether a backup may contain an entry of this name: a plain relative path that a backup can have produced.
pub fn is_valid_entry_name(name: &str) -> bool {
    let is_plain = |step: &str| !step.is_empty() && step != "." && step != ".." && !step.contains(['\\', '\0', ':']);
    let first = name.split('/').next().unwrap_or_default();
    // Older backups include the directory of a replication tool.
    let is_replication = first.starts_with('.') && belongs_to_database(DATABASE, first);
    name == DATABASE || (name.split('/').all(is_plain) && (is_backed_up(first) || is_replication))
}

/// Whether a top-level entry of `DATA_DIR` belongs in a backup: no backup, temporary file or database file.
pub fn is_backed_up(name: &str) -> bool {
    // Files of an import that has not ended.
    let is_upload = name == "wordpress";
    let is_copy = name == "backups" || name.starts_with("before-restore-") || name.starts_with("restoring-");
    let is_database = belongs_to_database(DATABASE, name);
    // Records the references issued on this machine, which an older backup does not know.
    let is_note = name == "references";
    // Belongs to the file system where DATA_DIR is a separate disk.
    let is_of_the_disk = name == "lost+found";
    !is_upload
        && !is_copy
        && !is_database
        && !is_note
        && !is_of_the_disk
        && !is_temporary(name)
        && name != super::manifest::NAME
}

/// Whether a file belongs to the database `own`: the file itself, its log, or `.site.db-litestream`.
fn belongs_to_database(own: &str, name: &str) -> bool {
    let begins = |name: &str| name.strip_prefix(own).is_some_and(|rest| rest.starts_with('-'));
    name == own || begins(name) || name.strip_prefix('.').is_some_and(begins)
}

/// Partial files, and backups stored among the data.
fn is_temporary(name: &str) -> bool {
    name.ends_with(".part") || name.ends_with(".tar.gz")
}

fn is_same_path(one: &Path, other: &Path) -> bool {
    one == other || matches!((fs::canonicalize(one), fs::canonicalize(other)), (Ok(one), Ok(other)) if one == other)
}

/// Names of the entries of a directory; empty if it cannot be read.
pub fn file_names(directory: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(directory) else { return vec![] };
    entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect()
}

/// Sorted names of the entries of a directory. Fails where [`file_names`] leaves something out.
fn read_names(directory: &Path) -> Result<Vec<String>> {
    let unread = || format!("cannot read the directory {}", directory.display());
    let mut names = vec![];
    for entry in fs::read_dir(directory).with_context(unread)? {
        match entry.with_context(unread)?.file_name().into_string() {
            Ok(name) => names.push(name),
            Err(name) => bail!("{} contains a file whose name is not valid UTF-8: {name:?}", directory.display()),
        }
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_below_the_data_directory_are_valid_entries() {
        for good in
            ["site.db", ".site.db-litestream/generation", "secret", "mail/a@b.eml", "media/2026/a.jpg", "mail/…"]
        {
            assert!(is_valid_entry_name(good), "{good}");
        }
        for evil in [
            "",
            "/etc/passwd",
            "../secret",
            "mail/../../x",
            "mail//x",
            "./secret",
            "mail/",
            "a\\b",
            "C:x",
            "site.db-wal",
            "site.db-restoring",
            ".site.db-litestream/../x",
            "backups/x",
            "before-restore-1/site.db",
            "restoring-1/x",
            "mail.part",
            "x.tar.gz",
            "lost+found/x",
            "references",
            "manifest.json",
        ] {
            assert!(!is_valid_entry_name(evil), "{evil}");
        }
    }

    #[test]
    fn database_backups_and_temporary_files_are_not_in_the_file_list() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        for name in [
            "secret",
            "other.db",
            "other.db-wal",
            "site.db-in-use",
            ".other.db-litestream/generation",
            "mail/one.eml",
            "mail/two.part",
            "media/a/b.jpg",
            "backups/site-2026-11-23.tar.gz",
            "copies/note",
            "before-restore-1/site.db",
            "mine.tar.gz",
            "references",
        ] {
            fs::create_dir_all(at(name).parent().unwrap()).unwrap();
            fs::write(at(name), name).unwrap();
        }
        let layout = DataLayout {
            data_dir: dir.path().to_owned(),
            database_url: String::new(),
            database: at("other.db"),
            backup_dir: Some(at("copies")),
        };
        let names: Vec<String> = layout.files().unwrap().files.into_iter().map(|kept| kept.name).collect();
        assert_eq!(names, ["mail/one.eml", "media/a/b.jpg", "secret"]);
        std::os::unix::fs::symlink(at("secret"), at("mail/link")).unwrap();
        std::os::unix::fs::symlink("/etc", at("etc")).unwrap();
        let files = layout.files().unwrap();
        assert_eq!((files.files.len(), files.links), (3, vec![at("etc"), at("mail/link")]));
        let hidden = DataLayout { database: at(".x.db"), ..layout };
        assert!(hidden.is_database_file(&at(".x.db-wal")) && !hidden.is_database_file(&at("x.db-wal")));
    }
}
