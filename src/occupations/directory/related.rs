//! Occupations related to another one: near it in the classification, with a similar title, or on the same list.

use sqlx::SqlitePool;

use crate::categories::{self, CategoryList};
use crate::noc::Occupation;
use crate::occupations::directory::store;
use crate::web::{folded_words, is_stop_word, plural_len, word_forms};

/// Neighbours in the classification, occupations with similar titles, and others on the same list.
const MAX_NEIGHBOURS: usize = 6;
const MAX_SIMILAR: usize = 4;
const MAX_ON_SAME_LIST: usize = 5;

/// Some other occupations of a current list.
pub struct SameList {
    pub topic: String,
    pub href: String,
    /// Number of occupations on the list.
    pub count: String,
    pub occupations: Vec<Occupation>,
}

/// Occupations with the same first four digits, or else three; then those with similar English titles.
pub async fn related_occupations(db: &SqlitePool, occupation: &Occupation) -> sqlx::Result<Vec<Occupation>> {
    let mut codes = vec![];
    for digits in [4, 3] {
        codes = store::codes_with_prefix(db, &occupation.noc[..digits]).await?;
        codes.retain(|code| *code != occupation.noc);
        if !codes.is_empty() {
            break;
        }
    }
    codes.truncate(MAX_NEIGHBOURS);
    let each: Vec<String> = folded_words(&occupation.title_en)
        .filter(|word| !is_stop_word(word) && word.len() > 2)
        .map(|word| format!("title_en : (\"{}\")", word_forms(&word).join("\" OR \"")))
        .collect();
    if !each.is_empty() {
        let similar = store::matching_any(db, &each).await?;
        let others = similar.into_iter().filter(|code| *code != occupation.noc && !codes.contains(code));
        codes.extend(others.take(MAX_SIMILAR).collect::<Vec<_>>());
    }
    store::with_codes(db, &codes).await
}

/// Occupations of a list with the nearest codes, without those in `shown`. `None` if there are no others.
pub async fn on_same_list(
    db: &SqlitePool,
    list: &CategoryList,
    occupation: &Occupation,
    shown: &[Occupation],
) -> sqlx::Result<Option<SameList>> {
    let all = categories::occupations_of(db, list.id).await?;
    let count = plural_len(all.len(), "occupation", "occupations");
    let is_shown = |other: &Occupation| shown.iter().any(|one| one.noc == other.noc);
    let mut others: Vec<Occupation> =
        all.into_iter().filter(|other| other.noc != occupation.noc && !is_shown(other)).collect();
    let code = |noc: &str| noc.parse::<i64>().unwrap_or_default();
    others.sort_by_key(|other| (code(&other.noc) - code(&occupation.noc)).abs());
    others.truncate(MAX_ON_SAME_LIST);
    others.sort_by(|one, other| one.noc.cmp(&other.noc));
    let topic = list.topic().to_owned();
    let href = format!("/categories/{}", list.category_key);
    Ok((!others.is_empty()).then_some(SameList { topic, href, count, occupations: others }))
}
