//! All SQL about what the doctor counts.

use jiff::Timestamp;
use sqlx::SqliteExecutor;

/// Which SQLite is built in.
pub async fn sqlite_version(db: impl SqliteExecutor<'_>) -> sqlx::Result<String> {
    sqlx::query_scalar("SELECT sqlite_version()").fetch_one(db).await
}

/// The newest instant of anything that was written down as it happened.
pub async fn latest_timestamp(db: impl SqliteExecutor<'_>) -> sqlx::Result<Option<Timestamp>> {
    let newest: Option<jiff_sqlx::Timestamp> = sqlx::query_scalar(
        "SELECT max(at) FROM (SELECT max(received_at) AS at FROM inquiries UNION ALL SELECT max(queued_at) FROM outbox
                              UNION ALL SELECT max(at) FROM audit_log UNION ALL SELECT max(at) FROM erasure_log)",
    )
    .fetch_one(db)
    .await?;
    Ok(newest.map(jiff_sqlx::Timestamp::to_jiff))
}

/// How many rounds and occupations there are.
pub async fn reference_counts(db: impl SqliteExecutor<'_>) -> sqlx::Result<(i64, i64)> {
    sqlx::query_as("SELECT (SELECT count(*) FROM draws), (SELECT count(*) FROM occupations)").fetch_one(db).await
}

/// What each search index holds, and what it should hold.
#[derive(Debug, sqlx::FromRow)]
pub struct IndexCounts {
    /// What is searched.
    pub name: String,
    /// Entries in the index.
    pub entries: i64,
    /// Things that are to be found.
    pub things: i64,
}

/// Every search index.
pub async fn indexes(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<IndexCounts>> {
    sqlx::query_as(
        "SELECT 'the site' AS name, (SELECT count(*) FROM search_fts_docsize) AS entries,
                (SELECT count(*) FROM search_posts) + (SELECT count(*) FROM draws) + (SELECT count(*) FROM occupations)
                + (SELECT count(*) FROM pages) AS things
         UNION ALL SELECT 'the directory', (SELECT count(*) FROM occupations_fts_docsize), (SELECT count(*) FROM occupations)
         UNION ALL SELECT 'inquiries', (SELECT count(*) FROM inquiries_fts_docsize),
                          (SELECT count(*) FROM inquiries WHERE trashed_at IS NULL)",
    )
    .fetch_all(db)
    .await
}
