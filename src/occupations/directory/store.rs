//! SQL of the occupation directory.
//!
//! Searches return only codes, as one text: the filters need no more, and titles are loaded for one page only.

use jiff::civil::Date;
use serde::Deserialize;
use sqlx::SqliteExecutor;
use sqlx::types::Json;

use crate::noc::Occupation;

fn split_codes(text: Option<String>) -> Vec<String> {
    text.unwrap_or_default().split_whitespace().map(str::to_owned).collect()
}

fn json(texts: &[impl AsRef<str>]) -> String {
    serde_json::Value::from_iter(texts.iter().map(AsRef::as_ref)).to_string()
}

/// Codes with a prefix, in order.
pub async fn codes_with_prefix(db: impl SqliteExecutor<'_>, prefix: &str) -> sqlx::Result<Vec<String>> {
    let sql = "SELECT group_concat(noc, ' ')
               FROM (SELECT noc FROM occupations WHERE substr(noc, 1, length(?1)) = ?1 ORDER BY noc)";
    sqlx::query_scalar(sql).bind(prefix).fetch_one(db).await.map(split_codes)
}

/// FTS5 queries that rank a search.
pub struct RankedQueries<'a> {
    /// Must match.
    pub all: &'a str,
    /// Matches if all words are whole words of the English title.
    pub word: &'a str,
    /// Matches if all words are prefixes of words of the English title.
    pub prefix: &'a str,
}

/// Codes that match: first those in `named`, in that order, then by English title, then by `bm25`.
pub async fn matching(
    db: impl SqliteExecutor<'_>,
    queries: RankedQueries<'_>,
    named: &[String],
) -> sqlx::Result<Vec<String>> {
    let sql = "SELECT group_concat(printf('%05d', id), ' ')
               FROM (SELECT f.rowid AS id FROM occupations_fts f WHERE f.occupations_fts MATCH ?1
                     ORDER BY coalesce((SELECT n.key FROM json_each(?4) n WHERE n.value = printf('%05d', f.rowid)), 99),
                              f.rowid NOT IN (SELECT rowid FROM occupations_fts WHERE occupations_fts MATCH ?2),
                              f.rowid NOT IN (SELECT rowid FROM occupations_fts WHERE occupations_fts MATCH ?3),
                              bm25(occupations_fts, 10.0, 2.0, 5.0), f.rowid)";
    sqlx::query_scalar(sql)
        .bind(queries.all)
        .bind(queries.word)
        .bind(queries.prefix)
        .bind(json(named))
        .fetch_one(db)
        .await
        .map(split_codes)
}

/// Codes that match any of these queries, most matches first.
pub async fn matching_any(db: impl SqliteExecutor<'_>, each: &[String]) -> sqlx::Result<Vec<String>> {
    let sql = "WITH hits (id, words) AS (
                   SELECT f.rowid, count(*) FROM json_each(?2) w JOIN occupations_fts f ON f.occupations_fts MATCH w.value
                   GROUP BY f.rowid)
               SELECT group_concat(printf('%05d', id), ' ')
               FROM (SELECT h.id FROM occupations_fts f JOIN hits h ON h.id = f.rowid WHERE f.occupations_fts MATCH ?1
                     ORDER BY h.words DESC, bm25(occupations_fts, 10.0, 2.0, 5.0), h.id)";
    sqlx::query_scalar(sql).bind(each.join(" OR ")).bind(json(each)).fetch_one(db).await.map(split_codes)
}

/// Title or synonym of an occupation.
#[derive(Deserialize)]
pub struct OccupationName {
    pub noc: String,
    pub name: String,
    /// 0 for a title; for a synonym, its rank among the occupations that share it.
    pub position: i64,
}

/// All names of the occupations that match an FTS5 query.
pub async fn names(db: impl SqliteExecutor<'_>, query: &str) -> sqlx::Result<Vec<OccupationName>> {
    let all: Json<Vec<OccupationName>> = sqlx::query_scalar(
        "WITH found (noc, title_en, title_fr) AS MATERIALIZED (
             SELECT printf('%05d', rowid), title_en, title_fr FROM occupations_fts WHERE occupations_fts MATCH ?),
         names (noc, name, position) AS (
             SELECT noc, title_en, 0 FROM found
             UNION ALL SELECT noc, title_fr, 0 FROM found
             UNION ALL SELECT w.noc, w.synonym, w.position FROM found f JOIN occupation_synonyms w ON w.noc = f.noc)
         SELECT json_group_array(json_object('noc', noc, 'name', name, 'position', position)) FROM names",
    )
    .bind(query)
    .fetch_one(db)
    .await?;
    Ok(all.0)
}

/// Words that are not a prefix of any indexed word.
pub async fn unmatched_prefixes(db: impl SqliteExecutor<'_>, words: &[String]) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "SELECT w.value FROM json_each(?) w
         WHERE NOT EXISTS (SELECT 1 FROM occupations_terms v
                           WHERE v.term >= w.value AND v.term < w.value || char(1114111))
         ORDER BY w.key",
    )
    .bind(json(words))
    .fetch_all(db)
    .await
}

