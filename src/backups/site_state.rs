//! State of the data directory: an existing site, empty, or a site whose database is missing.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use sqlx::Connection;

use crate::backups::data_layout::{DataLayout, file_names};
use crate::backups::{rotation, store};
use crate::db::{self, DatabaseContent};
use crate::web::plural;

#[derive(Debug)]
pub enum SiteState {
    Present,
    /// No site and no traces of an earlier one.
    Empty,
    /// Traces of a site, but no database.
    DatabaseMissing(MissingDatabase),
}

/// A database that is missing, or that belongs to another program.
#[derive(Debug)]
pub struct MissingDatabase {
    problem: String,
    traces: Vec<String>,
    newest_backup: Option<PathBuf>,
    needs_force: bool,
    /// The file belongs to another program and is never overwritten.
    is_foreign: bool,
    backup_dir: Option<PathBuf>,
}

impl fmt::Display for MissingDatabase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the site's database is missing: {}", self.problem)?;
        if !self.traces.is_empty() {
            write!(f, ", but an earlier site left {}", self.traces.join(", "))?;
        }
        let force = if self.needs_force { " --force" } else { "" };
        match (&self.newest_backup, &self.backup_dir) {
            (Some(newest), _) => {
                write!(
                    f,
                    ". To restore the newest backup, run: immigration-experts restore {}{force}",
                    newest.display()
                )
            }
            (None, Some(directory)) => write!(f, ". No backup was found in {} (BACKUPS)", directory.display()),
            (None, None) => f.write_str(". Backups are off (BACKUPS)"),
        }
    }
}

/// Determines the state without changing anything.
///
/// Traces are read first: a process that is creating a new site at this moment writes its secret after the database.
pub async fn site_state(layout: &DataLayout) -> Result<SiteState> {
    let traces = traces(layout);
    let content = db::inspect(&layout.database_url).await?;
    let file = layout.database.display();
    let what = match content {
        DatabaseContent::Ours if is_filled(layout).await => return Ok(SiteState::Present),
        DatabaseContent::Ours => format!("{file} has empty tables"),
        DatabaseContent::Missing => format!("{file} does not exist"),
        DatabaseContent::Empty => format!("{file} is empty"),
        DatabaseContent::Foreign => format!("{file} contains tables of another program"),
    };
    if traces.is_empty() && content != DatabaseContent::Foreign {
        return Ok(SiteState::Empty);
    }
    let newest = backup_directories(layout).iter().filter_map(|directory| newest_in(directory)).max();
    Ok(SiteState::DatabaseMissing(MissingDatabase {
        problem: what,
        traces,
        newest_backup: newest.map(|(_, path)| path),
        needs_force: content != DatabaseContent::Missing,
        is_foreign: content == DatabaseContent::Foreign,
        backup_dir: layout.backup_dir.clone(),
    }))
}

/// Fails with one sentence if there is no site.
pub async fn ensure_site_exists(layout: &DataLayout) -> Result<()> {
    db::ensure_no_restore_pending(&layout.database)?;
    match site_state(layout).await? {
        SiteState::Present => Ok(()),
        SiteState::DatabaseMissing(lost) => bail!("{lost}"),
        SiteState::Empty => bail!(
            "there is no site in \"{}\" (DATA_DIR): {} is not a site database. Check DATA_DIR and DATABASE_URL, or start a \
             new site with serve",
            layout.data_dir.display(),
            layout.database.display()
        ),
    }
}

/// Fails if the site must not start. Returns true if `allow_new` starts a new site in place of a lost database.
pub async fn check_start(layout: &DataLayout, allow_new: bool) -> Result<bool> {
    db::ensure_no_restore_pending(&layout.database)?;
    match site_state(layout).await? {
        SiteState::DatabaseMissing(lost) if lost.is_foreign => bail!("{lost}. Check DATABASE_URL"),
        SiteState::DatabaseMissing(lost) if !allow_new => {
            bail!("{lost}. To start a new, empty site instead, run: immigration-experts serve --new")
        }
        SiteState::DatabaseMissing(_) => Ok(true),
        SiteState::Present | SiteState::Empty => Ok(false),
    }
}

/// An unreadable database counts as filled: opening it reports the error.
async fn is_filled(layout: &DataLayout) -> bool {
    let read = async {
        let mut db = db::open_read_only(&layout.database_url).await?;
        let is_filled = store::is_filled(&mut db).await?;
        db.close().await?;
        Ok::<_, anyhow::Error>(is_filled)
    };
    read.await.unwrap_or(true)
}

/// Files that only a site that has run leaves behind.
fn traces(layout: &DataLayout) -> Vec<String> {
    let has = |name: &str| layout.data_dir.join(name).symlink_metadata().is_ok_and(|about| about.len() > 0);
    let mut found = vec![];
    let mut add_if = |name: &str, is_there: bool| {
        if is_there {
            found.push(layout.data_dir.join(name).display().to_string());
        }
    };
    add_if("secret", has("secret"));
    add_if("references", has("references"));
    add_if("mail", holds_files(&layout.data_dir.join("mail")));
    add_if("media", holds_files(&layout.data_dir.join("media")));
    let kept = file_names(&layout.data_dir).into_iter().filter(|name| name.starts_with("before-restore-"));
    found.extend(kept.map(|name| layout.data_dir.join(name).display().to_string()));
    let log = db::sibling_path(&layout.database, "-wal");
    if log.metadata().is_ok_and(|about| about.len() > 0) {
        found.push(log.display().to_string());
    }
    for directory in backup_directories(layout) {
        let count = file_names(&directory).iter().filter(|name| rotation::date_from_name(name).is_some()).count();
        if count > 0 {
            let count = plural(i64::try_from(count).unwrap_or(i64::MAX), "backup", "backups");
            found.push(format!("{count} in {}", directory.display()));
        }
    }
    found
}

/// Configured and default directory of backups.
fn backup_directories(layout: &DataLayout) -> BTreeSet<PathBuf> {
    layout.backup_dir.iter().cloned().chain([layout.data_dir.join("backups")]).collect()
}

fn newest_in(directory: &Path) -> Option<(jiff::civil::Date, PathBuf)> {
    let night = file_names(directory).iter().filter_map(|name| rotation::date_from_name(name)).max()?;
    Some((night, directory.join(rotation::file_name(night))))
}

fn holds_files(directory: &Path) -> bool {
    !file_names(directory).is_empty()
}
