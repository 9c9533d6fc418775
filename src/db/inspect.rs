//! Reads what kind of database a file is, without changing it.

use std::io::ErrorKind;
use std::path::Path;

use sqlx::{Connection, Row, SqliteConnection};

use super::{Schema, database_path, open_read_only};

/// Kind of a database file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatabaseContent {
    Missing,
    /// No tables.
    Empty,
    /// Tables of another program only.
    Foreign,
    /// Tables of this program of any version, or an unreadable file: opening it reports the error.
    Ours,
}

pub async fn inspect(url: &str) -> anyhow::Result<DatabaseContent> {
    let file = database_path(url)?;
    match file_size(&file) {
        Ok(0) => Ok(DatabaseContent::Empty),
        Err(ErrorKind::NotFound) => Ok(DatabaseContent::Missing),
        Err(_) => Ok(DatabaseContent::Ours),
        Ok(_) => Ok(inspect_tables(url).await.unwrap_or(DatabaseContent::Ours)),
    }
}

fn file_size(file: &Path) -> Result<u64, ErrorKind> {
    file.metadata().map(|about| about.len()).map_err(|error| error.kind())
}

async fn inspect_tables(url: &str) -> anyhow::Result<DatabaseContent> {
    let mut db = open_read_only(url).await?;
    let content = match Schema::of(&mut db).await? {
        Schema::None if count_objects(&mut db).await? == 0 => DatabaseContent::Empty,
        Schema::None => DatabaseContent::Foreign,
        _ => DatabaseContent::Ours,
    };
    db.close().await?;
    Ok(content)
}

async fn count_objects(db: &mut SqliteConnection) -> sqlx::Result<i64> {
    use sqlx::Executor;
    db.fetch_one("SELECT count(*) FROM sqlite_schema WHERE name <> '_sqlx_migrations'").await?.try_get(0)
}
