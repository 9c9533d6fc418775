//! The page on which everything is found.

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
use crate::web::{Layout, Pagination, Query, one_line, plain_text};

#[derive(Template)]
#[template(path = "search/show.html")]
struct SearchPage {
    layout: Layout,
    q: String,
    results: Vec<SearchResult>,
    paging: Pagination,
    /// Nothing had all the words, so that these have some of them.
    only_some_words: bool,
    /// There are more than are counted.
    has_more: bool,
    /// What was searched for instead, where a word was mistyped.
    corrected_query: Option<String>,
    /// A code that is no unit group.
    unknown_code: Option<UnknownCode>,
}

/// One thing that was found.
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

/// Answers on one page.
const PER_PAGE: i64 = 20;
/// Nobody reads further than this. So many are weighed against each other; of more, the newest are shown.
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

/// The question with its mistyped words corrected; `None` where none is one slip away from a word of the index.
async fn spell_corrected(db: &mut SqliteConnection, query: &SearchQuery) -> sqlx::Result<Option<SearchQuery>> {
    let unknown = store::unmatched_prefixes(&mut *db, &query.folded_words()).await?;
    let (mut words, mut is_corrected) = (vec![], false);
    for word in &query.words {
        let folded = occupations::fold_accents(word);
        let lengths = occupations::correction_lengths(&folded).filter(|_| unknown.contains(&folded));
        let nearest = match lengths {
            Some((from, to)) => occupations::closest_term(&folded, store::vocabulary(&mut *db, from, to).await?),
            None => None,
        };
        is_corrected |= nearest.is_some();
        words.push(nearest.unwrap_or_else(|| word.clone()));
    }
    Ok(is_corrected.then(|| query.with_words(words)))
}

/// What to say about a code of five digits that is no unit group: always where it stands for several, else where nothing
/// was found.
async fn unknown_code(db: &Database, query: &SearchQuery, has_no_results: bool) -> sqlx::Result<Option<UnknownCode>> {
    let Some(code) = query.noc_code else { return Ok(None) };
    let unknown = occupations::unknown_code(db.read(), &format!("{code:05}")).await?;
    Ok(unknown.filter(|unknown| has_no_results || unknown.title.is_some()))
}

/// What was found, with its figures filled in and the words asked for marked.
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
            EntryKind::Draw => "Round",
            EntryKind::Occupation => "Occupation",
            EntryKind::Page => "Page",
        },
        path: hit.path.clone(),
        title: highlight(&token_values.expand_line(&hit.title), query),
        snippet: highlight(&strip_placeholders(&token_values.expand_line(snippet)), query),
    };
    Ok(hits.iter().zip(&snippets).map(result).collect())
}

/// A block has no place in a snippet.
fn strip_placeholders(text: &str) -> String {
    let mut parts = text.split("{{");
    let mut stripped = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        stripped.push_str(part.split_once("}}").map_or("", |(_, after)| after));
    }
    stripped
}
