//! Putting a backup back: looked through from end to end before anything is touched, unpacked aside, and exchanged for
//! what was there, which is kept.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use sqlx::Connection;

use crate::backups::archive::{private_directory, read_through};
use crate::backups::copy;
use crate::backups::make::{blocking, remove};
use crate::backups::manifest::Manifest;
use crate::backups::place::{DATABASE, Place, may_be_kept};
use crate::backups::swap::{self, Swap};
use crate::db::{self, InUse, Schema};
use crate::inquiries::{self, Since};
use crate::staff;
use crate::web::Key;

/// What came of a restore.
#[derive(Debug)]
pub enum Restored {
    /// The backup stands.
    Done {
        /// What it says of itself.
        manifest: Manifest,
        /// What happened after it was made, where there was a database before that could be asked.
        since: Option<Since>,
        /// Where what was there before is kept.
        before: Vec<PathBuf>,
    },
    /// An earlier one had been interrupted, and is done now; the backup named was not looked at.
    Finished {
        /// Where what was there before is kept.
        before: Vec<PathBuf>,
    },
}

/// Puts the backup in `file` into `place`. Where it fails, nothing was changed; where the machine dies in the middle,
/// the old data stand, or the new, or the next call finishes it.
pub async fn restore(place: &Place, file: &Path, force: bool, now: Timestamp) -> Result<Restored> {
    if let Some(swap) = Swap::interrupted(place)? {
        let _alone = alone(place)?;
        swap.finish(place)?;
        return Ok(Restored::Finished { before: swap.before(place) });
    }
    let manifest = blocking({
        let file = file.to_owned();
        move || read_through(&file, None)
    })
    .await?;
    ensure!(manifest.files.iter().any(|file| file.name == DATABASE), "{} holds no database", file.display());
    let is_there = place.database.exists();
    ensure!(
        force || !is_there,
        "there is a database at {} already: with --force it is kept aside and the backup takes its place",
        place.database.display()
    );
    private_directory(&place.data_dir)?;
    let _alone = alone(place)?;
    swap::refuse_other_disks(place)?;
    swap::clear_away(place)?;
    let swap = Swap { instant: free_instant(place, now), names: names(&manifest) };
    let put_back = unpack_and_exchange(place, file, &swap, &manifest, now).await;
    if put_back.is_err() && Swap::interrupted(place)?.is_none() {
        for aside in [swap.aside(place), swap.database_aside(place)] {
            // What cannot be cleared away now is by the next restore.
            let _ = remove(&aside);
        }
    }
    Ok(Restored::Done { since: put_back?, manifest, before: swap.before(place) })
}

fn alone(place: &Place) -> Result<InUse> {
    InUse::alone(&place.database)?
        .with_context(|| format!("a site, or a command, is at work on {}: stop it first", place.database.display()))
}

async fn unpack_and_exchange(
    place: &Place,
    file: &Path,
    swap: &Swap,
    manifest: &Manifest,
    now: Timestamp,
) -> Result<Option<Since>> {
    let (aside, database_aside) = (swap.aside(place), swap.database_aside(place));
    private_directory(&aside)?;
    private_directory(&database_aside)?;
    let needed = manifest.size();
    for directory in BTreeSet::from([&aside, &database_aside]) {
        db::Disk::at(directory)?.must_take(needed, directory)?;
    }
    let read = blocking({
        let (file, aside) = (file.to_owned(), aside.clone());
        move || read_through(&file, Some(&aside))
    });
    ensure!(read.await? == *manifest, "{} was changed while it was being read", file.display());
    let database = database_aside.join(DATABASE);
    if aside != database_aside {
        std::fs::copy(aside.join(DATABASE), &database).context("the database cannot be copied to its place")?;
        std::fs::File::open(&database)?.sync_all()?;
        remove(&aside.join(DATABASE))?;
    }
    for directory in BTreeSet::from([&aside, &database_aside]) {
        swap::sync_directories(directory)?;
    }
    let schema =
        copy::check(&database, manifest).await.with_context(|| format!("{} cannot be used", file.display()))?;
    copy::refuse_strange(&database).await.with_context(|| format!("{} cannot be used", file.display()))?;
    let secret = aside.join("secret");
    if secret.exists() {
        let read = Key::read(&secret).ok();
        ensure!(read.is_some(), "{} cannot be used: its secret is empty or cut short", file.display());
    }
    let since = write_into(place, &database, &aside, manifest, &schema, now).await?;
    blocking({
        let (swap, place) = (swap.clone(), place.clone());
        move || swap.carry_out(&place)
    })
    .await?;
    Ok(since)
}

