//! Restore: verify the whole backup, extract it beside the data, then swap directories by renaming. Previous data are kept.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use sqlx::Connection;

use crate::backups::archive::read_archive;
use crate::backups::create::{blocking, remove};
use crate::backups::data_layout::{DATABASE, DataLayout, is_backed_up};
use crate::backups::manifest::Manifest;
use crate::backups::restore_journal::{self, RestoreJournal};
use crate::backups::verify;
use crate::db::{self, ProcessLock, Schema};
use crate::http::SiteSecret;
use crate::inquiries::{self, ReconcileReport};
use crate::{posts, secure_fs, staff};

#[derive(Debug)]
pub enum RestoreOutcome {
    /// The backup was restored.
    Done {
        manifest: Manifest,
        /// Changes made after the backup; `None` if there was no readable database to compare with.
        changes: Option<ReconcileReport>,
        /// Number of accounts that lost recovery codes for two-factor authentication.
        accounts_without_codes: usize,
        /// Directories with the previous data.
        previous_dirs: Vec<PathBuf>,
    },
    /// An interrupted restore was completed. The backup named on the command line was not read.
    Resumed {
        /// Directories with the previous data.
        previous_dirs: Vec<PathBuf>,
    },
}

/// Restores the backup in `file`.
///
/// An error leaves the data unchanged. If the process is killed, either the old or the new data are complete, or the next
/// call completes the restore.
pub async fn restore(layout: &DataLayout, file: &Path, force: bool, now: Timestamp) -> Result<RestoreOutcome> {
    if let Some(journal) = RestoreJournal::find_pending(layout)? {
        let _alone = lock_exclusively(layout)?;
        journal.resume(layout)?;
        return Ok(RestoreOutcome::Resumed { previous_dirs: journal.previous_dirs(layout) });
    }
    let manifest = blocking({
        let file = file.to_owned();
        move || read_archive(&file, None)
    })
    .await?;
    ensure!(manifest.files.iter().any(|file| file.name == DATABASE), "{} contains no database", file.display());
    let is_there = layout.database.exists();
    ensure!(
        force || !is_there,
        "there is already a database at {}; with --force it is moved aside and replaced by the backup",
        layout.database.display()
    );
    secure_fs::create_dir(&layout.data_dir)?;
    let _alone = lock_exclusively(layout)?;
    restore_journal::ensure_same_filesystem(layout)?;
    restore_journal::remove_leftovers(layout)?;
    let journal = RestoreJournal { instant: unused_timestamp(layout, now), names: names(&manifest) };
    let result = unpack_and_install(layout, file, &journal, &manifest, now).await;
    if result.is_err() && RestoreJournal::find_pending(layout)?.is_none() {
        for staging in [journal.staging_dir(layout), journal.database_staging_dir(layout)] {
            // The next restore deletes what cannot be deleted now.
            let _ = remove(&staging);
        }
    }
    let (changes, accounts_without_codes) = result?;
    let previous_dirs = journal.previous_dirs(layout);
    Ok(RestoreOutcome::Done { changes, accounts_without_codes, manifest, previous_dirs })
}

fn lock_exclusively(layout: &DataLayout) -> Result<ProcessLock> {
    ProcessLock::exclusive(&layout.database)?
        .with_context(|| format!("{} is in use by a running site or command; stop it first", layout.database.display()))
}

async fn unpack_and_install(
    layout: &DataLayout,
    file: &Path,
    journal: &RestoreJournal,
    manifest: &Manifest,
    now: Timestamp,
) -> Result<(Option<ReconcileReport>, usize)> {
    let (staging, database_staging) = (journal.staging_dir(layout), journal.database_staging_dir(layout));
    secure_fs::create_dir(&staging)?;
    secure_fs::create_dir(&database_staging)?;
    let needed = manifest.size();
    for directory in BTreeSet::from([&staging, &database_staging]) {
        db::DiskSpace::at(directory)?.ensure_free(needed, directory)?;
    }
    let read = blocking({
        let (file, staging) = (file.to_owned(), staging.clone());
        move || read_archive(&file, Some(&staging))
    });
    ensure!(read.await? == *manifest, "{} changed while it was being read", file.display());
    let database = database_staging.join(DATABASE);
    if staging != database_staging {
        std::fs::copy(staging.join(DATABASE), &database).context("cannot copy the database into place")?;
        std::fs::File::open(&database)?.sync_all()?;
        remove(&staging.join(DATABASE))?;
    }
    for directory in BTreeSet::from([&staging, &database_staging]) {
        restore_journal::fsync_dirs(directory)?;
    }
    let schema =
        verify::check(&database, manifest).await.with_context(|| format!("{} cannot be used", file.display()))?;
    verify::ensure_only_known_objects(&database).await.with_context(|| format!("{} cannot be used", file.display()))?;
    let secret = staging.join("secret");
    if secret.exists() {
        let read = SiteSecret::load(&secret).ok();
        ensure!(read.is_some(), "{} cannot be used: its secret is empty or truncated", file.display());
    }
    let prepared = prepare_database(layout, &database, &staging, manifest, &schema, now).await?;
    blocking({
        let (journal, layout) = (journal.clone(), layout.clone());
        move || journal.begin(&layout)
    })
    .await?;
    Ok(prepared)
}

