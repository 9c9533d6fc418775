//! What the file of a database holds, looked at without changing anything.

use std::io::ErrorKind;
use std::path::Path;

use sqlx::{Connection, Row, SqliteConnection};

use super::{Schema, file_of, open_to_read};

/// What the file of a database holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
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
pub async fn content(url: &str) -> anyhow::Result<Content> {
    let file = file_of(url)?;
    match size(&file) {
        Ok(0) => Ok(Content::Empty),
        Err(ErrorKind::NotFound) => Ok(Content::Missing),
        Err(_) => Ok(Content::Ours),
        Ok(_) => Ok(tables(url).await.unwrap_or(Content::Ours)),
    }
}

fn size(file: &Path) -> Result<u64, ErrorKind> {
    file.metadata().map(|about| about.len()).map_err(|error| error.kind())
}

async fn tables(url: &str) -> anyhow::Result<Content> {
    let mut db = open_to_read(url).await?;
    let content = match Schema::of(&mut db).await? {
        Schema::None if count(&mut db).await? == 0 => Content::Empty,
        Schema::None => Content::Foreign,
        _ => Content::Ours,
    };
    db.close().await?;
    Ok(content)
}

async fn count(db: &mut SqliteConnection) -> sqlx::Result<i64> {
    use sqlx::Executor;
    db.fetch_one("SELECT count(*) FROM sqlite_schema WHERE name <> '_sqlx_migrations'").await?.try_get(0)
}
