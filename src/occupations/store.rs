//! SQL of occupations and their seed data.

use sqlx::{SqliteConnection, SqliteExecutor};

use crate::noc::Occupation;

pub async fn count(db: impl SqliteExecutor<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT count(*) FROM occupations").fetch_one(db).await
}

/// All codes, in order.
pub async fn codes(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar("SELECT noc FROM occupations ORDER BY noc").fetch_all(db).await
}

/// All occupations, by code.
pub async fn all(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<Occupation>> {
    sqlx::query_as("SELECT * FROM occupations ORDER BY noc").fetch_all(db).await
}

pub async fn find(db: impl SqliteExecutor<'_>, noc: &str) -> sqlx::Result<Option<Occupation>> {
    sqlx::query_as("SELECT * FROM occupations WHERE noc = ?").bind(noc).fetch_optional(db).await
}

/// Inserts unit groups from a JSON array with the columns of `data/noc2021.csv`.
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

/// Inserts synonyms from a JSON array with the columns of `data/synonyms.csv`.
///
/// Of occupations with the same synonym, the most likely one comes first. Call this before [`insert_occupations`], so
/// that each occupation is indexed once, together with its synonyms.
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

/// Inserts NOC 2016 unit groups from a JSON array with the columns of `data/noc2016.csv`.
///
/// Of several successors, the one with most of the work comes first.
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

/// Synonyms of an occupation, sorted.
pub async fn synonyms_of(db: impl SqliteExecutor<'_>, noc: &str) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar("SELECT synonym FROM occupation_synonyms WHERE noc = ? ORDER BY synonym")
        .bind(noc)
        .fetch_all(db)
        .await
}
