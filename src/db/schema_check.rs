//! Finds database objects that this program did not create: a trigger or view could change what the program does.

use std::borrow::Cow;
use std::collections::BTreeMap;

use anyhow::Result;
use sqlx::migrate::{Migrate, Migrator};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, Executor, Row, SqliteConnection};

use crate::db::schema::MIGRATOR;

/// Tables of libraries and tools: the list of migrations, and two of Litestream.
const FOREIGN_TABLES: [&str; 3] = ["_sqlx_migrations", "_litestream_seq", "_litestream_lock"];

/// Kind and definition of each object, by name.
type Objects = BTreeMap<String, (String, String)>;

/// First object that differs from the applied migrations, in words; `None` if all are as expected.
///
/// The schema must be of a version that this program knows.
pub async fn find_schema_difference(db: &mut SqliteConnection) -> Result<Option<String>> {
    let applied: Vec<i64> =
        db.list_applied_migrations(&MIGRATOR.table_name).await?.into_iter().map(|step| step.version).collect();
    let steps = MIGRATOR.iter().filter(|step| applied.contains(&step.version)).cloned().collect();
    let mut reference = SqliteConnectOptions::new().in_memory(true).connect().await?;
    Migrator { migrations: Cow::Owned(steps), ..Migrator::DEFAULT }.run(&mut reference).await?;
    let (found, expected) = (objects(db).await?, objects(&mut reference).await?);
    reference.close().await?;
    let virtuals: Vec<&String> =
        expected.iter().filter(|(_, (_, text))| is_virtual(text)).map(|(name, _)| name).collect();
    // Other SQLite versions may define the shadow tables of search indexes differently.
    let is_shadow = |name: &str| {
        expected.contains_key(name)
            && virtuals.iter().any(|of| name.strip_prefix(of.as_str()).is_some_and(|rest| rest.starts_with('_')))
    };
    let unexpected = found.iter().find_map(|(name, (kind, text))| match expected.get(name) {
        Some((_, known)) if known == text => None,
        _ if is_plain_table(kind, text) && (FOREIGN_TABLES.contains(&name.as_str()) || is_shadow(name)) => None,
        Some(_) => Some(format!("the {kind} {name}, which differs from the one that this program creates")),
        None => Some(format!("the {kind} {name}, which this program does not create")),
    });
    let missing = || expected.iter().find(|(name, _)| !found.contains_key(*name));
    Ok(unexpected.or_else(|| missing().map(|(name, (kind, _))| format!("no {kind} {name}"))))
}

async fn objects(db: &mut SqliteConnection) -> sqlx::Result<Objects> {
    // SQLite reserves names that start with sqlite_ for its own objects.
    let sql = "SELECT name, type, coalesce(sql, '') FROM sqlite_schema WHERE name NOT GLOB 'sqlite_*'";
    let mut objects = Objects::new();
    for row in db.fetch_all(sql).await? {
        objects.insert(row.try_get(0)?, (row.try_get(1)?, row.try_get(2)?));
    }
    Ok(objects)
}

fn is_virtual(text: &str) -> bool {
    text.to_ascii_uppercase().starts_with("CREATE VIRTUAL TABLE")
}

fn is_plain_table(kind: &str, text: &str) -> bool {
    let text = text.to_ascii_uppercase();
    kind == "table" && text.starts_with("CREATE TABLE") && !text.contains("AS (") && !text.contains("GENERATED")
}