/// Indexed words of `from` to `to` characters, with the number of occupations of each.
pub async fn terms(db: impl SqliteExecutor<'_>, from: i64, to: i64) -> sqlx::Result<Vec<(String, i64)>> {
    let sql = "SELECT group_concat(term || ' ' || doc, ' ') FROM occupations_terms WHERE length(term) BETWEEN ? AND ?";
    let text: Option<String> = sqlx::query_scalar(sql).bind(from).bind(to).fetch_one(db).await?;
    let parts = split_codes(text);
    Ok(parts.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].parse().unwrap_or(0))).collect())
}

/// Occupations with these codes, in this order.
pub async fn with_codes(db: impl SqliteExecutor<'_>, codes: &[String]) -> sqlx::Result<Vec<Occupation>> {
    sqlx::query_as(
        "SELECT o.*
         FROM json_each(?) e JOIN occupations o ON o.noc = e.value ORDER BY e.key",
    )
    .bind(json(codes))
    .fetch_all(db)
    .await
}

/// Digit and name of each broad category.
pub async fn broad_categories(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<(i64, String)>> {
    sqlx::query_as("SELECT broad_category, min(broad_category_en) FROM occupations GROUP BY broad_category")
        .fetch_all(db)
        .await
}

/// NOC 2016 unit group and a NOC 2021 occupation that replaced it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct OldCode {
    pub noc_2016: String,
    pub title_2016: String,
    pub noc: String,
    pub title_en: String,
}

/// Query for [`OldCode`] rows.
macro_rules! select_old_codes {
    ($rest:literal) => {
        concat!(
            "SELECT p.noc_2016, p.title_2016, o.noc, o.title_en
             FROM noc2016_concordance p JOIN occupations o ON o.noc = p.noc ",
            $rest
        )
    };
}

/// Occupations that replaced NOC 2016 unit groups.
pub async fn successors(db: impl SqliteExecutor<'_>, codes: &[String]) -> sqlx::Result<Vec<OldCode>> {
    sqlx::query_as(select_old_codes!(
        "WHERE p.noc_2016 IN (SELECT value FROM json_each(?)) ORDER BY p.noc_2016, p.position"
    ))
    .bind(json(codes))
    .fetch_all(db)
    .await
}

/// NOC 2016 unit groups that an occupation replaced, wholly or in part.
pub async fn predecessors(db: impl SqliteExecutor<'_>, noc: &str) -> sqlx::Result<Vec<OldCode>> {
    sqlx::query_as(select_old_codes!("WHERE p.noc = ? ORDER BY p.noc_2016")).bind(noc).fetch_all(db).await
}

/// Draw held under a list that names an occupation.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct OccupationDraw {
    pub round: String,
    #[sqlx(try_from = "jiff_sqlx::Date")]
    pub date: Date,
    pub invitations: i64,
    pub crs: i64,
    pub category_key: String,
    pub list_name: String,
}

/// Draws held under lists that name an occupation, newest first.
pub async fn draws_for(db: impl SqliteExecutor<'_>, noc: &str) -> sqlx::Result<Vec<OccupationDraw>> {
    sqlx::query_as(
        "SELECT r.round, r.date, r.invitations, r.crs, r.category_key, l.name_en AS list_name
         FROM category_draws r JOIN category_lists l ON l.id = r.list_id
                                JOIN category_occupations m ON m.list_id = l.id
         WHERE m.noc = ? ORDER BY r.sort_key DESC",
    )
    .bind(noc)
    .fetch_all(db)
    .await
}

/// Draw that was not held for a category.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ProgramDraw {
    pub round: String,
    pub sort_key: i64,
    #[sqlx(try_from = "jiff_sqlx::Date")]
    pub date: Date,
}

/// Last draw open to all programs.
pub async fn last_general_draw(db: impl SqliteExecutor<'_>) -> sqlx::Result<Option<ProgramDraw>> {
    sqlx::query_as(
        "SELECT round, sort_key, date FROM program_draws WHERE program = 'general' ORDER BY sort_key DESC LIMIT 1",
    )
    .fetch_optional(db)
    .await
}

/// Number of draws of each program after the draw at `sort_key`, most first.
pub async fn program_draws_since(db: impl SqliteExecutor<'_>, sort_key: i64) -> sqlx::Result<Vec<(String, i64)>> {
    sqlx::query_as(
        "SELECT program, count(*) FROM program_draws WHERE sort_key > ? AND program IS NOT NULL
         GROUP BY program ORDER BY count(*) DESC, program",
    )
    .bind(sort_key)
    .fetch_all(db)
    .await
}

pub async fn latest_draw_day(db: impl SqliteExecutor<'_>) -> sqlx::Result<Option<Date>> {
    let day: Option<String> = sqlx::query_scalar("SELECT max(date) FROM program_draws").fetch_one(db).await?;
    Ok(day.and_then(|day| day.parse().ok()))
}

/// Public post that mentions an occupation.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PostMention {
    pub path: String,
    /// Title with unresolved tokens.
    pub title: String,
}

/// Public posts that mention an occupation, newest first.
pub async fn mentions(db: impl SqliteExecutor<'_>, noc: &str) -> sqlx::Result<Vec<PostMention>> {
    sqlx::query_as("SELECT path, title FROM occupation_mentions WHERE noc = ? ORDER BY published_at DESC, path")
        .bind(noc)
        .fetch_all(db)
        .await
}
