//! Finding occupations: by code, by every word, by words with a slip of one letter, by some of the words.

use sqlx::SqlitePool;

use crate::occupations::Occupation;
use crate::occupations::directory::combined::{UnknownCode, groups_of, unknown_code};
use crate::occupations::directory::levels::parse_teer_levels;
use crate::occupations::directory::query::SearchQuery;
use crate::occupations::directory::store::{self, OldCode, RankedQueries};
use crate::occupations::directory::text_normalize::{
    closest_term, correction_lengths, is_stop_word, normalized_name, singular, word_forms,
};

/// What a search found, before filters.
#[derive(Debug, Default)]
pub struct SearchResult {
    /// Codes, best first.
    pub codes: Vec<String>,
    /// What was searched for instead, where a word was mistyped.
    pub corrected_query: Option<String>,
    /// Whether nothing matches everything that was typed, and these match a part of it.
    pub is_partial: bool,
    /// What became of a code of NOC 2016 that was typed.
    pub old_codes: Vec<OldCode>,
    /// Codes of five digits that are no unit group.
    pub unknown_codes: Vec<UnknownCode>,
    /// Whether only TEER levels were asked for that do not exist.
    pub no_such_level: bool,
}

/// The shortest beginning for which whole names are gone through. Shorter ones begin too many.
const MIN_PREFIX_LEN: usize = 3;

/// Looks for what was typed; an empty text finds every occupation.
pub async fn search(db: &SqlitePool, text: &str) -> sqlx::Result<SearchResult> {
    let Some(named) = parse_teer_levels(text) else { return search_without_levels(db, text).await };
    let mut found = search_without_levels(db, &named.rest).await?;
    // The second digit of a code is its TEER.
    let level = |code: &str| code.chars().nth(1).and_then(|digit| digit.to_digit(10)).map(i64::from);
    found.codes.retain(|code| level(code).is_some_and(|level| named.levels.contains(&level)));
    found.no_such_level = named.levels.is_empty();
    Ok(found)
}

async fn search_without_levels(db: &SqlitePool, text: &str) -> sqlx::Result<SearchResult> {
    let typed = SearchQuery::parse(text);
    if text.is_empty() {
        return Ok(SearchResult { codes: store::codes_with_prefix(db, "").await?, ..SearchResult::default() });
    }
    if typed.codes.is_empty() {
        return by_words(db, &typed.words).await;
    }
    let mut found = by_codes(db, &typed.codes).await?;
    if typed.words.is_empty() {
        return Ok(found);
    }
    let named = by_words(db, &typed.words).await?;
    let both: Vec<String> = found.codes.iter().filter(|code| named.codes.contains(code)).cloned().collect();
    if both.is_empty() {
        found.is_partial = !(found.codes.is_empty() && named.codes.is_empty());
        found.codes.extend(named.codes);
    } else {
        found.codes = both;
    }
    found.corrected_query = named.corrected_query.map(|words| format!("{} {words}", typed.codes.join(" ")));
    Ok(found)
}

/// The occupations that fit best what somebody wrote, at most `limit`.
pub async fn suggestions(db: &SqlitePool, text: &str, limit: usize) -> sqlx::Result<Vec<Occupation>> {
    if text.trim().is_empty() {
        return Ok(vec![]);
    }
    let mut codes = search(db, text).await?.codes;
    codes.truncate(limit);
    store::with_codes(db, &codes).await
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
    let read_as = known.is_corrected.then(|| known.words.join(" "));
    if known.words.is_empty() {
        return Ok(SearchResult::default());
    }
    let codes = if known.is_corrected || known.words.len() < words.len() {
        by_every_word(db, &known.words).await?
    } else {
        vec![]
    };
    let in_part = known.words.len() < words.len() || codes.is_empty();
    if !codes.is_empty() {
        return Ok(SearchResult { codes, corrected_query: read_as, is_partial: in_part, ..SearchResult::default() });
    }
    let each: Vec<String> = known.words.iter().map(|word| prefix_query(word)).collect();
    Ok(SearchResult {
        codes: store::matching_any(db, &each).await?,
        corrected_query: read_as,
        is_partial: in_part,
        ..SearchResult::default()
    })
}

