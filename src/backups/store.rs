//! SQL for verifying backups.

use std::collections::BTreeMap;

use sqlx::SqliteExecutor;

/// Row counts of the most important tables. All of them exist since the first version.
pub async fn row_counts(db: impl SqliteExecutor<'_>) -> sqlx::Result<BTreeMap<String, i64>> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "SELECT 'inquiries', (SELECT count(*) FROM inquiries)
         UNION ALL SELECT 'inquiry_events', (SELECT count(*) FROM inquiry_events)
         UNION ALL SELECT 'outbox', (SELECT count(*) FROM outbox)
         UNION ALL SELECT 'posts', (SELECT count(*) FROM posts)
         UNION ALL SELECT 'post_revisions', (SELECT count(*) FROM post_revisions)
         UNION ALL SELECT 'draws', (SELECT count(*) FROM draws)
         UNION ALL SELECT 'draw_corrections', (SELECT count(*) FROM draw_corrections)
         UNION ALL SELECT 'occupations', (SELECT count(*) FROM occupations)
         UNION ALL SELECT 'staff', (SELECT count(*) FROM staff)
         UNION ALL SELECT 'audit_log', (SELECT count(*) FROM audit_log)
         UNION ALL SELECT 'erasure_log', (SELECT count(*) FROM erasure_log)",
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().collect())
}

/// Whether the database has been seeded. An interrupted first start leaves empty tables.
pub async fn is_filled(db: impl SqliteExecutor<'_>) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM site)").fetch_one(db).await
}
