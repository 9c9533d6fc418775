//! The safety copies: how old the newest is, whether it can be read, and what restores have left behind.

use std::fs;
use std::path::Path;

use jiff::SignedDuration;

use crate::backups;
use crate::doctor::{Finding, Patient, unreadable};
use crate::web::age;

const PATIENCE: SignedDuration = SignedDuration::from_hours(36);

/// Looks at the copies, and reads the newest through.
pub async fn check(patient: &Patient) -> Vec<Finding> {
    let mut findings = vec![];
    match &patient.place.copies {
        None => findings.push(Finding::warn(
            "copies: none are made by night, since BACKUPS is off",
            "see to it that something else makes them: backup FILE, say",
        )),
        Some(directory) => findings.push(newest(patient, directory).await),
    }
    let beside = patient.place.database.parent().unwrap_or(&patient.place.data_dir);
    let mut left: Vec<String> = [patient.place.data_dir.as_path(), beside]
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

async fn newest(patient: &Patient, directory: &Path) -> Finding {
    if let Some(finding) = unreadable("copies", directory) {
        return finding;
    }
    let names = names(directory);
    let Some(night) = backups::newest_in(names.iter().map(String::as_str), patient.now) else {
        let none = format!("copies: there is none in {}", directory.display());
        return Finding::warn(none, "a running site makes one within minutes: look at its log");
    };
    let name = backups::file_name(night);
    let file = directory.join(&name);
    if let Some(finding) = unreadable("copies", &file) {
        return finding;
    }
    let read = tokio::task::spawn_blocking(move || backups::read_through(&file, None)).await;
    match read {
        Ok(Ok(manifest)) if patient.now.duration_since(manifest.made_at) <= PATIENCE => {
            Finding::ok(format!("copies: {name} can be read, made at {}", manifest.made_at))
        }
        Ok(Ok(manifest)) => Finding::warn(
            format!("copies: the newest, {name}, is {} old", age(manifest.made_at, patient.now)),
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
