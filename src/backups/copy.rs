//! Looking through the database of a copy before anybody relies on it.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use sqlx::{Connection, SqliteConnection};

use crate::backups::manifest::Manifest;
use crate::backups::store;
use crate::db::{self, Schema};

/// What there is to say of a database as it was copied: the version of its tables and how many rows they have.
pub async fn figures(file: &Path) -> Result<(i64, BTreeMap<String, i64>)> {
    let mut copy = db::open_copy(file).await?;
    let schema = sound_schema(&mut copy).await?;
    let rows = store::rows(&mut copy).await.context("its tables cannot be read")?;
    copy.close().await?;
    Ok((schema.version(), rows))
}

/// Refuses a backup's database that holds something that this program does not make: it would run with the site.
pub async fn refuse_strange(file: &Path) -> Result<()> {
    let mut copy = db::open_copy(file).await?;
    let strange = db::strange(&mut copy).await.context("the tables in it cannot be read")?;
    copy.close().await?;
    match strange {
        None => Ok(()),
        Some(strange) => bail!("the database in it holds {strange}"),
    }
}

/// Refuses a database that is damaged, is not a site's, belongs to a newer program, or is not the one that the
/// backup speaks of.
pub async fn check(file: &Path, manifest: &Manifest) -> Result<Schema> {
    let mut copy = db::open_copy(file).await?;
    let checked = look_through(&mut copy, manifest).await;
    copy.close().await?;
    checked
}

async fn look_through(copy: &mut SqliteConnection, manifest: &Manifest) -> Result<Schema> {
    let damage = db::damage(copy).await.context("the database in it cannot be read")?;
    if let Some(first) = damage.first() {
        bail!("the database in it is damaged: {first}");
    }
    let schema = sound_schema(copy).await?;
    let rows = store::rows(copy).await.context("the tables in it cannot be read")?;
    ensure!(
        schema.version() == manifest.schema && rows == manifest.rows,
        "the database in it is not the one that was copied"
    );
    Ok(schema)
}

async fn sound_schema(copy: &mut SqliteConnection) -> Result<Schema> {
    let schema = Schema::of(copy).await?;
    if let Some(refusal) = schema.refusal() {
        bail!("{refusal}");
    }
    ensure!(schema != Schema::None, "there is no site in the database");
    Ok(schema)
}
