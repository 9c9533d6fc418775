//! All SQL of the admin area's pages about lists and words.

use jiff::ToSpan;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use serde_json::json;
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::occupations::admin::list_form::NewList;
use crate::occupations::directory::fold_accents;
use crate::occupations::{CategoryList, Occupation};

/// After so many days without a check, a list in force wants one.
const REVIEW_INTERVAL_DAYS: i64 = 90;

/// The lists in force on `today` that nobody held against their source within the last 90 days, those that waited
/// longest first.
pub async fn lists_due_for_review(db: impl SqliteExecutor<'_>, today: Date) -> sqlx::Result<Vec<CategoryList>> {
    sqlx::query_as(
        "SELECT id, category_key, version, name_en, name_fr, effective_from, effective_to, min_experience_months,
                experience_where, must_be_continuous, source, verified_on, notes
         FROM category_lists
         WHERE effective_from <= ?1 AND (effective_to IS NULL OR effective_to >= ?1)
           AND (verified_on IS NULL OR verified_on < ?2)
         ORDER BY verified_on IS NOT NULL, verified_on, name_en",
    )
    .bind(today.to_sqlx())
    .bind(today.saturating_sub(REVIEW_INTERVAL_DAYS.days()).to_sqlx())
    .fetch_all(db)
    .await
}

/// The list with this number.
pub async fn find_list(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Option<CategoryList>> {
    sqlx::query_as(
        "SELECT id, category_key, version, name_en, name_fr, effective_from, effective_to, min_experience_months,
                experience_where, must_be_continuous, source, verified_on, notes
         FROM category_lists WHERE id = ?",
    )
    .bind(id)
    .fetch_optional(db)
    .await
}

/// The first version of the same category that begins after this one.
pub async fn next_version(db: impl SqliteExecutor<'_>, list: &CategoryList) -> sqlx::Result<Option<CategoryList>> {
    sqlx::query_as(
        "SELECT id, category_key, version, name_en, name_fr, effective_from, effective_to, min_experience_months,
                experience_where, must_be_continuous, source, verified_on, notes
         FROM category_lists WHERE category_key = ? AND effective_from > ? ORDER BY effective_from, id LIMIT 1",
    )
    .bind(&list.category_key)
    .bind(list.effective_from.to_sqlx())
    .fetch_optional(db)
    .await
}

/// The rounds of a category held on `day` or later, oldest first.
pub async fn draws_since(db: impl SqliteExecutor<'_>, category: &str, day: Date) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar("SELECT round FROM category_draws WHERE category_key = ? AND date >= ? ORDER BY sort_key")
        .bind(category)
        .bind(day.to_sqlx())
        .fetch_all(db)
        .await
}

/// The codes of NOC 2016, each with a code of where its work is classified now.
pub async fn noc2016_codes(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<(String, String)>> {
    sqlx::query_as("SELECT noc_2016, noc FROM noc2016_concordance ORDER BY noc_2016, position").fetch_all(db).await
}

/// Writes a category, or names it anew: it bears the name of its newest list.
pub async fn upsert_category(tx: &mut SqliteConnection, key: &str, name_en: &str, name_fr: &str) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO categories (key, name_en, name_fr) VALUES (?, ?, ?)
         ON CONFLICT (key) DO UPDATE SET name_en = excluded.name_en, name_fr = excluded.name_fr",
    )
    .bind(key)
    .bind(name_en)
    .bind(name_fr)
    .execute(tx)
    .await?;
    Ok(())
}

/// Writes a list with its occupations; its number.
pub async fn add_list(tx: &mut SqliteConnection, list: &NewList, verified_on: Date) -> sqlx::Result<i64> {
    let id: i64 = sqlx::query_scalar(
        "INSERT INTO category_lists (category_key, version, name_en, name_fr, draw_names, effective_from, effective_to,
                                     min_experience_months, experience_where, must_be_continuous, source, verified_on,
                                     confidence, notes)
         VALUES (?, ?, ?, ?, '', ?, NULL, ?, ?, ?, ?, ?, '', ?) RETURNING id",
    )
    .bind(&list.category_key)
    .bind(&list.version)
    .bind(&list.name_en)
    .bind(&list.name_fr)
    .bind(list.effective_from.to_sqlx())
    .bind(list.months)
    .bind(&list.experience_where)
    .bind(&list.continuous)
    .bind(&list.source)
    .bind(verified_on.to_sqlx())
    .bind(&list.notes)
    .fetch_one(&mut *tx)
    .await?;
    write_occupations(tx, id, list).await?;
    Ok(id)
}

/// Puts what a list says, save its version and dates, in place of what it said.
pub async fn correct_list(tx: &mut SqliteConnection, id: i64, list: &NewList) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE category_lists SET name_en = ?, name_fr = ?, min_experience_months = ?, experience_where = ?,
                must_be_continuous = ?, source = ?, notes = ?
         WHERE id = ?",
    )
    .bind(&list.name_en)
    .bind(&list.name_fr)
    .bind(list.months)
    .bind(&list.experience_where)
    .bind(&list.continuous)
    .bind(&list.source)
    .bind(&list.notes)
    .bind(id)
    .execute(&mut *tx)
    .await?;
    sqlx::query("DELETE FROM category_occupations WHERE list_id = ?").bind(id).execute(&mut *tx).await?;
    write_occupations(tx, id, list).await
}

