//! The page on which everything is found.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;
use sqlx::SqliteConnection;

use crate::db::Database;
use crate::draws::Facts;
use crate::occupations::{self, UnknownCode};
use crate::search::extract::{Piece, around, marked};
use crate::search::query::Asked;
use crate::search::store::{self, Found, Kind};
use crate::web::{Layout, PageError, PageResult, Paging, Query, Searcher, html, one_line, plain_text};

#[derive(Template)]
#[template(path = "search/show.html")]
struct SearchPage {
    layout: Layout,
    q: String,
    results: Vec<Answer>,
    paging: Paging,
    /// Nothing had all the words, so that these have some of them.
    only_some_words: bool,
    /// There are more than are counted.
    is_more: bool,
    /// What was searched for instead, where a word was mistyped.
    read_as: Option<String>,
    /// A code that is no unit group.
    unknown_code: Option<UnknownCode>,
}

/// One thing that was found.
struct Answer {
    kind: &'static str,
    path: String,
    title: Vec<Piece>,
    extract: Vec<Piece>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct SearchQuery {
    #[serde(deserialize_with = "one_line")]
    q: String,
    page: String,
}

/// Answers on one page.
const PER_PAGE: i64 = 20;
/// Nobody reads further than this. So many are weighed against each other; of more, the newest are shown.
const MOST: i64 = 500;

/// `GET /search?q=&page=`
pub async fn search(layout: Layout, query: Query<SearchQuery>, db: Data<Database>, searcher: Searcher) -> PageResult {
    let SearchQuery { q, page } = query.0;
    let q: String = q.chars().take(300).collect();
    if !q.is_empty() {
        searcher.count().map_err(PageError::TooMany)?;
    }
    let asked = Asked::read(&q);
    let (mut wanted, mut only_some_words, mut total) = (asked.all_words(), false, 0);
    let mut connection = db.read().acquire().await?;
    let (mut asked, mut read_as) = (asked, None);
    if !asked.is_empty() {
        total = store::count(&mut *connection, &wanted, MOST + 1).await?;
        if total == 0
            && let Some(corrected) = corrected(&mut connection, &asked).await?
        {
            let all = corrected.all_words();
            total = store::count(&mut *connection, &all, MOST + 1).await?;
            if total > 0 {
                read_as = Some(corrected.words.join(" "));
                (asked, wanted) = (corrected, all);
            }
        }
        if total == 0 && asked.words.len() > 1 {
            only_some_words = true;
            wanted = asked.any_word();
            total = store::count(&mut *connection, &wanted, MOST + 1).await?;
        }
    }
    let base = format!("/search?q={}", form_urlencoded::byte_serialize(q.as_bytes()).collect::<String>());
    let paging = Paging::new(&page, total.min(MOST), PER_PAGE, base)?;
    let entries = if total == 0 {
        vec![]
    } else {
        let round = asked.round.as_ref().map(|round| Kind::Round.entry(round.sort_key()));
        let first = round.or(asked.code.map(|code| Kind::Occupation.entry(code))).unwrap_or(-1);
        if total > MOST {
            store::entries_of_many(&mut connection, &wanted, first, PER_PAGE, paging.offset()).await?
        } else {
            store::entries(&mut *connection, &wanted, first, PER_PAGE, paging.offset()).await?
        }
    };
    let found = store::found(&mut connection, &entries).await?;
    drop(connection);
    let results = answers(&db, &found, &asked).await?;
    let unknown_code = unknown_code(&db, &asked, results.is_empty()).await?;
    let is_more = total > MOST;
    html(StatusCode::OK, &SearchPage { layout, q, results, paging, only_some_words, is_more, read_as, unknown_code })
}

/// The question with its mistyped words corrected; `None` where none is one slip away from a word of the index.
async fn corrected(db: &mut SqliteConnection, asked: &Asked) -> sqlx::Result<Option<Asked>> {
    let unknown = store::unknown_beginnings(&mut *db, &asked.folded_words()).await?;
    let (mut words, mut is_corrected) = (vec![], false);
    for word in &asked.words {
        let folded = occupations::fold(word);
        let lengths = occupations::slip_lengths(&folded).filter(|_| unknown.contains(&folded));
        let nearest = match lengths {
            Some((from, to)) => occupations::nearest(&folded, store::vocabulary(&mut *db, from, to).await?),
            None => None,
        };
        is_corrected |= nearest.is_some();
        words.push(nearest.unwrap_or_else(|| word.clone()));
    }
    Ok(is_corrected.then(|| asked.with_words(words)))
}

/// What to say about a code of five digits that is no unit group: always where it stands for several, else where nothing
/// was found.
async fn unknown_code(db: &Database, asked: &Asked, is_nothing: bool) -> sqlx::Result<Option<UnknownCode>> {
    let Some(code) = asked.code else { return Ok(None) };
    let unknown = occupations::unknown_code(db.read(), &format!("{code:05}")).await?;
    Ok(unknown.filter(|unknown| is_nothing || unknown.title.is_some()))
}

/// What was found, with its figures filled in and the words asked for marked.
async fn answers(db: &Database, found: &[Found], asked: &Asked) -> sqlx::Result<Vec<Answer>> {
    let extracts: Vec<String> = found
        .iter()
        .map(|found| {
            let in_summary = around(&found.summary, asked).map(|_| found.summary.clone());
            in_summary.or_else(|| around(&plain_text(&found.body), asked)).unwrap_or_else(|| found.summary.clone())
        })
        .collect();
    let texts: Vec<&str> =
        found.iter().map(|found| found.title.as_str()).chain(extracts.iter().map(String::as_str)).collect();
    let facts = Facts::of(db.read(), &texts).await?;
    let answer = |(found, extract): (&Found, &String)| Answer {
        kind: match Kind::of(found.entry) {
            Kind::Post => "News",
            Kind::Round => "Round",
            Kind::Occupation => "Occupation",
            Kind::Page => "Page",
        },
        path: found.path.clone(),
        title: marked(&facts.line(&found.title), asked),
        extract: marked(&without_places(&facts.line(extract)), asked),
    };
    Ok(found.iter().zip(&extracts).map(answer).collect())
}

/// A block has no place in an extract.
fn without_places(text: &str) -> String {
    let mut parts = text.split("{{");
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept.push_str(part.split_once("}}").map_or("", |(_, after)| after));
    }
    kept
}
