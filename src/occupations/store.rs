//! All SQL about occupations and category lists.

use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::occupations::{CategoryList, Occupation};

/// How many occupations there are.
pub async fn count(db: impl SqliteExecutor<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT count(*) FROM occupations").fetch_one(db).await
}

/// Every code, in order.
pub async fn codes(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar("SELECT noc FROM occupations ORDER BY noc").fetch_all(db).await
}

/// Every occupation, by code.
pub async fn all(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<Occupation>> {
    sqlx::query_as(
        "SELECT noc, title_en, title_fr, teer, broad_category, broad_category_en FROM occupations ORDER BY noc",
    )
    .fetch_all(db)
    .await
}

/// The occupation with this code.
pub async fn find(db: impl SqliteExecutor<'_>, noc: &str) -> sqlx::Result<Option<Occupation>> {
    sqlx::query_as(
        "SELECT noc, title_en, title_fr, teer, broad_category, broad_category_en FROM occupations WHERE noc = ?",
    )
    .bind(noc)
    .fetch_optional(db)
    .await
}

/// Every list that an occupation is or was on, newest first.
pub async fn memberships(db: impl SqliteExecutor<'_>, noc: &str) -> sqlx::Result<Vec<CategoryList>> {
    sqlx::query_as(
        "SELECT l.id, l.category_key, l.version, l.name_en, l.name_fr, l.effective_from, l.effective_to,
                l.min_experience_months, l.experience_where, l.must_be_continuous, l.source, l.verified_on, l.notes
         FROM category_occupations m JOIN category_lists l ON l.id = m.list_id
         WHERE m.noc = ? ORDER BY l.effective_from DESC, l.id DESC",
    )
    .bind(noc)
    .fetch_all(db)
    .await
}

/// A category: its key and its present name.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Category {
    /// `healthcare`, `stem`, …
    pub key: String,
    /// Name as in its newest list.
    pub name_en: String,
    /// Whether a list of it is in force on the day asked for.
    pub in_force: bool,
}

/// Every category, those in force on `day` first, by name.
pub async fn categories(db: impl SqliteExecutor<'_>, day: Date) -> sqlx::Result<Vec<Category>> {
    sqlx::query_as(
        "SELECT c.key, c.name_en,
                EXISTS (SELECT 1 FROM category_lists l WHERE l.category_key = c.key AND l.effective_from <= ?1
                        AND (l.effective_to IS NULL OR l.effective_to >= ?1)) AS in_force
         FROM categories c ORDER BY in_force DESC, c.name_en",
    )
    .bind(day.to_sqlx())
    .fetch_all(db)
    .await
}

/// Every version of a category's list, newest first.
pub async fn versions(db: impl SqliteExecutor<'_>, category: &str) -> sqlx::Result<Vec<CategoryList>> {
    sqlx::query_as(
        "SELECT id, category_key, version, name_en, name_fr, effective_from, effective_to, min_experience_months,
                experience_where, must_be_continuous, source, verified_on, notes
         FROM category_lists WHERE category_key = ? ORDER BY effective_from DESC, id DESC",
    )
    .bind(category)
    .fetch_all(db)
    .await
}

/// The list that held for a category on `day`, if one did.
pub async fn list_on(db: impl SqliteExecutor<'_>, category: &str, day: Date) -> sqlx::Result<Option<CategoryList>> {
    sqlx::query_as(
        "SELECT id, category_key, version, name_en, name_fr, effective_from, effective_to, min_experience_months,
                experience_where, must_be_continuous, source, verified_on, notes
         FROM category_lists
         WHERE category_key = ?1 AND effective_from <= ?2 AND (effective_to IS NULL OR effective_to >= ?2)
         ORDER BY effective_from DESC, id DESC LIMIT 1",
    )
    .bind(category)
    .bind(day.to_sqlx())
    .fetch_optional(db)
    .await
}

/// The occupations of a list, in its published order.
pub async fn occupations_of(db: impl SqliteExecutor<'_>, list_id: i64) -> sqlx::Result<Vec<Occupation>> {
    sqlx::query_as(
        "SELECT o.noc, o.title_en, o.title_fr, o.teer, o.broad_category, o.broad_category_en
         FROM category_occupations m JOIN occupations o ON o.noc = m.noc WHERE m.list_id = ? ORDER BY m.position",
    )
    .bind(list_id)
    .fetch_all(db)
    .await
}

