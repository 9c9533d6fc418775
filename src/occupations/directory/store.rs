//! All SQL of the directory.
//!
//! A search answers with codes alone, as one text: TEER and broad category stand in a code, and of hundreds that are
//! found, one page is shown.

use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use serde::Deserialize;
use sqlx::SqliteExecutor;
use sqlx::types::Json;

use crate::occupations::Occupation;

fn split_codes(text: Option<String>) -> Vec<String> {
    text.unwrap_or_default().split_whitespace().map(str::to_owned).collect()
}

fn json(texts: &[impl AsRef<str>]) -> String {
    serde_json::Value::from_iter(texts.iter().map(AsRef::as_ref)).to_string()
}

/// The codes that begin with `prefix`, in order.
pub async fn codes_with_prefix(db: impl SqliteExecutor<'_>, prefix: &str) -> sqlx::Result<Vec<String>> {
    let sql = "SELECT group_concat(noc, ' ')
               FROM (SELECT noc FROM occupations WHERE substr(noc, 1, length(?1)) = ?1 ORDER BY noc)";
    sqlx::query_scalar(sql).bind(prefix).fetch_one(db).await.map(split_codes)
}

/// The queries of FTS5 by which a search is ranked.
pub struct RankedQueries<'a> {
    /// What must match.
    pub all: &'a str,
    /// Every word whole in the English title.
    pub word: &'a str,
    /// Every word at the beginning of one in the English title.
    pub prefix: &'a str,
}

/// The codes that match, best first: those of `named` in their order, then by the English title, then by how rare the
/// words are and where they stand.
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

/// The codes that match some of these queries, those that match most of them first.
pub async fn matching_any(db: impl SqliteExecutor<'_>, each: &[String]) -> sqlx::Result<Vec<String>> {
    let sql = "WITH hits (id, words) AS (
                   SELECT f.rowid, count(*) FROM json_each(?2) w JOIN occupations_fts f ON f.occupations_fts MATCH w.value
                   GROUP BY f.rowid)
               SELECT group_concat(printf('%05d', id), ' ')
               FROM (SELECT h.id FROM occupations_fts f JOIN hits h ON h.id = f.rowid WHERE f.occupations_fts MATCH ?1
                     ORDER BY h.words DESC, bm25(occupations_fts, 10.0, 2.0, 5.0), h.id)";
    sqlx::query_scalar(sql).bind(each.join(" OR ")).bind(json(each)).fetch_one(db).await.map(split_codes)
}

/// A name of an occupation.
#[derive(Deserialize)]
pub struct OccupationName {
    /// Code of the occupation.
    pub noc: String,
    /// A title, or what people say.
    pub name: String,
    /// 0 for a title; for other words, 1 where this occupation is usually meant by them.
    pub position: i64,
}

/// Every name of the occupations that match a query.
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

/// Which of these words begin no word that is known.
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

/// Every known word of `from` to `to` letters, each with the number of occupations that it stands for.
pub async fn terms(db: impl SqliteExecutor<'_>, from: i64, to: i64) -> sqlx::Result<Vec<(String, i64)>> {
    let sql = "SELECT group_concat(term || ' ' || doc, ' ') FROM occupations_terms WHERE length(term) BETWEEN ? AND ?";
    let text: Option<String> = sqlx::query_scalar(sql).bind(from).bind(to).fetch_one(db).await?;
    let parts = split_codes(text);
    Ok(parts.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].parse().unwrap_or(0))).collect())
}

/// The occupations with these codes, in this order.
pub async fn with_codes(db: impl SqliteExecutor<'_>, codes: &[String]) -> sqlx::Result<Vec<Occupation>> {
    sqlx::query_as(
        "SELECT o.noc, o.title_en, o.title_fr, o.teer, o.broad_category, o.broad_category_en
         FROM json_each(?) e JOIN occupations o ON o.noc = e.value ORDER BY e.key",
    )
    .bind(json(codes))
    .fetch_all(db)
    .await
}

/// A category and the occupations it covers on a day.
#[derive(Clone, Debug, PartialEq)]
pub struct ActiveCategory {
    /// `healthcare`, `stem`, …
    pub key: String,
    /// What it is called now.
    pub name: String,
    /// Its codes; empty where no list of it is in force.
    pub codes: Vec<String>,
}

/// Every category that ever listed occupations, with those of `day`, by name.
pub async fn active_categories(db: impl SqliteExecutor<'_>, day: Date) -> sqlx::Result<Vec<ActiveCategory>> {
    let rows: Vec<(String, String, Option<String>)> = sqlx::query_as(
        "SELECT c.key, c.name_en,
                group_concat(CASE WHEN l.effective_from <= ?1 AND (l.effective_to IS NULL OR l.effective_to >= ?1)
                                  THEN m.noc END, ' ')
         FROM categories c JOIN category_lists l ON l.category_key = c.key
                           JOIN category_occupations m ON m.list_id = l.id
         GROUP BY c.key ORDER BY c.name_en",
    )
    .bind(day.to_sqlx())
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|(key, name, codes)| ActiveCategory { key, name, codes: split_codes(codes) }).collect())
}

/// The broad categories, in order: digit and name.
pub async fn broad_categories(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<(i64, String)>> {
    sqlx::query_as("SELECT broad_category, min(broad_category_en) FROM occupations GROUP BY broad_category")
        .fetch_all(db)
        .await
}

/// A unit group of NOC 2016 and one occupation of NOC 2021 that its work belongs to now.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct OldCode {
    /// Four digits.
    pub noc_2016: String,
    /// What the unit group was called.
    pub title_2016: String,
    /// Code of the occupation.
    pub noc: String,
    /// English title of the occupation.
    pub title_en: String,
}

