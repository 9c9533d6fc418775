//! Checks of the data directory: existence, owner, permissions, free space.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::process::{Resource, geteuid, getrlimit};

use crate::db;
use crate::doctor::context::unreadable;
use crate::doctor::{DoctorContext, Finding};

/// With less free space, inquiries may soon be refused.
const MIN_FREE_BYTES: u64 = 50_000_000;
/// E-mail files can exhaust the inodes of a small file system.
const LOW_FREE_INODES: u64 = 1_000;
/// Every connection and every database file uses one.
const MIN_OPEN_FILES_LIMIT: u64 = 1_024;

/// Checks the data directory. The only change is a test file, which is deleted again.
pub fn check(context: &DoctorContext) -> Vec<Finding> {
    let directory = &context.layout.data_dir;
    let mut findings = vec![];
    let name = directory.display();
    match fs::metadata(directory) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            findings.push(Finding::warn(
                format!("data: the directory {name} does not exist"),
                "the first start creates it",
            ));
        }
        Err(_) => findings.extend(unreadable("data", directory)),
        Ok(about) if !about.is_dir() => {
            findings.push(Finding::fail(format!("data: {name} is not a directory"), "set DATA_DIR to a directory"));
        }
        Ok(about) => {
            findings.push(owner(directory, about.uid()));
            let mut hidden = vec![];
            find_unreadable(directory, &mut hidden);
            findings.push(permissions(context));
            findings.extend(hidden.first().map(|(path, error)| {
                let more = if hidden.len() > 1 { format!(" and {} more", hidden.len() - 1) } else { String::new() };
                Finding::warn(
                    format!("data: {}{more} cannot be read: {error}", path.display()),
                    "run doctor as the user that runs the site, or change the owner of the files to that user",
                )
            }));
            findings.push(writable(directory));
            findings.extend(disk_space(context));
        }
    }
    findings.push(open_files());
    findings
}

fn owner(directory: &Path, owner: u32) -> Finding {
    let own = geteuid().as_raw();
    let name = directory.display();
    if owner == own {
        Finding::ok(format!("data: {name} is owned by the current user"))
    } else {
        Finding::warn(
            format!("data: {name} is owned by user {owner}, but the current user is {own}"),
            "run doctor and all other commands as the user that runs the site",
        )
    }
}

fn permissions(context: &DoctorContext) -> Finding {
    let mut open = vec![];
    find_exposed(&context.layout.data_dir, &mut open);
    for ending in ["", "-wal", "-shm"] {
        let file = db::sibling_path(&context.layout.database, ending);
        if is_exposed(&file) && !open.contains(&file.display().to_string()) {
            open.push(file.display().to_string());
        }
    }
    match open.len() {
        0 => Finding::ok("data: only its owner can read it"),
        count => Finding::fail(
            format!(
                "data: other users can read {}{}",
                open[0],
                if count > 1 { format!(" and {} more", count - 1) } else { String::new() }
            ),
            "run chmod -R go= on the directory: it contains personal data and the site's secret",
        ),
    }
}

fn find_unreadable(path: &Path, hidden: &mut Vec<(PathBuf, std::io::Error)>) {
    let about = match path.symlink_metadata() {
        Ok(about) => about,
        Err(error) if error.kind() == ErrorKind::NotFound => return,
        Err(error) => return hidden.push((path.to_owned(), error)),
    };
    if about.is_dir() {
        match fs::read_dir(path) {
            Ok(entries) => entries.flatten().for_each(|entry| find_unreadable(&entry.path(), hidden)),
            Err(error) => hidden.push((path.to_owned(), error)),
        }
    } else if about.is_file()
        && let Err(error) = fs::File::open(path)
        && error.kind() != ErrorKind::NotFound
    {
        hidden.push((path.to_owned(), error));
    }
}

fn find_exposed(path: &Path, open: &mut Vec<String>) {
    if is_exposed(path) {
        open.push(path.display().to_string());
    }
    let Ok(entries) = fs::read_dir(path) else { return };
    for entry in entries.flatten() {
        let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
        if !is_link {
            if entry.path().is_dir() {
                find_exposed(&entry.path(), open);
            } else if is_exposed(&entry.path()) {
                open.push(entry.path().display().to_string());
            }
        }
    }
}

fn is_exposed(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|about| about.mode() & 0o077 != 0)
}

fn writable(directory: &Path) -> Finding {
    let probe = directory.join(format!("doctor-{}.part", std::process::id()));
    let written = fs::write(&probe, "test\n").and_then(|()| fs::remove_file(&probe));
    match written {
        Ok(()) => Finding::ok("data: it is writable"),
        Err(error) => {
            let _ = fs::remove_file(&probe);
            Finding::fail(
                format!("data: {} is not writable: {error}", directory.display()),
                "free some disk space, or change the owner of the directory to the user that runs the site",
            )
        }
    }
}

fn disk_space(context: &DoctorContext) -> Vec<Finding> {
    let database = &context.layout.database;
    let size: u64 =
        ["", "-wal"].iter().filter_map(|end| db::sibling_path(database, end).metadata().ok()).map(|a| a.len()).sum();
    let directory = database.parent().filter(|above| above.is_dir()).unwrap_or(&context.layout.data_dir);
    let disk = match db::DiskSpace::at(directory) {
        Ok(disk) => disk,
        Err(error) => return vec![Finding::fail(format!("disk: {error:#}"), "check the disk")],
    };
    let free = format!("disk: {} MB free, database {} MB", disk.free_bytes / 1_000_000, size.div_ceil(1_000_000));
    let mut findings = vec![];
    if disk.free_bytes < MIN_FREE_BYTES {
        findings.push(Finding::fail(free, "free some space now: inquiries are refused when the disk is full"));
    } else if disk.free_bytes < 2 * MIN_FREE_BYTES + 3 * size {
        findings
            .push(Finding::warn(free, "free some space: a backup temporarily needs twice the size of the database"));
    } else {
        findings.push(Finding::ok(free));
    }
    if let Some(files) = disk.free_inodes.filter(|files| *files < LOW_FREE_INODES) {
        findings.push(Finding::warn(
            format!("disk: only {files} more files can be created"),
            "delete files, or enlarge the disk",
        ));
    }
    findings
}

fn open_files() -> Finding {
    match getrlimit(Resource::Nofile).current {
        Some(limit) if limit < MIN_OPEN_FILES_LIMIT => Finding::warn(
            format!("system: at most {limit} open files and connections"),
            "raise the limit with ulimit -n 65536, or LimitNOFILE= in the service unit",
        ),
        limit => Finding::ok(format!(
            "system: limit of open files and connections: {}",
            limit.map_or_else(|| "none".to_owned(), |limit| limit.to_string())
        )),
    }
}
