//! SQL of the synonym pages in the admin area.

use sqlx::{SqliteConnection, SqliteExecutor};

use crate::noc::Occupation;
use crate::web::fold_accents;

/// Number of synonyms, and of occupations that have one.
pub async fn count_synonyms(db: impl SqliteExecutor<'_>) -> sqlx::Result<(i64, i64)> {
    sqlx::query_as("SELECT count(*), count(DISTINCT noc) FROM occupation_synonyms").fetch_one(db).await
}

/// Adds a synonym. If other occupations have it, they remain the more likely ones.
pub async fn add_synonym(tx: &mut SqliteConnection, noc: &str, synonym: &str) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO occupation_synonyms (synonym, noc, position)
         SELECT ?1, ?2, coalesce(max(position), 0) + 1 FROM occupation_synonyms WHERE synonym = ?1",
    )
    .bind(synonym)
    .bind(noc)
    .execute(tx)
    .await?;
    Ok(())
}

/// Removes a synonym; `false` if there was none.
pub async fn remove_synonym(tx: &mut SqliteConnection, noc: &str, synonym: &str) -> sqlx::Result<bool> {
    let done = sqlx::query("DELETE FROM occupation_synonyms WHERE synonym = ? AND noc = ?")
        .bind(synonym)
        .bind(noc)
        .execute(tx)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// Occupation with its synonyms.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SynonymGroup {
    #[sqlx(flatten)]
    pub occupation: Occupation,
    /// Separated by commas.
    pub synonyms: String,
}

const MAX_SEARCH_RESULTS: usize = 50;

/// Occupations by code prefix, or by part of a title or synonym, ignoring case and accents.
pub async fn find_synonyms(db: impl SqliteExecutor<'_>, query: &str) -> sqlx::Result<Vec<SynonymGroup>> {
    let mut all: Vec<SynonymGroup> = sqlx::query_as(
        "SELECT o.*,
                coalesce((SELECT group_concat(w.synonym, ', ' ORDER BY w.synonym) FROM occupation_synonyms w
                          WHERE w.noc = o.noc), '') AS synonyms
         FROM occupations o ORDER BY o.noc",
    )
    .fetch_all(db)
    .await?;
    // SQLite's lower() only handles ASCII.
    let query = fold_accents(query);
    all.retain(|SynonymGroup { occupation, synonyms }| {
        let texts = [&occupation.title_en, &occupation.title_fr, synonyms];
        occupation.noc.starts_with(&query) || texts.into_iter().any(|text| fold_accents(text).contains(&query))
    });
    all.truncate(MAX_SEARCH_RESULTS);
    Ok(all)
}