/// Writes the unit groups, given as a JSON array of objects named like the columns of `data/noc2021.csv`.
pub async fn insert_occupations(tx: &mut SqliteConnection, json: &str) -> sqlx::Result<u64> {
    let done = sqlx::query(
        "INSERT INTO occupations (noc, title_en, title_fr, teer, broad_category, broad_category_en, broad_category_fr)
         SELECT value ->> 'code', value ->> 'title_en', value ->> 'title_fr', value ->> 'teer',
                value ->> 'broad_category', value ->> 'broad_category_en', value ->> 'broad_category_fr'
         FROM json_each(?)",
    )
    .bind(json)
    .execute(tx)
    .await?;
    Ok(done.rows_affected())
}

/// Writes the lists and their occupations, given as a JSON array of objects named like the columns of
/// `data/categories.csv`: one for each occupation on a list, or for a list that names none.
pub async fn insert_lists(tx: &mut SqliteConnection, json: &str) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO category_lists (category_key, version, name_en, name_fr, draw_names, effective_from, effective_to,
                                     min_experience_months, experience_where, must_be_continuous, source, verified_on,
                                     confidence, notes)
         SELECT value ->> 'category_key', value ->> 'list_version', value ->> 'category_en', value ->> 'category_fr',
                value ->> 'draw_names', value ->> 'effective_from', value ->> 'effective_to',
                value ->> 'min_experience_months', value ->> 'experience_where', value ->> 'must_be_continuous',
                value ->> 'source', value ->> 'verified_on', value ->> 'confidence', value ->> 'notes'
         FROM json_each(?) GROUP BY value ->> 'category_key', value ->> 'list_version' ORDER BY min(key)",
    )
    .bind(json)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "INSERT INTO category_occupations (list_id, position, noc)
         SELECT l.id, row_number() OVER (PARTITION BY l.id ORDER BY e.key), e.value ->> 'noc'
         FROM json_each(?) e
         JOIN category_lists l ON l.category_key = e.value ->> 'category_key' AND l.version = e.value ->> 'list_version'
         WHERE e.value ->> 'noc' <> ''",
    )
    .bind(json)
    .execute(tx)
    .await?;
    Ok(())
}

/// Names the categories after the newest of their lists. The categories themselves must be there before the lists.
pub async fn insert_categories(tx: &mut SqliteConnection, json: &str) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO categories (key, name_en, name_fr)
         SELECT category_key, name_en, name_fr
         FROM (SELECT value ->> 'category_key' AS category_key, value ->> 'category_en' AS name_en,
                      value ->> 'category_fr' AS name_fr, max(value ->> 'effective_from')
               FROM json_each(?) GROUP BY value ->> 'category_key')",
    )
    .bind(json)
    .execute(tx)
    .await?;
    Ok(())
}

/// Writes what people call occupations, given as a JSON array of objects named like the columns of `data/synonyms.csv`;
/// of several occupations with the same synonym, the one usually meant comes first.
/// Written before the occupations are, they enter the index together with their titles.
pub async fn insert_synonyms(tx: &mut SqliteConnection, json: &str) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO occupation_synonyms (synonym, noc, position)
         SELECT value ->> 'synonym', value ->> 'noc', row_number() OVER (PARTITION BY value ->> 'synonym' ORDER BY key)
         FROM json_each(?)",
    )
    .bind(json)
    .execute(tx)
    .await?;
    Ok(())
}

/// Writes the unit groups of NOC 2016 and where their work is classified now, given as a JSON array of objects named
/// like the columns of `data/noc2016.csv`; of several, the one that goes on with most of the work comes first.
pub async fn insert_noc2016_concordance(tx: &mut SqliteConnection, json: &str) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO noc2016_concordance (noc_2016, title_2016, noc, position)
         SELECT value ->> 'noc2016', value ->> 'title_2016', value ->> 'noc2021',
                row_number() OVER (PARTITION BY value ->> 'noc2016' ORDER BY key)
         FROM json_each(?)",
    )
    .bind(json)
    .execute(tx)
    .await?;
    Ok(())
}
