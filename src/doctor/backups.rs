//! Checks of the backups: age and readability of the newest, and leftovers of restores.

use std::path::Path;

use crate::backups::{self, MAX_BACKUP_AGE, file_names};
use crate::doctor::context::unreadable;
use crate::doctor::{DoctorContext, Finding};
use crate::web::relative_age;

pub async fn check(context: &DoctorContext) -> Vec<Finding> {
    let mut findings = vec![];
    match &context.layout.backup_dir {
        None => findings.push(Finding::warn(
            "backups: nightly backups are off (BACKUPS)",
            "make sure that something else creates backups, for example the command backup FILE",
        )),
        Some(directory) => findings.push(newest(context, directory).await),
    }
    let beside = context.layout.database.parent().unwrap_or(&context.layout.data_dir);
    let mut left: Vec<String> = [context.layout.data_dir.as_path(), beside]
        .into_iter()
        .flat_map(file_names)
        .filter(|name| name.starts_with("before-restore-") || name.starts_with("restoring-"))
        .collect();
    left.sort();
    left.dedup();
    for name in left {
        findings.push(if name.starts_with("restoring-") {
            Finding::warn(format!("backups: {name} is left over from an interrupted restore"), "delete it")
        } else {
            let what = format!("backups: {name} contains the data that a restore replaced, including personal data");
            Finding::warn(what, "delete it when you no longer need it")
        });
    }
    findings
}

async fn newest(context: &DoctorContext, directory: &Path) -> Finding {
    if let Some(finding) = unreadable("backups", directory) {
        return finding;
    }
    let names = file_names(directory);
    let Some(night) = backups::newest_in(names.iter().map(String::as_str), context.now) else {
        let none = format!("backups: none found in {}", directory.display());
        return Finding::warn(none, "a running site creates one within minutes; check its log");
    };
    let name = backups::file_name(night);
    let file = directory.join(&name);
    if let Some(finding) = unreadable("backups", &file) {
        return finding;
    }
    let read = tokio::task::spawn_blocking(move || backups::read_archive(&file, None)).await;
    match read {
        Ok(Ok(manifest)) if context.now.duration_since(manifest.made_at) <= MAX_BACKUP_AGE => {
            Finding::ok(format!("backups: {name} is readable, made at {}", manifest.made_at))
        }
        Ok(Ok(manifest)) => Finding::warn(
            format!("backups: the newest, {name}, is {} old", relative_age(manifest.made_at, context.now)),
            "check that the site is running, and check its log",
        ),
        Ok(Err(error)) => {
            Finding::fail(format!("backups: {error:#}"), "delete that file; a running site creates it again")
        }
        Err(_) => Finding::fail(format!("backups: {name} cannot be checked"), "try again"),
    }
}
