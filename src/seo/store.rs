//! SQL of the sitemap, of stored share cards and of reports to search engines.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use sqlx::{SqliteConnection, SqliteExecutor};

/// Page in the sitemap.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct SitemapEntry {
    /// Path with its query.
    pub address: String,
    /// Last change, as a date or a time in UTC; `None` if it is not recorded.
    pub changed: Option<String>,
}

/// All public pages on a day in the office time zone. Lists change with their newest entry, occupations and categories
/// with the versions and draws that name them.
pub async fn entries(db: impl SqliteExecutor<'_>, today: Date) -> sqlx::Result<Vec<SitemapEntry>> {
    sqlx::query_as(ENTRIES).bind(today.to_string()).fetch_all(db).await
}

const ENTRIES: &str = "
WITH draw_changes (round, category_key, changed) AS (
    SELECT round, category_key,
           max(recorded_at, coalesce((SELECT max(corrected_at) FROM draw_corrections c WHERE c.round = d.round), ''))
    FROM draws d),
list_changes (list_id, category_key, changed) AS (
    SELECT l.id, l.category_key, max(l.effective_from, coalesce(max(c.changed), ''))
    FROM category_lists l LEFT JOIN category_draws d ON d.list_id = l.id LEFT JOIN draw_changes c ON c.round = d.round
    WHERE l.effective_from <= ?1 GROUP BY l.id),
post_changes (slug, published_at, id, changed) AS (
    SELECT slug, published_at, id, max(updated_at, published_at, coalesce((
        SELECT max(c.corrected_at) FROM post_draws m JOIN draw_corrections c ON c.round = m.round
        WHERE m.post_id = p.id AND c.before <> '' AND c.corrected_at > p.published_at), ''))
    FROM posts p WHERE state = 'published' AND trashed_at IS NULL),
newest (draws, posts, lists) AS (
    SELECT (SELECT max(changed) FROM draw_changes), (SELECT max(changed) FROM post_changes),
           (SELECT max(changed) FROM list_changes))
SELECT address, changed FROM (
    SELECT 1 AS part, 1 AS place, '/' AS address, nullif(max(coalesce(draws, ''), coalesce(posts, '')), '') AS changed
    FROM newest
    UNION ALL SELECT 1, 2, '/news', posts FROM newest
    UNION ALL SELECT 1, 3, '/draws', draws FROM newest
    UNION ALL SELECT 1, 4, '/draws/data', draws FROM newest
    UNION ALL SELECT 1, 5, '/occupations', NULL
    UNION ALL SELECT 1, 6, '/categories', lists FROM newest
    UNION ALL SELECT 1, 7, '/corrections', (SELECT max(corrected_at) FROM draw_corrections WHERE before <> '')
    UNION ALL SELECT 1, 8, '/contact', NULL
    UNION ALL SELECT 1, 9, '/apply', NULL
    UNION ALL SELECT 1, 10, '/follow', NULL
    UNION ALL SELECT 1, 11, '/tools/crs', NULL
    UNION ALL SELECT 1, 12, '/tools/past-draws', NULL
    UNION ALL SELECT 1, 13, '/tools/embed', NULL
    UNION ALL SELECT 2, row_number() OVER (ORDER BY list_order, id), '/' || slug, updated_at
    FROM pages WHERE state = 'published' AND trashed_at IS NULL
    UNION ALL SELECT 3, row_number() OVER (ORDER BY published_at DESC, id DESC), '/news/' || slug, changed
    FROM post_changes
    UNION ALL SELECT 4, -d.sort_key, '/draws/' || d.round, c.changed FROM draws d JOIN draw_changes c USING (round)
    UNION ALL SELECT 5, 0, '/draws?category=' || category_key, max(changed)
    FROM draw_changes WHERE category_key IS NOT NULL GROUP BY category_key
    UNION ALL SELECT 6, 0, '/categories/' || c.key, (SELECT max(changed) FROM list_changes l WHERE l.category_key = c.key)
    FROM categories c
    UNION ALL SELECT 7, o.noc, '/occupations/' || o.noc,
        (SELECT max(l.changed) FROM category_occupations m JOIN list_changes l ON l.list_id = m.list_id
         WHERE m.noc = o.noc)
    FROM occupations o)
ORDER BY part, place, address";

/// Stored share cards: key and hash.
pub async fn card_hashes(db: impl SqliteExecutor<'_>) -> sqlx::Result<HashMap<String, String>> {
    let rows: Vec<(String, String)> = sqlx::query_as("SELECT key, hash FROM share_cards").fetch_all(db).await?;
    Ok(rows.into_iter().collect())
}

/// Hash and picture of the card with this key.
pub async fn find_card(db: impl SqliteExecutor<'_>, key: &str) -> sqlx::Result<Option<(String, Vec<u8>)>> {
    sqlx::query_as("SELECT hash, content FROM share_cards WHERE key = ?").bind(key).fetch_optional(db).await
}

pub async fn save_card(tx: &mut SqliteConnection, key: &str, hash: &str, content: &[u8]) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO share_cards (key, hash, content) VALUES (?, ?, ?)
         ON CONFLICT (key) DO UPDATE SET hash = excluded.hash, content = excluded.content",
    )
    .bind(key)
    .bind(hash)
    .bind(content)
    .execute(tx)
    .await?;
    Ok(())
}

pub async fn delete_card(tx: &mut SqliteConnection, key: &str) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM share_cards WHERE key = ?").bind(key).execute(tx).await?;
    Ok(())
}

/// Changes up to this time (UTC) were reported to search engines; `None` before the first report.
pub async fn reported_until(db: impl SqliteExecutor<'_>) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar("SELECT reported_until FROM indexnow_state").fetch_optional(db).await
}

pub async fn set_reported_until(tx: &mut SqliteConnection, now: Timestamp) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO indexnow_state (id, reported_until) VALUES (1, ?)
         ON CONFLICT (id) DO UPDATE SET reported_until = excluded.reported_until",
    )
    .bind(now.to_sqlx())
    .execute(tx)
    .await?;
    Ok(())
}