/// What became of the unit groups with these codes of NOC 2016.
pub async fn successors(db: impl SqliteExecutor<'_>, codes: &[String]) -> sqlx::Result<Vec<OldCode>> {
    sqlx::query_as(
        "SELECT p.noc_2016, p.title_2016, o.noc, o.title_en
         FROM noc2016_concordance p JOIN occupations o ON o.noc = p.noc
         WHERE p.noc_2016 IN (SELECT value FROM json_each(?)) ORDER BY p.noc_2016, p.position",
    )
    .bind(json(codes))
    .fetch_all(db)
    .await
}

/// The unit groups of NOC 2016 whose work an occupation took over, wholly or in part.
pub async fn predecessors(db: impl SqliteExecutor<'_>, noc: &str) -> sqlx::Result<Vec<OldCode>> {
    sqlx::query_as(
        "SELECT p.noc_2016, p.title_2016, o.noc, o.title_en
         FROM noc2016_concordance p JOIN occupations o ON o.noc = p.noc WHERE p.noc = ? ORDER BY p.noc_2016",
    )
    .bind(noc)
    .fetch_all(db)
    .await
}

/// Other words that people use for an occupation.
pub async fn synonyms_for(db: impl SqliteExecutor<'_>, noc: &str) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar("SELECT synonym FROM occupation_synonyms WHERE noc = ? ORDER BY synonym")
        .bind(noc)
        .fetch_all(db)
        .await
}

/// A round of invitations that was held under a list.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct OccupationDraw {
    /// `252`
    pub round: String,
    /// The day it was held on.
    #[sqlx(try_from = "jiff_sqlx::Date")]
    pub date: Date,
    /// How many people were invited.
    pub invitations: i64,
    /// Lowest score invited.
    pub crs: i64,
    /// What the list's category was called.
    pub list_name: String,
}

/// The rounds held under the lists that name an occupation, newest first.
pub async fn draws_for(db: impl SqliteExecutor<'_>, noc: &str) -> sqlx::Result<Vec<OccupationDraw>> {
    sqlx::query_as(
        "SELECT r.round, r.date, r.invitations, r.crs, l.name_en AS list_name
         FROM category_draws r JOIN category_lists l ON l.id = r.list_id
                                JOIN category_occupations m ON m.list_id = l.id
         WHERE m.noc = ? ORDER BY r.sort_key DESC",
    )
    .bind(noc)
    .fetch_all(db)
    .await
}

/// A draw of all programs, with its place in the record.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ProgramDraw {
    /// Its number.
    pub round: String,
    /// Its place among all draws.
    pub sort_key: i64,
    /// The day it was held on.
    #[sqlx(try_from = "jiff_sqlx::Date")]
    pub date: Date,
}

/// The last draw that was open to every program.
pub async fn last_general_draw(db: impl SqliteExecutor<'_>) -> sqlx::Result<Option<ProgramDraw>> {
    sqlx::query_as(
        "SELECT round, sort_key, date FROM program_draws WHERE program = 'general' ORDER BY sort_key DESC LIMIT 1",
    )
    .fetch_optional(db)
    .await
}

/// How many draws each program had after the draw at `sort_key`, most first. Draws of a category are not counted.
pub async fn program_draws_since(db: impl SqliteExecutor<'_>, sort_key: i64) -> sqlx::Result<Vec<(String, i64)>> {
    sqlx::query_as(
        "SELECT program, count(*) FROM program_draws WHERE sort_key > ? AND program IS NOT NULL
         GROUP BY program ORDER BY count(*) DESC, program",
    )
    .bind(sort_key)
    .fetch_all(db)
    .await
}

/// The day of the latest draw in the record.
pub async fn latest_draw_day(db: impl SqliteExecutor<'_>) -> sqlx::Result<Option<Date>> {
    let day: Option<String> = sqlx::query_scalar("SELECT max(date) FROM program_draws").fetch_one(db).await?;
    Ok(day.and_then(|day| day.parse().ok()))
}

/// A category by its key and name.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct NamedCategory {
    /// `french`
    pub key: String,
    /// Its name in the list in force.
    pub name: String,
}

/// The categories whose list in force on `day` names no occupation and asks for no work experience, by name.
pub async fn categories_without_list(db: impl SqliteExecutor<'_>, day: Date) -> sqlx::Result<Vec<NamedCategory>> {
    sqlx::query_as(
        "SELECT l.category_key AS key, l.name_en AS name FROM category_lists l
         WHERE l.effective_from <= ?1 AND (l.effective_to IS NULL OR l.effective_to >= ?1)
           AND l.min_experience_months IS NULL AND l.experience_where = ''
           AND NOT EXISTS (SELECT 1 FROM category_occupations m WHERE m.list_id = l.id)
         ORDER BY l.name_en",
    )
    .bind(day.to_sqlx())
    .fetch_all(db)
    .await
}

/// A public post that speaks of an occupation.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PostMention {
    /// Where it is read.
    pub path: String,
    /// Its title, whose places are still to be filled.
    pub title: String,
}

/// The public posts that speak of an occupation, newest first.
pub async fn mentions(db: impl SqliteExecutor<'_>, noc: &str) -> sqlx::Result<Vec<PostMention>> {
    sqlx::query_as("SELECT path, title FROM occupation_mentions WHERE noc = ? ORDER BY published_at DESC, path")
        .bind(noc)
        .fetch_all(db)
        .await
}
