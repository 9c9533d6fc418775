//! Search results page.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;
use sqlx::SqliteConnection;

use crate::db::Database;
use crate::draws::TokenValues;
use crate::http::{PageError, PageResult, SearchClient, html};
use crate::occupations::{self, UnknownCode};
use crate::search::query::SearchQuery;
use crate::search::snippet::{Fragment, highlight, snippet};
use crate::search::store::{self, EntryKind, SearchHit};
use crate::services::Services;
use crate::web::{self, Layout, Pagination, Query, correction_lengths, fold_accents, one_line, plain_text};

#[derive(Template)]
#[template(path = "search/show.html")]
struct SearchPage {
    layout: Layout,
    q: String,
    results: Vec<SearchResult>,
    paging: Pagination,
    /// Whether no entry matched all words, so that the results match some of them.
    only_some_words: bool,
    /// Whether there are more results than [`MAX_RESULTS`].
    has_more: bool,
    /// Query with spelling corrections, if the results are for that query.
    corrected_query: Option<String>,
    /// The code in the query, if it is not a NOC 2021 code.
    unknown_code: Option<UnknownCode>,
}

struct SearchResult {
    kind: &'static str,
    path: String,
    title: Vec<Fragment>,
    snippet: Vec<Fragment>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct SearchParams {
    #[serde(deserialize_with = "one_line")]
    q: String,
    page: String,
}

const PER_PAGE: i64 = 20;
/// Maximum number of results. If more entries match, they are ordered by date instead of relevance, which is faster.
const MAX_RESULTS: i64 = 500;

/// `GET /search?q=&page=`
pub async fn search(
    layout: Layout,
    query: Query<SearchParams>,
    services: Data<Services>,
    searcher: SearchClient,
) -> PageResult {
    let SearchParams { q, page } = query.0;
    let q: String = q.chars().take(300).collect();
    if !q.is_empty() {
        searcher.check_rate().map_err(PageError::TooManyRequests)?;
    }
    let parsed = SearchQuery::parse(&q);
    let (mut fts_query, mut only_some_words, mut total) = (parsed.match_all(), false, 0);
    let mut connection = services.db.read().acquire().await?;
    let (mut search_query, mut corrected_query) = (parsed, None);
    if !search_query.is_empty() {
        total = store::count(&mut *connection, &fts_query, MAX_RESULTS + 1).await?;
        if total == 0
            && let Some(corrected) = spell_corrected(&mut connection, &search_query).await?
        {
            let all = corrected.match_all();
            total = store::count(&mut *connection, &all, MAX_RESULTS + 1).await?;
            if total > 0 {
                corrected_query = Some(corrected.words.join(" "));
                (search_query, fts_query) = (corrected, all);
            }
        }
        if total == 0 && search_query.words.len() > 1 {
            only_some_words = true;
            fts_query = search_query.match_any();
            total = store::count(&mut *connection, &fts_query, MAX_RESULTS + 1).await?;
        }
    }
    let base = format!("/search?q={}", form_urlencoded::byte_serialize(q.as_bytes()).collect::<String>());
    let paging = Pagination::new(&page, total.min(MAX_RESULTS), PER_PAGE, base)?;
    let entries = if total == 0 {
        vec![]
    } else {
        let draw = search_query.draw_number.as_ref().map(|round| EntryKind::Draw.entry(round.sort_key()));
        let first = draw.or(search_query.noc_code.map(|code| EntryKind::Occupation.entry(code))).unwrap_or(-1);
        if total > MAX_RESULTS {
            store::entries_by_recency(&mut connection, &fts_query, first, PER_PAGE, paging.offset()).await?
        } else {
            store::entries(&mut *connection, &fts_query, first, PER_PAGE, paging.offset()).await?
        }
    };
    let hits = store::load_hits(&mut connection, &entries).await?;
    drop(connection);
    let results = search_results(&services.db, &hits, &search_query).await?;
    let unknown_code = unknown_code(&services.db, &search_query, results.is_empty()).await?;
    let has_more = total > MAX_RESULTS;
    html(
        StatusCode::OK,
        &SearchPage { layout, q, results, paging, only_some_words, has_more, corrected_query, unknown_code },
    )
}

/// The query with misspelt words corrected, or `None` if no correction was found.
async fn spell_corrected(db: &mut SqliteConnection, query: &SearchQuery) -> sqlx::Result<Option<SearchQuery>> {
    let unknown = store::unmatched_prefixes(&mut *db, &query.folded_words()).await?;
    let (mut words, mut is_corrected) = (vec![], false);
    for word in &query.words {
        let folded = fold_accents(word);
        let closest = if unknown.contains(&folded) { closest_term(db, &folded).await? } else { None };
        is_corrected |= closest.is_some();
        words.push(closest.unwrap_or_else(|| word.clone()));
    }
    Ok(is_corrected.then(|| query.with_words(words)))
}

/// The indexed term that is one typing error away from a folded word.
async fn closest_term(db: &mut SqliteConnection, word: &str) -> sqlx::Result<Option<String>> {
    let Some((min_len, max_len)) = correction_lengths(word) else { return Ok(None) };
    // `web::closest_term` prefers terms with the same first letter. Reading only those is much faster than
    // reading all terms, which is necessary only if none of them is close.
    let first_letter: String = word.chars().take(1).collect();
    for prefix in [&*first_letter, ""] {
        let closest = web::closest_term(word, store::terms(&mut *db, prefix, min_len, max_len).await?);
        if closest.is_some() {
            return Ok(closest);
        }
    }
    Ok(None)
}

/// Explanation of a five-digit code that is not a NOC 2021 unit group.
///
/// Shown if there are no results or if the code stands for a group of several occupations.
async fn unknown_code(db: &Database, query: &SearchQuery, has_no_results: bool) -> sqlx::Result<Option<UnknownCode>> {
    let Some(code) = query.noc_code else { return Ok(None) };
    let unknown = occupations::unknown_code(db.read(), &format!("{code:05}")).await?;
    Ok(unknown.filter(|unknown| has_no_results || unknown.title.is_some()))
}

/// Results with expanded tokens and highlighted query words.
async fn search_results(db: &Database, hits: &[SearchHit], query: &SearchQuery) -> sqlx::Result<Vec<SearchResult>> {
    let snippets: Vec<String> = hits
        .iter()
        .map(|hit| {
            let in_summary = snippet(&hit.summary, query).map(|_| hit.summary.clone());
            in_summary.or_else(|| snippet(&plain_text(&hit.body), query)).unwrap_or_else(|| hit.summary.clone())
        })
        .collect();
    let texts: Vec<&str> =
        hits.iter().map(|found| found.title.as_str()).chain(snippets.iter().map(String::as_str)).collect();
    let token_values = TokenValues::for_texts(db.read(), &texts).await?;
    let result = |(hit, snippet): (&SearchHit, &String)| SearchResult {
        kind: match EntryKind::of(hit.entry) {
            EntryKind::Post => "News",
            EntryKind::Draw => "Draw",
            EntryKind::Occupation => "Occupation",
            EntryKind::Page => "Page",
        },
        path: hit.path.clone(),
        title: highlight(&token_values.expand_line(&hit.title), query),
        snippet: highlight(&strip_placeholders(&token_values.expand_line(snippet)), query),
    };
    Ok(hits.iter().zip(&snippets).map(result).collect())
}

/// Removes tokens that stand for tables and lists, which do not fit into a snippet.
fn strip_placeholders(text: &str) -> String {
    let mut parts = text.split("{{");
    let mut stripped = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        stripped.push_str(part.split_once("}}").map_or("", |(_, after)| after));
    }
    stripped
}