async fn write_occupations(tx: &mut SqliteConnection, id: i64, list: &NewList) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO category_occupations (list_id, position, noc) SELECT ?, key + 1, value FROM json_each(?)")
        .bind(id)
        .bind(json!(list.codes).to_string())
        .execute(tx)
        .await?;
    Ok(())
}

/// Takes a list away, and its category with the last of its lists.
pub async fn delete_list(tx: &mut SqliteConnection, list: &CategoryList) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM category_occupations WHERE list_id = ?").bind(list.id).execute(&mut *tx).await?;
    sqlx::query("DELETE FROM category_lists WHERE id = ?").bind(list.id).execute(&mut *tx).await?;
    sqlx::query(
        "DELETE FROM categories WHERE key = ?1
         AND NOT EXISTS (SELECT 1 FROM category_lists l WHERE l.category_key = ?1)",
    )
    .bind(&list.category_key)
    .execute(tx)
    .await?;
    Ok(())
}

/// Sets the last day of a list, or lets it hold on.
pub async fn set_last_day(tx: &mut SqliteConnection, id: i64, last: Option<Date>) -> sqlx::Result<()> {
    sqlx::query("UPDATE category_lists SET effective_to = ? WHERE id = ?")
        .bind(last.map(ToSqlx::to_sqlx))
        .bind(id)
        .execute(tx)
        .await?;
    Ok(())
}

/// Sets the day a list was last held against its source, or notes that it never was.
pub async fn set_verified(tx: &mut SqliteConnection, id: i64, day: Option<Date>) -> sqlx::Result<()> {
    sqlx::query("UPDATE category_lists SET verified_on = ? WHERE id = ?")
        .bind(day.map(ToSqlx::to_sqlx))
        .bind(id)
        .execute(tx)
        .await?;
    Ok(())
}

/// How many words people use are known, and of how many occupations.
pub async fn count_synonyms(db: impl SqliteExecutor<'_>) -> sqlx::Result<(i64, i64)> {
    sqlx::query_as("SELECT count(*), count(DISTINCT noc) FROM occupation_synonyms").fetch_one(db).await
}

/// The words people use for an occupation.
pub async fn synonyms_of(db: impl SqliteExecutor<'_>, noc: &str) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar("SELECT synonym FROM occupation_synonyms WHERE noc = ? ORDER BY synonym")
        .bind(noc)
        .fetch_all(db)
        .await
}

/// Notes that people use these words for an occupation; the search knows them from the commit on.
pub async fn add_synonym(tx: &mut SqliteConnection, noc: &str, words: &str) -> sqlx::Result<()> {
    // Where they stand for others already, those are the ones usually meant.
    sqlx::query(
        "INSERT INTO occupation_synonyms (synonym, noc, position)
         SELECT ?1, ?2, coalesce(max(position), 0) + 1 FROM occupation_synonyms WHERE synonym = ?1",
    )
    .bind(words)
    .bind(noc)
    .execute(tx)
    .await?;
    Ok(())
}

/// Forgets words; whether they were known.
pub async fn remove_synonym(tx: &mut SqliteConnection, noc: &str, words: &str) -> sqlx::Result<bool> {
    let done = sqlx::query("DELETE FROM occupation_synonyms WHERE synonym = ? AND noc = ?")
        .bind(words)
        .bind(noc)
        .execute(tx)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// An occupation and the words people use for it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SynonymGroup {
    /// The occupation.
    #[sqlx(flatten)]
    pub occupation: Occupation,
    /// Its words, by commas; empty where none are known.
    pub synonyms: String,
}

/// The most occupations that a search of the synonyms shows.
const MAX_SEARCH_RESULTS: usize = 50;

/// Occupations whose code begins with `asked`, or whose titles or words hold it whatever the case and the accents; by code.
pub async fn find_synonyms(db: impl SqliteExecutor<'_>, asked: &str) -> sqlx::Result<Vec<SynonymGroup>> {
    let mut all: Vec<SynonymGroup> = sqlx::query_as(
        "SELECT o.noc, o.title_en, o.title_fr, o.teer, o.broad_category, o.broad_category_en,
                coalesce((SELECT group_concat(w.synonym, ', ' ORDER BY w.synonym) FROM occupation_synonyms w
                          WHERE w.noc = o.noc), '') AS synonyms
         FROM occupations o ORDER BY o.noc",
    )
    .fetch_all(db)
    .await?;
    // SQLite's lower() knows ASCII letters only.
    let asked = fold_accents(asked);
    all.retain(|SynonymGroup { occupation, synonyms: words }| {
        let texts = [&occupation.title_en, &occupation.title_fr, words];
        occupation.noc.starts_with(&asked) || texts.into_iter().any(|text| fold_accents(text).contains(&asked))
    });
    all.truncate(MAX_SEARCH_RESULTS);
    Ok(all)
}