/// The words of a search that begin something, those with a slip mended.
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
            } else if let Some(mended) = spell_corrected(db, word).await? {
                known.words.push(mended);
                known.is_corrected = true;
            }
        }
        Ok(known)
    }
}

/// The known word that is one slip away.
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

/// The occupations that are called so, the one usually meant first: by a title or its beginning, or by other words.
/// Where none is called exactly so, those with a name of as many words that begin so: "nurs" is "nurse".
async fn exact_name(db: &SqlitePool, words: &[String]) -> sqlx::Result<Vec<String>> {
    if words.iter().all(|word| is_stop_word(word)) {
        return Ok(vec![]);
    }
    let asked = sorted(words.iter().map(|word| singular(word)).collect());
    let mut named =
        by_name(db, &and_query(words, word_query), true, |name| sorted(normalized_name(name)) == asked).await?;
    if named.is_empty() && words.iter().all(|word| word.len() >= MIN_PREFIX_LEN) {
        let begins_so = |name: &str| {
            let name = normalized_name(name);
            name.len() == words.len() && name.iter().zip(words).all(|(whole, word)| whole.starts_with(word.as_str()))
        };
        named = by_name(db, &and_query(words, prefix_query), false, begins_so).await?;
    }
    named.sort_by_key(|name| (name.position, name.length));
    Ok(deduplicate(named.into_iter().map(|name| name.noc).collect()))
}

/// An occupation by the name that was meant.
struct NameMatch {
    noc: String,
    /// 0 for a title; for other words, 1 where this occupation is usually meant.
    position: i64,
    length: usize,
}

/// The occupations that match a query, by each of their names of which `is_meant` holds.
async fn by_name(
    db: &SqlitePool,
    query: &str,
    of_several: bool,
    is_meant: impl Fn(&str) -> bool,
) -> sqlx::Result<Vec<NameMatch>> {
    let meant = |name: store::OccupationName| {
        let first = if name.position == 0 { leading_names(&name.name, of_several) } else { vec![] };
        let meant = std::iter::once(name.name.as_str()).chain(first).find(|name| is_meant(name))?;
        Some(NameMatch { length: meant.len(), position: name.position, noc: name.noc })
    };
    Ok(store::names(db, query).await?.into_iter().filter_map(meant).collect())
}

/// What a title begins with: "Software engineers" of "Software engineers and designers", both of
/// "Infirmiers autorisés/infirmières autorisées", none of "Électriciens/électriciennes de réseaux". Not the first
/// `of_several` for a beginning: "Electrical and electronics engineers" is not called "Electrical".
fn leading_names(title: &str, of_several: bool) -> Vec<&str> {
    let joints: &[&str] = if of_several { &[" and ", " et "] } else { &[] };
    let ends = [",", "(", " - "].iter().chain(joints).filter_map(|mark| title.find(mark));
    let both: Vec<&str> = title[..ends.min().unwrap_or(title.len())].split('/').collect();
    let length = |name: &&str| name.split_whitespace().count();
    if both.iter().all(|name| length(name) == length(&both[0])) { both } else { vec![] }
}

fn sorted(mut words: Vec<String>) -> Vec<String> {
    words.sort();
    words.dedup();
    words
}

fn and_query(words: &[String], query: fn(&str) -> String) -> String {
    words.iter().map(|word| query(word)).collect::<Vec<_>>().join(" AND ")
}

/// A query of FTS5 for words that begin so, in the singular or the plural.
fn prefix_query(word: &str) -> String {
    or_query(&word_forms(word), "*")
}

/// A query of FTS5 for this word, in the singular or the plural.
fn word_query(word: &str) -> String {
    or_query(&word_forms(word), "")
}

fn or_query(forms: &[String], end: &str) -> String {
    // The index keeps a ligature as it was written; what was typed is folded.
    let ligatures = forms.iter().flat_map(|form| [("oe", "œ"), ("ae", "æ")].map(|(from, to)| form.replace(from, to)));
    let mut forms: Vec<String> =
        forms.iter().cloned().chain(ligatures).map(|form| format!("\"{form}\"{end}")).collect();
    forms.sort();
    forms.dedup();
    format!("({})", forms.join(" OR "))
}

/// In their order.
fn deduplicate(codes: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    codes.into_iter().filter(|code| seen.insert(code.clone())).collect()
}
