//! The safety copies: how old the newest is, whether it can be read, and what restores have left behind.

use std::fs;
use std::path::Path;

use jiff::SignedDuration;

use crate::backups;
use crate::doctor::{DoctorContext, Finding, unreadable};
use crate::web::relative_age;

const MAX_BACKUP_AGE: SignedDuration = SignedDuration::from_hours(36);

/// Looks at the copies, and reads the newest through.
pub async fn check(context: &DoctorContext) -> Vec<Finding> {
    let mut findings = vec![];
    match &context.layout.backup_dir {
        None => findings.push(Finding::warn(
            "copies: none are made by night, since BACKUPS is off",
            "see to it that something else makes them: backup FILE, say",
        )),
        Some(directory) => findings.push(newest(context, directory).await),
    }
    let beside = context.layout.database.parent().unwrap_or(&context.layout.data_dir);
    let mut left: Vec<String> = [context.layout.data_dir.as_path(), beside]
        .into_iter()
        .flat_map(names)
        .filter(|name| name.starts_with("before-restore-") || name.starts_with("restoring-"))
        .collect();
    left.sort();
    left.dedup();
    for name in left {
        findings.push(if name.starts_with("restoring-") {
            Finding::warn(format!("copies: {name} was left by a restore that was broken off"), "remove it")
        } else {
            let what = format!("copies: {name} holds what a restore took the place of, personal data among it");
            Finding::warn(what, "remove it once it is not needed")
        });
    }
    findings
}

async fn newest(context: &DoctorContext, directory: &Path) -> Finding {
    if let Some(finding) = unreadable("copies", directory) {
        return finding;
    }
    let names = names(directory);
    let Some(night) = backups::newest_in(names.iter().map(String::as_str), context.now) else {
        let none = format!("copies: there is none in {}", directory.display());
        return Finding::warn(none, "a running site makes one within minutes: look at its log");
    };
    let name = backups::file_name(night);
    let file = directory.join(&name);
    if let Some(finding) = unreadable("copies", &file) {
        return finding;
    }
    let read = tokio::task::spawn_blocking(move || backups::read_archive(&file, None)).await;
    match read {
        Ok(Ok(manifest)) if context.now.duration_since(manifest.made_at) <= MAX_BACKUP_AGE => {
            Finding::ok(format!("copies: {name} can be read, made at {}", manifest.made_at))
        }
        Ok(Ok(manifest)) => Finding::warn(
            format!("copies: the newest, {name}, is {} old", relative_age(manifest.made_at, context.now)),
            "see that the site runs, and look at its log",
        ),
        Ok(Err(error)) => {
            Finding::fail(format!("copies: {error:#}"), "remove that file: a running site makes it again")
        }
        Err(_) => Finding::fail(format!("copies: {name} cannot be looked at"), "try again"),
    }
}

fn names(directory: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(directory) else { return vec![] };
    entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect()
}
