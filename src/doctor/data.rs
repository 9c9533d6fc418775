//! The data directory: whether it is there, is ours alone, can be written to, and has room.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::process::{Resource, geteuid, getrlimit};

use crate::db;
use crate::doctor::{DoctorContext, Finding, unreadable};

/// With less, not even today's inquiries may find room.
const MIN_FREE_BYTES: u64 = 50_000_000;
/// A directory of letters can fill a small file system with files alone.
const LOW_FREE_INODES: u64 = 1_000;
/// Each visitor's connection is one, and so is each file of the database.
const MIN_OPEN_FILES_LIMIT: u64 = 1_024;

/// Looks at it without changing anything but a file that comes and goes.
pub fn check(context: &DoctorContext) -> Vec<Finding> {
    let directory = &context.layout.data_dir;
    let mut findings = vec![];
    let name = directory.display();
    match fs::metadata(directory) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            findings.push(Finding::warn(format!("data: there is no directory {name}"), "the first start makes it"));
        }
        Err(_) => findings.extend(unreadable("data", directory)),
        Ok(about) if !about.is_dir() => {
            findings.push(Finding::fail(format!("data: {name} is not a directory"), "set DATA_DIR to another place"));
        }
        Ok(about) => {
            findings.push(owner(directory, about.uid()));
            let mut hidden = vec![];
            find_unreadable(directory, &mut hidden);
            findings.push(permissions(context));
            findings.extend(hidden.first().map(|(path, error)| {
                let more = if hidden.len() > 1 { format!(" and {} more", hidden.len() - 1) } else { String::new() };
                Finding::warn(
                    format!("data: {}{more} may not be read: {error}", path.display()),
                    "run doctor as the user that the site runs as, or give that user the files",
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
        Finding::ok(format!("data: {name} belongs to who asks"))
    } else {
        Finding::warn(
            format!("data: {name} belongs to user {owner}, and user {own} asks"),
            "run doctor, and every other command, as the user that the site runs as",
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
        0 => Finding::ok("data: nobody else can read it"),
        count => Finding::fail(
            format!(
                "data: others can read {}{}",
                open[0],
                if count > 1 { format!(" and {} more", count - 1) } else { String::new() }
            ),
            "chmod -R go= on the directory: it holds what applicants confide, and the site's secret",
        ),
    }
}

/// Files and directories that may not be read, with the reason.
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
    let written = fs::write(&probe, "Can this be written?\n").and_then(|()| fs::remove_file(&probe));
    match written {
        Ok(()) => Finding::ok("data: it can be written to"),
        Err(error) => {
            // What was made and could not be filled goes as well.
            let _ = fs::remove_file(&probe);
            Finding::fail(
                format!("data: {} cannot be written to: {error}", directory.display()),
                "make room on the disk, or give the directory to the user that the site runs as",
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
        Err(error) => return vec![Finding::fail(format!("disk: {error:#}"), "look at the disk")],
    };
    let free = format!(
        "disk: {} MB are free, the database takes {} MB",
        disk.free_bytes / 1_000_000,
        size.div_ceil(1_000_000)
    );
    let mut findings = vec![];
    if disk.free_bytes < MIN_FREE_BYTES {
        findings.push(Finding::fail(free, "make room now: inquiries are refused when the disk is full"));
    } else if disk.free_bytes < 2 * MIN_FREE_BYTES + 3 * size {
        findings.push(Finding::warn(free, "make room: a backup needs twice the size of the database for a while"));
    } else {
        findings.push(Finding::ok(free));
    }
    if let Some(files) = disk.free_inodes.filter(|files| *files < LOW_FREE_INODES) {
        findings.push(Finding::warn(
            format!("disk: only {files} more files can be made"),
            "remove files, or enlarge the disk",
        ));
    }
    findings
}

fn open_files() -> Finding {
    match getrlimit(Resource::Nofile).current {
        Some(limit) if limit < MIN_OPEN_FILES_LIMIT => Finding::warn(
            format!("system: only {limit} files and connections may be open at once"),
            "raise the limit: ulimit -n 65536, or LimitNOFILE= of the service",
        ),
        limit => Finding::ok(format!(
            "system: {} files and connections may be open at once",
            limit.map_or_else(|| "any number of".to_owned(), |limit| limit.to_string())
        )),
    }
}
