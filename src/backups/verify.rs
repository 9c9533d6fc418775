//! Checks of the database in a backup.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use sqlx::{Connection, SqliteConnection};

use crate::backups::manifest::Manifest;
use crate::backups::store;
use crate::db::{self, Schema};

pub async fn schema_and_row_counts(file: &Path) -> Result<(i64, BTreeMap<String, i64>)> {
    let mut copy = db::open_snapshot(file).await?;
    let schema = supported_schema(&mut copy).await?;
    let rows = store::row_counts(&mut copy).await.context("its tables cannot be read")?;
    copy.close().await?;
    Ok((schema.version(), rows))
}

/// Fails if the database has tables, triggers or views that this program does not create: they would run with the site.
pub async fn ensure_only_known_objects(file: &Path) -> Result<()> {
    let mut copy = db::open_snapshot(file).await?;
    let strange = db::find_schema_difference(&mut copy).await.context("the tables in it cannot be read")?;
    copy.close().await?;
    match strange {
        None => Ok(()),
        Some(strange) => bail!("the database in it contains {strange}"),
    }
}

/// Fails if the database is damaged, not a site database, of a newer version, or not the one in the manifest.
pub async fn check(file: &Path, manifest: &Manifest) -> Result<Schema> {
    let mut copy = db::open_snapshot(file).await?;
    let checked = check_integrity(&mut copy, manifest).await;
    copy.close().await?;
    checked
}

async fn check_integrity(copy: &mut SqliteConnection, manifest: &Manifest) -> Result<Schema> {
    let damage = db::integrity_errors(copy).await.context("the database in it cannot be read")?;
    if let Some(first) = damage.first() {
        bail!("the database in it is damaged: {first}");
    }
    let schema = supported_schema(copy).await?;
    let rows = store::row_counts(copy).await.context("the tables in it cannot be read")?;
    ensure!(
        schema.version() == manifest.schema && rows == manifest.rows,
        "the database in it does not match its manifest"
    );
    Ok(schema)
}

async fn supported_schema(copy: &mut SqliteConnection) -> Result<Schema> {
    let schema = Schema::of(copy).await?;
    if let Some(refusal) = schema.incompatibility() {
        bail!("{refusal}");
    }
    ensure!(schema != Schema::None, "the database is not a site database");
    Ok(schema)
}
