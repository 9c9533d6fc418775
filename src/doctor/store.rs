//! SQL of the `doctor` checks.

use sqlx::SqliteExecutor;

pub async fn sqlite_version(db: impl SqliteExecutor<'_>) -> sqlx::Result<String> {
    sqlx::query_scalar("SELECT sqlite_version()").fetch_one(db).await
}

/// Number of draws and occupations.
pub async fn reference_counts(db: impl SqliteExecutor<'_>) -> sqlx::Result<(i64, i64)> {
    sqlx::query_as("SELECT (SELECT count(*) FROM draws), (SELECT count(*) FROM occupations)").fetch_one(db).await
}

#[derive(Debug, sqlx::FromRow)]
pub struct IndexCounts {
    pub name: String,
    pub entries: i64,
    /// Rows that should be indexed.
    pub things: i64,
}

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
