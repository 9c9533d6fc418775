//! Similar spellings of the words of a search.

use futures_util::future::try_join_all;
use sqlx::SqlitePool;
use strsim::osa_distance;

use crate::inquiries::inbox::results::query::{NOTHING, SearchText, fts_term};
use crate::inquiries::inbox::results::store;
use crate::web::{correction_lengths, fold_accents};

/// Words with at least this many letters may have two typing errors: "Mohammed" finds "Muhammad".
const MIN_LEN_FOR_TWO_ERRORS: usize = 7;

/// Similar terms per word.
const MAX_SIMILAR: usize = 20;

/// A search with the spellings that are similar to its words.
pub struct SimilarSearch {
    pub text: SearchText,
    /// Spellings that the search adds.
    pub spellings: Vec<String>,
}

/// A search with words that are a typing error away. `None` if the index contains no similar word.
///
/// Only words with the same first letter are compared, because reading all indexed words is slow.
pub async fn with_similar_words(text: &SearchText, db: &SqlitePool) -> sqlx::Result<Option<SimilarSearch>> {
    let (mut words, mut spellings) = (vec![], vec![]);
    // At the same time, because each word is compared with thousands of others.
    let all_similar = try_join_all(text.terms.iter().map(|word| similar_terms(db, word))).await?;
    for (word, similar) in text.terms.iter().zip(all_similar) {
        let any = std::iter::once(fts_term(word)).chain(similar.iter().map(|term| format!("\"{term}\"*")));
        words.push(format!("({})", any.collect::<Vec<_>>().join(" OR ")));
        spellings.extend(similar);
    }
    let text = SearchText { words: words.join(" AND "), digits: NOTHING.into(), terms: vec![] };
    Ok((!spellings.is_empty()).then_some(SimilarSearch { text, spellings }))
}

/// Indexed terms similar to a word, closest first.
async fn similar_terms(db: &SqlitePool, word: &str) -> sqlx::Result<Vec<String>> {
    let word = &*fold_accents(word);
    let (Some((min_len, max_len)), Some(first)) = (correction_lengths(word), word.chars().next()) else {
        return Ok(vec![]);
    };
    let max_errors = if word.chars().count() < MIN_LEN_FOR_TWO_ERRORS { 1 } else { 2 };
    let terms = store::terms(db, &first.to_string(), min_len, max_len).await?;
    let is_word = |term: &String| term.chars().all(char::is_alphanumeric);
    let mut near: Vec<(usize, String)> =
        terms.into_iter().filter(is_word).map(|term| (osa_distance(word, &term), term)).collect();
    near.retain(|(errors, _)| (1..=max_errors).contains(errors));
    near.sort();
    Ok(near.into_iter().map(|(_, term)| term).take(MAX_SIMILAR).collect())
}
