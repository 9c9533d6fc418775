//! Occupation search: by code, all words, corrected words, or some of the words.

use sqlx::SqlitePool;

use crate::noc::Occupation;
use crate::occupations::directory::combined::{UnknownCode, groups_of, unknown_code};
use crate::occupations::directory::levels::parse_teer_levels;
use crate::occupations::directory::query::SearchQuery;
use crate::occupations::directory::store::{self, OldCode, RankedQueries};
use crate::web::{closest_term, correction_lengths, is_stop_word, normalized_name, singular, word_forms};

/// Search results before filters.
#[derive(Debug, Default)]
pub struct SearchResult {
    /// Codes, best match first.
    pub codes: Vec<String>,
    /// Corrected search text, if a word was misspelt.
    pub corrected_query: Option<String>,
    /// Whether the results match only some of the words.
    pub is_partial: bool,
    /// Successors of NOC 2016 codes in the search.
    pub old_codes: Vec<OldCode>,
    /// Five-digit codes that are not unit groups.
    pub unknown_codes: Vec<UnknownCode>,
    /// Whether only invalid TEER levels were named.
    pub no_such_level: bool,
}

/// Shorter prefixes match too many names to compare.
const MIN_PREFIX_LEN: usize = 3;

/// Searches; empty text finds all occupations.
pub async fn search(db: &SqlitePool, text: &str) -> sqlx::Result<SearchResult> {
    let Some(teer) = parse_teer_levels(text) else { return search_without_levels(db, text).await };
    let mut found = search_without_levels(db, &teer.rest).await?;
    // The second digit of a code is its TEER.
    let level = |code: &str| code.chars().nth(1).and_then(|digit| digit.to_digit(10)).map(i64::from);
    found.codes.retain(|code| level(code).is_some_and(|level| teer.levels.contains(&level)));
    found.no_such_level = teer.levels.is_empty();
    Ok(found)
}

async fn search_without_levels(db: &SqlitePool, text: &str) -> sqlx::Result<SearchResult> {
    let query = SearchQuery::parse(text);
    if text.is_empty() {
        return Ok(SearchResult { codes: store::codes_with_prefix(db, "").await?, ..SearchResult::default() });
    }
    if query.codes.is_empty() {
        return by_words(db, &query.words).await;
    }
    let mut found = by_codes(db, &query.codes).await?;
    if query.words.is_empty() {
        return Ok(found);
    }
    let named = by_words(db, &query.words).await?;
    let both: Vec<String> = found.codes.iter().filter(|code| named.codes.contains(code)).cloned().collect();
    if both.is_empty() {
        found.is_partial = !(found.codes.is_empty() && named.codes.is_empty());
        found.codes.extend(named.codes);
    } else {
        found.codes = both;
    }
    found.corrected_query = named.corrected_query.map(|words| format!("{} {words}", query.codes.join(" ")));
    Ok(found)
}

/// Best matches, at most `limit`; none for empty text.
pub async fn suggestions(db: &SqlitePool, text: &str, limit: usize) -> sqlx::Result<Vec<Occupation>> {
    if text.trim().is_empty() {
        return Ok(vec![]);
    }
    let mut codes = search(db, text).await?.codes;
    codes.truncate(limit);
    store::with_codes(db, &codes).await
}

/// Code of the occupation whose title or example title is this text. `None` if there is none, or more than one.
///
/// Case, accents, plurals and words such as "of" do not matter; typing errors do.
pub async fn certain_match(db: &SqlitePool, text: &str) -> sqlx::Result<Option<String>> {
    let (query, wanted) = (SearchQuery::parse(text), normalized_name(text));
    if !query.codes.is_empty() || wanted.is_empty() {
        return Ok(None);
    }
    let names = store::names(db, &and_query(&query.words, word_query)).await?;
    let named = names.into_iter().filter(|name| normalized_name(&name.name) == wanted).map(|name| name.noc);
    let mut codes = deduplicate(named.collect());
    Ok(codes.pop().filter(|_| codes.is_empty()))
}

async fn by_codes(db: &SqlitePool, codes: &[String]) -> sqlx::Result<SearchResult> {
    let old_codes = store::successors(db, codes).await?;
    let mut found: Vec<String> = old_codes.iter().map(|old| old.noc.clone()).collect();
    let mut unknown_codes = vec![];
    for code in codes {
        found.extend(store::codes_with_prefix(db, code).await?);
        found.extend(groups_of(code).unwrap_or_default().iter().map(|group| (*group).to_owned()));
        unknown_codes.extend(unknown_code(db, code).await?);
    }
    Ok(SearchResult { codes: deduplicate(found), old_codes, unknown_codes, ..SearchResult::default() })
}

async fn by_words(db: &SqlitePool, words: &[String]) -> sqlx::Result<SearchResult> {
    if words.is_empty() {
        return Ok(SearchResult::default());
    }
    let codes = by_every_word(db, words).await?;
    if !codes.is_empty() {
        return Ok(SearchResult { codes, ..SearchResult::default() });
    }
    let known = CorrectedQuery::load(db, words).await?;
    let corrected_query = known.is_corrected.then(|| known.words.join(" "));
    if known.words.is_empty() {
        return Ok(SearchResult::default());
    }
    let codes = if known.is_corrected || known.words.len() < words.len() {
        by_every_word(db, &known.words).await?
    } else {
        vec![]
    };
    let is_partial = known.words.len() < words.len() || codes.is_empty();
    if !codes.is_empty() {
        return Ok(SearchResult { codes, corrected_query, is_partial, ..SearchResult::default() });
    }
    let each: Vec<String> = known.words.iter().map(|word| prefix_query(word)).collect();
    Ok(SearchResult {
        codes: store::matching_any(db, &each).await?,
        corrected_query,
        is_partial,
        ..SearchResult::default()
    })
}

