//! Nightly backups: one per day across all processes, caught up after downtime, with rotation of old ones.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use crate::backups::create::{Busy, create, remove};
use crate::backups::data_layout::{DataLayout, file_names};
use crate::backups::rotation;
use crate::clock::Clock;
use crate::secure_fs;
use crate::web::relative_age;

/// Pause after a failure. Each attempt costs a full snapshot.
const RETRY_DELAY: SignedDuration = SignedDuration::from_hours(1);
/// Age of the newest backup from which staff are alerted: a day plus twelve hours of delay.
pub const MAX_BACKUP_AGE: SignedDuration = SignedDuration::from_hours(36);

pub struct BackupScheduler {
    layout: DataLayout,
    clock: Clock,
    started_at: Timestamp,
    last_seen: Mutex<LastSeen>,
}

/// Result of the last check.
#[derive(Default)]
struct LastSeen {
    newest: Option<Timestamp>,
    failed: Option<(Timestamp, String)>,
}

impl BackupScheduler {
    /// Reads the existing backups. Nothing is created before [`BackupScheduler::run_due`].
    pub fn new(layout: DataLayout, clock: Clock) -> Self {
        let started_at = clock.now();
        let scheduler = Self { layout, clock, started_at, last_seen: Mutex::default() };
        scheduler.refresh(started_at);
        scheduler
    }

    /// Creates the backup that is due, if any. Cancelling `stop` cancels it. A failure is logged and retried after an hour.
    pub async fn run_due(&self, stop: &CancellationToken) {
        let now = self.clock.now();
        if let Err(error) = self.run_if_due(now, stop).await {
            let why = format!("{error:#}");
            tracing::error!("nightly backup failed: {why} (BACKUPS)");
            self.last_seen().failed = Some((now, why));
        }
        self.refresh(now);
    }

    async fn run_if_due(&self, now: Timestamp, stop: &CancellationToken) -> Result<()> {
        let Some(directory) = &self.layout.backup_dir else { return Ok(()) };
        let night = rotation::date_of(now);
        let file = directory.join(rotation::file_name(night));
        let waits = self.last_seen().failed.as_ref().is_some_and(|(at, _)| now < *at + RETRY_DELAY && now >= *at);
        if file.exists() || waits {
            return Ok(());
        }
        secure_fs::create_dir(directory)?;
        match create(&self.layout, &file, false, now, stop.clone()).await {
            Ok(made) => {
                tracing::info!("nightly backup of {night} created and verified");
                for link in made.links {
                    tracing::warn!("the backup leaves out {}: it is a symbolic link", link.display());
                }
            }
            // Another process creates it, or the site is stopping.
            Err(error) if error.is::<Busy>() || file.exists() || stop.is_cancelled() => return Ok(()),
            Err(error) => return Err(error),
        }
        self.last_seen().failed = None;
        prune(directory, night)
    }

    pub fn last_backup(&self) -> Option<Timestamp> {
        self.last_seen().newest
    }

    /// Alert for staff if the newest backup is too old, with the last error.
    pub fn alert_text(&self, now: Timestamp) -> Option<String> {
        self.layout.backup_dir.as_ref()?;
        if now.duration_since(self.last_backup().unwrap_or(self.started_at)) <= MAX_BACKUP_AGE {
            return None;
        }
        let age = match self.last_backup() {
            Some(last) => format!("The newest backup is {} old.", relative_age(last, now)),
            None => "There is no backup yet.".to_owned(),
        };
        let why = self
            .last_seen()
            .failed
            .as_ref()
            .map_or_else(String::new, |(_, why)| format!(" The last attempt failed: {why}."));
        Some(format!("{age}{why} Ask the person who runs the server to run “doctor”."))
    }

    /// Lines about backups for `/health/ready`.
    pub fn health_line(&self, now: Timestamp) -> String {
        match (&self.layout.backup_dir, self.last_backup()) {
            (None, _) => "backup: off\n".to_owned(),
            (Some(_), last) => {
                let late = if self.alert_text(now).is_some() { "backup is late\n" } else { "" };
                let last =
                    last.map_or_else(|| "none yet".to_owned(), |last| format!("newest {}", relative_age(last, now)));
                format!("backup: {last}\n{late}")
            }
        }
    }

    fn refresh(&self, now: Timestamp) {
        let newest = self.layout.backup_dir.as_ref().and_then(|directory| {
            let names = file_names(directory);
            let night = rotation::newest_in(names.iter().map(String::as_str), now)?;
            let written = fs::metadata(directory.join(rotation::file_name(night))).and_then(|file| file.modified());
            Some(rotation::made_at(night, written.ok().and_then(|at| Timestamp::try_from(at).ok()), now))
        });
        self.last_seen().newest = newest;
    }

    fn last_seen(&self) -> MutexGuard<'_, LastSeen> {
        self.last_seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Deletes backups outside the rotation and partial files of killed processes.
fn prune(directory: &Path, tonight: Date) -> Result<()> {
    let names = file_names(directory);
    let backups: BTreeSet<Date> = names.iter().filter_map(|name| rotation::date_from_name(name)).collect();
    let kept = rotation::to_keep(&backups, tonight);
    for night in backups.difference(&kept) {
        remove_in(directory, &rotation::file_name(*night))?;
    }
    // A partial file of tonight may belong to another process.
    let half = |name: &&String| {
        name.strip_suffix(".part").and_then(rotation::date_from_name).is_some_and(|night| night < tonight)
    };
    names.iter().filter(half).try_for_each(|name| remove_in(directory, name))
}

fn remove_in(directory: &Path, name: &str) -> Result<()> {
    let path: PathBuf = directory.join(name);
    remove(&path).with_context(|| format!("cannot delete an old backup: {}", path.display()))
}
