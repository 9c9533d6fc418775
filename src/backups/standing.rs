//! Whether there is a site here, may be a new one, or was one whose database is gone.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use sqlx::Connection;

use crate::backups::place::Place;
use crate::backups::{rotation, store};
use crate::db::{self, Content};
use crate::web::plural;

/// What stands in the data directory.
#[derive(Debug)]
pub enum Standing {
    /// A site.
    Site,
    /// Nothing yet, and nothing that an earlier site left.
    Nothing,
    /// What a site leaves behind, without its database.
    Lost(Lost),
}

/// A database that is gone, or that belongs to another program.
#[derive(Debug)]
pub struct Lost {
    what: String,
    traces: Vec<String>,
    newest: Option<PathBuf>,
    is_in_the_way: bool,
    /// The file belongs to another program, which is never overwritten.
    is_foreign: bool,
    copies: Option<PathBuf>,
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the site's database is missing: {}", self.what)?;
        if !self.traces.is_empty() {
            write!(f, ", but an earlier site left {}", self.traces.join(", "))?;
        }
        let force = if self.is_in_the_way { " --force" } else { "" };
        match (&self.newest, &self.copies) {
            (Some(newest), _) => {
                write!(
                    f,
                    ". To restore the newest backup, run: immigration-experts restore {}{force}",
                    newest.display()
                )
            }
            (None, Some(copies)) => write!(f, ". No backup was found in {} (BACKUPS)", copies.display()),
            (None, None) => f.write_str(". Backups are off (BACKUPS)"),
        }
    }
}

/// Looks without changing anything. Traces are looked for first: another process that starts a new site at this moment
/// makes its secret once the database is filled.
pub async fn standing(place: &Place) -> Result<Standing> {
    let traces = traces(place);
    let content = db::content(&place.database_url).await?;
    let file = place.database.display();
    let what = match content {
        Content::Ours if is_filled(place).await => return Ok(Standing::Site),
        Content::Ours => format!("{file} holds empty tables"),
        Content::Missing => format!("{file} does not exist"),
        Content::Empty => format!("{file} is empty"),
        Content::Foreign => format!("{file} holds tables of another program"),
    };
    if traces.is_empty() && content != Content::Foreign {
        return Ok(Standing::Nothing);
    }
    let newest = backup_directories(place).iter().filter_map(|directory| newest_in(directory)).max();
    Ok(Standing::Lost(Lost {
        what,
        traces,
        newest: newest.map(|(_, path)| path),
        is_in_the_way: content != Content::Missing,
        is_foreign: content == Content::Foreign,
        copies: place.copies.clone(),
    }))
}

/// Refuses where there is no site, for every command that works on one. The error is one sentence.
pub async fn must_be_a_site(place: &Place) -> Result<()> {
    db::refuse_half_restored(&place.database)?;
    match standing(place).await? {
        Standing::Site => Ok(()),
        Standing::Lost(lost) => bail!("{lost}"),
        Standing::Nothing => bail!(
            "there is no site in \"{}\" (DATA_DIR): {} holds no site's database. Check DATA_DIR and DATABASE_URL, or start a \
             new site with serve",
            place.data_dir.display(),
            place.database.display()
        ),
    }
}

/// Whether a site may start: with `insists` also as a new one where an earlier site has lost its database, and then true.
pub async fn may_start(place: &Place, insists: bool) -> Result<bool> {
    db::refuse_half_restored(&place.database)?;
    match standing(place).await? {
        Standing::Lost(lost) if lost.is_foreign => bail!("{lost}. Check DATABASE_URL"),
        Standing::Lost(lost) if !insists => {
            bail!("{lost}. To start a new, empty site instead, run: immigration-experts serve --new")
        }
        Standing::Lost(_) => Ok(true),
        Standing::Site | Standing::Nothing => Ok(false),
    }
}

/// A database that cannot be asked counts as filled: opening it says what is wrong with it.
async fn is_filled(place: &Place) -> bool {
    let asked = async {
        let mut db = db::open_to_read(&place.database_url).await?;
        let is_filled = store::is_filled(&mut db).await?;
        db.close().await?;
        Ok::<_, anyhow::Error>(is_filled)
    };
    asked.await.unwrap_or(true)
}

/// What only a site that ran leaves in its directories.
fn traces(place: &Place) -> Vec<String> {
    let has = |name: &str| place.data_dir.join(name).symlink_metadata().is_ok_and(|about| about.len() > 0);
    let mut found = vec![];
    let mut note = |name: &str, is_there: bool| {
        if is_there {
            found.push(place.data_dir.join(name).display().to_string());
        }
    };
    note("secret", has("secret"));
    note("references", has("references"));
    note("mail", holds_files(&place.data_dir.join("mail")));
    note("media", holds_files(&place.data_dir.join("media")));
    let kept = names(&place.data_dir).into_iter().filter(|name| name.starts_with("before-restore-"));
    found.extend(kept.map(|name| place.data_dir.join(name).display().to_string()));
    let log = db::beside(&place.database, "-wal");
    if log.metadata().is_ok_and(|about| about.len() > 0) {
        found.push(log.display().to_string());
    }
    for directory in backup_directories(place) {
        let count = names(&directory).iter().filter(|name| rotation::night_in(name).is_some()).count();
        if count > 0 {
            let count = plural(i64::try_from(count).unwrap_or(i64::MAX), "backup", "backups");
            found.push(format!("{count} in {}", directory.display()));
        }
    }
    found
}

/// Where backups are made, and where they are made without a setting.
fn backup_directories(place: &Place) -> BTreeSet<PathBuf> {
    place.copies.iter().cloned().chain([place.data_dir.join("backups")]).collect()
}

fn newest_in(directory: &Path) -> Option<(jiff::civil::Date, PathBuf)> {
    let night = names(directory).iter().filter_map(|name| rotation::night_in(name)).max()?;
    Some((night, directory.join(rotation::file_name(night))))
}

fn holds_files(directory: &Path) -> bool {
    !names(directory).is_empty()
}

fn names(directory: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(directory) else { return vec![] };
    entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect()
}
