//! Snapshots: copying a database during writes, opening a copy, checking its integrity.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, Row, SqliteConnection, SqlitePool};

use super::pool_options;
use super::process_lock::sibling_path;
use super::schema::{MIGRATOR, Schema};

/// File named by `url`.
pub fn database_path(url: &str) -> Result<PathBuf> {
    Ok(connect_options(url)?.get_filename().to_owned())
}

/// Opens the database at `url` read-only, without creating files beside it.
pub async fn open_read_only(url: &str) -> Result<SqliteConnection> {
    let options = read_only_options(url)?;
    let file = options.get_filename().to_owned();
    options.connect().await.with_context(|| format!("cannot open the database {}", file.display()))
}

/// Like [`open_read_only`], for queries that need a pool. Fails if the database belongs to another version of the program.
pub async fn open_read_only_pool(url: &str) -> Result<SqlitePool> {
    if let Some(refusal) = Schema::of(&mut open_read_only(url).await?).await?.incompatibility() {
        bail!("{refusal}");
    }
    Ok(pool_options(1).connect_with(read_only_options(url)?).await?)
}

/// Creates an empty database in memory.
pub async fn open_in_memory() -> Result<SqlitePool> {
    let pool = pool_options(1).connect_with(SqliteConnectOptions::new().in_memory(true)).await?;
    MIGRATOR.run(&pool).await?;
    Ok(pool)
}

fn read_only_options(url: &str) -> Result<SqliteConnectOptions> {
    let options = connect_options(url)?;
    let file = options.get_filename();
    let has_wal = sibling_path(file, "-wal").metadata().is_ok_and(|log| log.len() > 0);
    let is_unused = !has_wal && !super::ProcessLock::is_held(file);
    let options = options.read_only(true).immutable(is_unused).busy_timeout(Duration::from_secs(5));
    Ok(options.pragma("trusted_schema", "OFF"))
}

/// Opens a copy for writing. No other process may use it.
pub async fn open_snapshot(file: &Path) -> Result<SqliteConnection> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Delete)
        .synchronous(SqliteSynchronous::Full)
        .pragma("trusted_schema", "OFF")
        .pragma("secure_delete", "ON");
    options.connect().await.with_context(|| format!("cannot open the database {}", file.display()))
}

/// Writes the current content into a new file, without remains of deleted data. Writers are not blocked.
pub async fn snapshot_into(url: &str, target: &Path) -> Result<()> {
    let mut from = open_read_only(url).await?;
    let target = std::path::absolute(target)?;
    let name = target.to_str().context("the name of a directory is not valid UTF-8")?.replace('\'', "''");
    crate::secure_fs::create_file(&target)?;
    from.execute(AssertSqlSafe(format!("VACUUM INTO '{name}'"))).await.context("cannot copy the database")?;
    from.close().await?;
    Ok(())
}

/// Errors in pages, indexes and foreign keys; empty if the database is intact.
pub async fn integrity_errors(db: &mut SqliteConnection) -> sqlx::Result<Vec<String>> {
    let mut found = vec![];
    for row in db.fetch_all("PRAGMA integrity_check(5)").await? {
        let line: String = row.try_get(0)?;
        if line != "ok" {
            // One row may contain a heading and several errors, one per line.
            found.extend(line.lines().filter(|line| !line.starts_with("***")).map(String::from));
        }
    }
    for row in db.fetch_all("PRAGMA foreign_key_check").await?.iter().take(5) {
        let (table, parent): (String, String) = (row.try_get(0)?, row.try_get(2)?);
        found.push(format!("a row of {table} refers to a missing row of {parent}"));
    }
    Ok(found)
}

fn connect_options(url: &str) -> Result<SqliteConnectOptions> {
    SqliteConnectOptions::from_str(url)
        .with_context(|| format!("DATABASE_URL is \"{url}\", which cannot be read as the address of a SQLite file"))
}
