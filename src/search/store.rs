//! SQL of the site search.

use std::collections::HashSet;

use serde_json::json;
use sqlx::{SqliteConnection, SqliteExecutor};

/// Type of an entry in the search index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    Post,
    Draw,
    Occupation,
    Page,
}

impl EntryKind {
    pub fn of(entry: i64) -> Self {
        match entry.rem_euclid(4) {
            0 => Self::Post,
            1 => Self::Draw,
            2 => Self::Occupation,
            _ => Self::Page,
        }
    }

    /// Index entry of the record with this ID. The two lowest bits contain the type.
    pub fn entry(self, number: i64) -> i64 {
        number * 4 + self as i64
    }
}

/// Record behind an entry of the search index.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SearchHit {
    pub entry: i64,
    pub path: String,
    /// May contain tokens.
    pub title: String,
    /// May contain tokens.
    pub summary: String,
    /// Markdown; may contain tokens.
    pub body: String,
}

/// Matching entries: `first` (if it matches), then by relevance, then by date, newest first.
pub async fn entries(
    db: impl SqliteExecutor<'_>,
    query: &str,
    first: i64,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar(
        "SELECT rowid FROM search_fts WHERE search_fts MATCH ?1
         ORDER BY rowid = ?2 DESC, CAST(2 * bm25(search_fts, 10.0, 1.0, 4.0) AS INTEGER), rowid DESC LIMIT ?3 OFFSET ?4",
    )
    .bind(query)
    .bind(first)
    .bind(limit)
    .bind(offset)
    .fetch_all(db)
    .await
}

/// Matching entries without computing their relevance, for queries with very many matches.
///
/// Order: `first` (if it matches), then entries with the words in their title, then all others; newest first.
pub async fn entries_by_recency(
    db: &mut SqliteConnection,
    query: &str,
    first: i64,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<i64>> {
    let end = offset + limit;
    let sql = "SELECT rowid FROM search_fts WHERE search_fts MATCH ?1 AND rowid = ?2";
    let mut all: Vec<i64> = sqlx::query_scalar(sql).bind(query).bind(first).fetch_all(&mut *db).await?;
    let newest = "SELECT rowid FROM search_fts WHERE search_fts MATCH ? ORDER BY rowid DESC LIMIT ?";
    for query in [format!("{{title}} : ({query})"), query.to_owned()] {
        if i64::try_from(all.len()).unwrap_or(i64::MAX) < end {
            // Twice as many as needed, because entries found before may be found again.
            let found: Vec<i64> = sqlx::query_scalar(newest).bind(query).bind(2 * end + 1).fetch_all(&mut *db).await?;
            let before: HashSet<i64> = all.iter().copied().collect();
            all.extend(found.into_iter().filter(|entry| !before.contains(entry)));
        }
    }
    let (skip, take) = (usize::try_from(offset).unwrap_or(0), usize::try_from(limit).unwrap_or(0));
    Ok(all.into_iter().skip(skip).take(take).collect())
}

/// Folded words that are not the beginning of any indexed term.
pub async fn unmatched_prefixes(db: impl SqliteExecutor<'_>, words: &[String]) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "SELECT w.value FROM json_each(?) w
         WHERE NOT EXISTS (SELECT 1 FROM search_terms v
                           WHERE v.term >= w.value AND v.term < w.value || char(1114111))
         ORDER BY w.key",
    )
    .bind(json!(words).to_string())
    .fetch_all(db)
    .await
}

/// Indexed terms that start with `prefix` and have a length in the given range, with their number of entries.
pub async fn terms(
    db: impl SqliteExecutor<'_>,
    prefix: &str,
    min_len: i64,
    max_len: i64,
) -> sqlx::Result<Vec<(String, i64)>> {
    sqlx::query_as(
        "SELECT term, doc FROM search_terms
         WHERE term >= ?1 AND term < ?1 || char(1114111) AND length(term) BETWEEN ?2 AND ?3",
    )
    .bind(prefix)
    .bind(min_len)
    .bind(max_len)
    .fetch_all(db)
    .await
}

/// Number of matching entries, counted up to `limit`.
pub async fn count(db: impl SqliteExecutor<'_>, query: &str, limit: i64) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT count(*) FROM (SELECT 1 FROM search_fts WHERE search_fts MATCH ? LIMIT ?)")
        .bind(query)
        .bind(limit)
        .fetch_one(db)
        .await
}

/// Records behind these entries, in the same order.
pub async fn load_hits(db: &mut SqliteConnection, entries: &[i64]) -> sqlx::Result<Vec<SearchHit>> {
    let numbers = |kind: EntryKind| {
        let numbers: Vec<i64> =
            entries.iter().filter(|entry| EntryKind::of(**entry) == kind).map(|entry| entry / 4).collect();
        json!(numbers).to_string()
    };
    let posts = "SELECT 4 * id AS entry, '/news/' || slug AS path, title, summary, body FROM posts
                 WHERE id IN (SELECT value FROM json_each(?))";
    let draws = "SELECT 4 * d.sort_key + 1 AS entry, '/draws/' || d.round AS path,
                         'Draw ' || d.round || ': ' || d.name AS title,
                         printf('%s: %,d invitations, CRS cut-off %d', w.day, coalesce(d.invitations_corrected, d.invitations),
                                d.crs) AS summary,
                         '' AS body
                  FROM draws d JOIN draw_days w ON w.round = d.round WHERE d.sort_key IN (SELECT value FROM json_each(?))";
    let occupations = "SELECT 4 * CAST(noc AS INTEGER) + 2 AS entry, '/occupations/' || noc AS path,
                              'NOC ' || noc || ': ' || title_en AS title, title_fr AS summary, '' AS body
                       FROM occupations WHERE noc IN (SELECT printf('%05d', value) FROM json_each(?))";
    let pages = "SELECT 4 * id + 3 AS entry, '/' || slug AS path, title, summary, body FROM pages
                 WHERE id IN (SELECT value FROM json_each(?))";
    let mut hits: Vec<SearchHit> = vec![];
    for (kind, sql) in [
        (EntryKind::Post, posts),
        (EntryKind::Draw, draws),
        (EntryKind::Occupation, occupations),
        (EntryKind::Page, pages),
    ] {
        hits.extend(sqlx::query_as::<_, SearchHit>(sql).bind(numbers(kind)).fetch_all(&mut *db).await?);
    }
    hits.sort_by_key(|hit| entries.iter().position(|entry| *entry == hit.entry));
    Ok(hits)
}
