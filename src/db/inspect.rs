//! What the file of a database holds, looked at without changing anything.

use std::io::ErrorKind;
use std::path::Path;

use sqlx::{Connection, Row, SqliteConnection};

use super::{Schema, database_path, open_read_only};

/// What the file of a database holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatabaseContent {
    /// There is no file.
    Missing,
    /// The file holds no tables.
    Empty,
    /// It holds tables, and none of them is this program's.
    Foreign,
    /// Tables of this program, of any version; or a file that cannot be read, as opening it will say.
    Ours,
}

/// Looks at the database at `url`.
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
