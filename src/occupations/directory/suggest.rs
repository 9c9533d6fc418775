//! The few occupations that somebody's own words probably mean, for a form that asks for one.

use sqlx::SqlitePool;

use crate::occupations::Occupation;
use crate::occupations::directory::search::search;
use crate::occupations::directory::store;

/// At most `most` occupations that `text`, words or a code of either classification, probably means; the best first.
pub async fn suggest(db: &SqlitePool, text: &str, most: usize) -> sqlx::Result<Vec<Occupation>> {
    if text.trim().is_empty() {
        return Ok(vec![]);
    }
    let mut codes = search(db, text).await?.codes;
    codes.truncate(most);
    store::with_codes(db, &codes).await
}
