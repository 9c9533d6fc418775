//! Copies of a database: made while others write, opened to be read, and looked through for damage.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, Result};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, Row, SqliteConnection};

use super::process_lock::sibling_path;

/// The file that `url` names.
pub fn database_path(url: &str) -> Result<PathBuf> {
    Ok(connect_options(url)?.get_filename().to_owned())
}

/// Opens the database at `url` for reading alone: nothing is changed, not even a file made beside it where the log of
/// writes is empty and nobody else works on it.
pub async fn open_read_only(url: &str) -> Result<SqliteConnection> {
    let options = connect_options(url)?;
    let file = options.get_filename().to_owned();
    let has_wal = sibling_path(&file, "-wal").metadata().is_ok_and(|log| log.len() > 0);
    let is_unused = !has_wal && !super::ProcessLock::is_held(&file);
    let options = options.read_only(true).immutable(is_unused).busy_timeout(Duration::from_secs(5));
    let opened = options.pragma("trusted_schema", "OFF").connect().await;
    opened.with_context(|| format!("cannot open the database {}", file.display()))
}

/// Opens a copy that nobody else works on, to be changed.
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

/// Writes all that the database at `url` holds at this moment into a new file, without what was deleted from it.
/// Whoever writes meanwhile need not wait.
pub async fn snapshot_into(url: &str, target: &Path) -> Result<()> {
    let mut from = open_read_only(url).await?;
    let target = std::path::absolute(target)?;
    let name = target.to_str().context("a directory's name is not readable text")?.replace('\'', "''");
    crate::secure_fs::create_file(&target)?;
    from.execute(AssertSqlSafe(format!("VACUUM INTO '{name}'"))).await.context("the database cannot be copied")?;
    from.close().await?;
    Ok(())
}

/// What is damaged: pages, indexes, rows that point to nothing. Empty where all is well.
pub async fn integrity_errors(db: &mut SqliteConnection) -> sqlx::Result<Vec<String>> {
    let mut found = vec![];
    for row in db.fetch_all("PRAGMA integrity_check(5)").await? {
        let line: String = row.try_get(0)?;
        if line != "ok" {
            // A heading and several findings may stand in one row, a line each.
            found.extend(line.lines().filter(|line| !line.starts_with("***")).map(String::from));
        }
    }
    for row in db.fetch_all("PRAGMA foreign_key_check").await?.iter().take(5) {
        let (table, parent): (String, String) = (row.try_get(0)?, row.try_get(2)?);
        found.push(format!("a row of {table} points to nothing in {parent}"));
    }
    Ok(found)
}

fn connect_options(url: &str) -> Result<SqliteConnectOptions> {
    SqliteConnectOptions::from_str(url)
        .with_context(|| format!("DATABASE_URL is \"{url}\", which cannot be read as the address of a SQLite file"))
}