/// Words of a search that match a known word, after correction.
struct CorrectedQuery {
    words: Vec<String>,
    is_corrected: bool,
}

impl CorrectedQuery {
    async fn load(db: &SqlitePool, words: &[String]) -> sqlx::Result<Self> {
        let singulars: Vec<String> = words.iter().map(|word| singular(word)).collect();
        let unknown = store::unmatched_prefixes(db, &singulars).await?;
        let mut known = Self { words: vec![], is_corrected: false };
        for (word, one) in words.iter().zip(&singulars) {
            if !unknown.contains(one) {
                known.words.push(word.clone());
            } else if let Some(correction) = spell_corrected(db, word).await? {
                known.words.push(correction);
                known.is_corrected = true;
            }
        }
        Ok(known)
    }
}

async fn spell_corrected(db: &SqlitePool, word: &str) -> sqlx::Result<Option<String>> {
    let Some((from, to)) = correction_lengths(word) else { return Ok(None) };
    Ok(closest_term(word, store::terms(db, from, to).await?))
}

async fn by_every_word(db: &SqlitePool, words: &[String]) -> sqlx::Result<Vec<String>> {
    let all = and_query(words, prefix_query);
    let whole = and_query(words, word_query);
    let queries =
        RankedQueries { all: &all, word: &format!("title_en : ({whole})"), prefix: &format!("title_en : ({all})") };
    store::matching(db, queries, &exact_name(db, words).await?).await
}

/// Occupations with exactly this title, start of a title or synonym, most likely one first.
///
/// If there are none, names with the same number of words and these prefixes: "nurs" finds "nurse".
async fn exact_name(db: &SqlitePool, words: &[String]) -> sqlx::Result<Vec<String>> {
    if words.iter().all(|word| is_stop_word(word)) {
        return Ok(vec![]);
    }
    let wanted = sorted(words.iter().map(|word| singular(word)).collect());
    let mut named =
        by_name(db, &and_query(words, word_query), true, |name| sorted(normalized_name(name)) == wanted).await?;
    if named.is_empty() && words.iter().all(|word| word.len() >= MIN_PREFIX_LEN) {
        let has_prefixes = |name: &str| {
            let name = normalized_name(name);
            name.len() == words.len() && name.iter().zip(words).all(|(whole, word)| whole.starts_with(word.as_str()))
        };
        named = by_name(db, &and_query(words, prefix_query), false, has_prefixes).await?;
    }
    named.sort_by_key(|name| (name.position, name.length));
    Ok(deduplicate(named.into_iter().map(|name| name.noc).collect()))
}

struct NameMatch {
    noc: String,
    /// 0 for a title; for a synonym, its rank among the occupations that share it.
    position: i64,
    length: usize,
}

/// Names for which `is_match` holds, among occupations that match an FTS5 query.
async fn by_name(
    db: &SqlitePool,
    query: &str,
    split_at_and: bool,
    is_match: impl Fn(&str) -> bool,
) -> sqlx::Result<Vec<NameMatch>> {
    let meant = |name: store::OccupationName| {
        let first = if name.position == 0 { leading_names(&name.name, split_at_and) } else { vec![] };
        let meant = std::iter::once(name.name.as_str()).chain(first).find(|name| is_match(name))?;
        Some(NameMatch { length: meant.len(), position: name.position, noc: name.noc })
    };
    Ok(store::names(db, query).await?.into_iter().filter_map(meant).collect())
}

/// Names at the start of a title.
///
/// "Software engineers" for "Software engineers and designers", both names for "Infirmiers autorisés/infirmières
/// autorisées", none for "Électriciens/électriciennes de réseaux". Titles are split at "and" only for whole-word
/// matches: "Electrical and electronics engineers" is not a match for the prefix "Electrical".
fn leading_names(title: &str, split_at_and: bool) -> Vec<&str> {
    let separators: &[&str] = if split_at_and { &[" and ", " et "] } else { &[] };
    let ends = [",", "(", " - "].iter().chain(separators).filter_map(|end| title.find(end));
    let names: Vec<&str> = title[..ends.min().unwrap_or(title.len())].split('/').collect();
    let length = |name: &&str| name.split_whitespace().count();
    if names.iter().all(|name| length(name) == length(&names[0])) { names } else { vec![] }
}

fn sorted(mut words: Vec<String>) -> Vec<String> {
    words.sort();
    words.dedup();
    words
}

fn and_query(words: &[String], query: fn(&str) -> String) -> String {
    words.iter().map(|word| query(word)).collect::<Vec<_>>().join(" AND ")
}

/// FTS5 query for words that start with this one, in singular or plural.
fn prefix_query(word: &str) -> String {
    or_query(&word_forms(word), "*")
}

/// FTS5 query for this word in singular or plural.
fn word_query(word: &str) -> String {
    or_query(&word_forms(word), "")
}

fn or_query(forms: &[String], end: &str) -> String {
    // The index keeps ligatures as written; the search text is folded.
    let ligatures = forms.iter().flat_map(|form| [("oe", "œ"), ("ae", "æ")].map(|(from, to)| form.replace(from, to)));
    let mut forms: Vec<String> =
        forms.iter().cloned().chain(ligatures).map(|form| format!("\"{form}\"{end}")).collect();
    forms.sort();
    forms.dedup();
    format!("({})", forms.join(" OR "))
}

/// Keeps the order.
fn deduplicate(codes: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    codes.into_iter().filter(|code| seen.insert(code.clone())).collect()
}