/// Records the restore in the extracted database and reapplies the erasures made since the backup.
async fn prepare_database(
    layout: &DataLayout,
    database: &Path,
    staging: &Path,
    manifest: &Manifest,
    schema: &Schema,
    now: Timestamp,
) -> Result<(Option<ReconcileReport>, usize)> {
    let mut copy = db::open_snapshot(database).await?;
    let mut tx = copy.begin().await?;
    let mut since = None;
    // A database of an older version is migrated by the next start and cannot be changed before.
    if matches!(schema, Schema::Current(_)) {
        since = reapply_changes_since(layout, &mut tx, manifest, now).await?;
        if since.is_none() {
            inquiries::reserve_ids(&mut tx).await?;
        }
        for message_id in since.iter().flat_map(|since| &since.emails) {
            let email = staging.join("mail").join(format!("{message_id}.eml"));
            if email.exists() {
                remove(&email)?;
            }
        }
    }
    // Sessions and links that ended since the backup must stay invalid.
    staff::revoke_all(&mut tx).await?;
    let accounts_without_codes = staff::keep_recovery_codes(&mut tx, &unused_recovery_codes(layout).await).await?;
    posts::revoke_preview_links(&mut tx, now).await?;
    let subject = format!("made at {}", manifest.made_at);
    staff::audit(&mut tx, now, "command line", "restored a backup", &subject).await?;
    tx.commit().await?;
    copy.close().await?;
    Ok((since, accounts_without_codes))
}

/// Recovery codes that are valid in the database being replaced. None if it cannot be read: a code that was used since the
/// backup must not work again, while the authenticator apps of staff still do.
async fn unused_recovery_codes(layout: &DataLayout) -> Vec<String> {
    if !layout.database.exists() {
        return vec![];
    }
    let read = async {
        let mut old = db::open_read_only(&layout.database_url).await?;
        let codes = staff::unused_recovery_codes(&mut old).await?;
        old.close().await?;
        anyhow::Ok(codes)
    };
    read.await.unwrap_or_default()
}

/// Reads the changes since the backup from the database being replaced. `None` if it is damaged or of another version.
async fn reapply_changes_since(
    layout: &DataLayout,
    restored: &mut sqlx::SqliteConnection,
    manifest: &Manifest,
    now: Timestamp,
) -> Result<Option<ReconcileReport>> {
    if !layout.database.exists() || !layout.data_dir.join("secret").exists() {
        return Ok(None);
    }
    let asked = async {
        let mut old = db::open_read_only(&layout.database_url).await?;
        if !matches!(Schema::of(&mut old).await?, Schema::Current(_)) {
            bail!("its schema is of another version");
        }
        let happened = inquiries::changes_since_backup(&mut old, manifest.made_at).await?;
        old.close().await?;
        Ok((happened, SiteSecret::load_or_create(&layout.data_dir)?))
    };
    let (happened, key) = match asked.await {
        Ok(asked) => asked,
        Err(error) => {
            tracing::warn!("cannot read the replaced database: {error:#} (DATABASE_URL)");
            return Ok(None);
        }
    };
    Ok(Some(inquiries::reconcile(restored, happened, &key, now).await?))
}

/// Top-level entries of `DATA_DIR` in the backup, except the database.
fn names(manifest: &Manifest) -> BTreeSet<String> {
    let first = |name: &str| name.split('/').next().unwrap_or_default().to_owned();
    manifest.files.iter().map(|file| first(&file.name)).filter(|name| is_backed_up(name)).collect()
}

/// First second from `now` on that no directory of an earlier restore is named after.
fn unused_timestamp(layout: &DataLayout, now: Timestamp) -> String {
    let named = |seconds: i64| {
        let at = now.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(now);
        at.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string()
    };
    let is_free = |instant: &String| {
        let journal = RestoreJournal { instant: instant.clone(), names: BTreeSet::new() };
        journal.previous_dirs(layout).is_empty() && !journal.staging_dir(layout).exists()
    };
    (0..3600).map(named).find(is_free).unwrap_or_else(|| named(3600))
}
