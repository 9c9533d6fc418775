//! Opens the database of the site and fills a new one.

use anyhow::{Context, Result};
use jiff::Timestamp;
use sqlx::{SqliteConnection, SqlitePool};

use crate::backups::{self, DataLayout};
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{self, Database, DatabaseContent};
use crate::{categories, draws, inquiries, occupations, pages, posts, secure_fs, site};

/// Paths of all data of the site, for backup and restore.
pub fn data_layout(config: &Config) -> Result<DataLayout> {
    Ok(DataLayout {
        data_dir: config.data_dir.clone(),
        database: db::database_path(&config.database_url)?,
        database_url: config.database_url.clone(),
        backup_dir: config.backups.clone(),
    })
}

/// Opens the database of an existing site. Creates nothing if there is none.
pub async fn open_existing(config: &Config) -> Result<Database> {
    backups::ensure_site_exists(&data_layout(config)?).await?;
    open(config).await
}

/// Opens the record of the site for reading, or, if there is no site, the reference data in memory. Changes no file.
pub async fn open_record(config: &Config) -> Result<SqlitePool> {
    if db::inspect(&config.database_url).await? == DatabaseContent::Ours {
        return db::open_read_only_pool(&config.database_url).await;
    }
    let db = db::open_in_memory().await?;
    let mut tx = db.begin().await?;
    seed_record(&mut tx, Clock::system().now()).await?;
    tx.commit().await?;
    Ok(db)
}

/// Opens the database, creating it with the reference data and the first post if there is none.
pub(super) async fn open_and_seed(config: &Config, clock: &Clock) -> Result<Database> {
    let db = open(config).await?;
    seed_if_empty(&db, clock).await?;
    Ok(db)
}

async fn open(config: &Config) -> Result<Database> {
    secure_fs::create_dir(&config.data_dir).context("cannot create the data directory (DATA_DIR)")?;
    let db = db::open(&config.database_url).await?;
    // No restore can be running now, because it needs the database for itself.
    if let Err(error) = backups::remove_leftovers(&data_layout(config)?) {
        tracing::warn!("cannot remove the files of an interrupted restore: {error:#} (DATA_DIR)");
    }
    Ok(db)
}

/// Seeds in one transaction, so that a database is either complete or empty.
async fn seed_if_empty(db: &Database, clock: &Clock) -> Result<()> {
    let now = clock.now();
    let mut tx = db.begin_write().await.context("cannot write to the database (DATA_DIR)")?;
    if site::exists(&mut *tx).await? {
        return Ok(());
    }
    site::seed(&mut tx, now).await?;
    pages::seed(&mut tx, now).await?;
    seed_record(&mut tx, now).await?;
    posts::seed(&mut tx, now).await?;
    inquiries::seed(&mut tx, now).await?;
    tx.commit().await?;
    Ok(())
}

async fn seed_record(tx: &mut SqliteConnection, now: Timestamp) -> Result<()> {
    occupations::seed(tx).await?;
    categories::seed(tx).await?;
    draws::load(tx, now).await
}