/// Writes into the unpacked database what must be known there: that it was restored, and what was erased since.
async fn write_into(
    place: &Place,
    database: &Path,
    aside: &Path,
    manifest: &Manifest,
    schema: &Schema,
    now: Timestamp,
) -> Result<Option<Since>> {
    let mut copy = db::open_copy(database).await?;
    let mut tx = copy.begin().await?;
    let mut since = None;
    // What an older version left is brought up to date by the next start, and cannot be worked on before.
    if matches!(schema, Schema::Current(_)) {
        since = what_happened_since(place, &mut tx, manifest, now).await?;
        if since.is_none() {
            inquiries::leave_out_ids(&mut tx).await?;
        }
        for message_id in since.iter().flat_map(|since| &since.letters) {
            let letter = aside.join("mail").join(format!("{message_id}.eml"));
            if letter.exists() {
                remove(&letter)?;
            }
        }
    }
    // Sessions and one-time addresses that ended since must not come back to life.
    staff::end_everything(&mut tx).await?;
    let action = "restored a backup made at";
    staff::audit(&mut tx, now, "command line", action, &manifest.made_at.to_string()).await?;
    tx.commit().await?;
    copy.close().await?;
    Ok(since)
}

/// Asks the database that goes. One that is damaged, or older or newer than this program, cannot be asked.
async fn what_happened_since(
    place: &Place,
    restored: &mut sqlx::SqliteConnection,
    manifest: &Manifest,
    now: Timestamp,
) -> Result<Option<Since>> {
    if !place.database.exists() || !place.data_dir.join("secret").exists() {
        return Ok(None);
    }
    let asked = async {
        let mut old = db::open_to_read(&place.database_url).await?;
        if !matches!(Schema::of(&mut old).await?, Schema::Current(_)) {
            bail!("its tables are of another version");
        }
        let happened = inquiries::happened_since(&mut old, manifest.made_at).await?;
        old.close().await?;
        Ok((happened, Key::kept_in(&place.data_dir)?))
    };
    let (happened, key) = match asked.await {
        Ok(asked) => asked,
        Err(error) => {
            tracing::warn!(error = format!("{error:#}"), "the database that was there cannot be asked");
            return Ok(None);
        }
    };
    Ok(Some(inquiries::catch_up(restored, happened, &key, now).await?))
}

/// What comes into `DATA_DIR` itself, the database aside.
fn names(manifest: &Manifest) -> BTreeSet<String> {
    let first = |name: &str| name.split('/').next().unwrap_or_default().to_owned();
    manifest.files.iter().map(|file| first(&file.name)).filter(|name| may_be_kept(name)).collect()
}

/// The first second from `now` on that no directory of an earlier restore is named after.
fn free_instant(place: &Place, now: Timestamp) -> String {
    let named = |seconds: i64| {
        let at = now.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(now);
        at.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string()
    };
    let is_free = |instant: &String| {
        let swap = Swap { instant: instant.clone(), names: BTreeSet::new() };
        swap.before(place).is_empty() && !swap.aside(place).exists()
    };
    (0..3600).map(named).find(is_free).unwrap_or_else(|| named(3600))
}
