//! The search of the directory: what was found, page by page, and how it can be narrowed.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

use crate::clock::Clock;
use crate::db::Database;
use crate::occupations::Occupation;
use crate::occupations::directory::combined::UnknownCode;
use crate::occupations::directory::filters::{Filter, Filters, Kinds};
use crate::occupations::directory::search::search;
use crate::occupations::directory::store::{self, Covered, OldCode};
use crate::occupations::directory::typed::Typed;
use crate::web::{Layout, PageError, PageResult, Paging, Query, Searcher, firm_zone, html, one_line, plural};

#[derive(Template)]
#[template(path = "occupations/list.html")]
struct ListPage {
    layout: Layout,
    q: String,
    filters: Vec<Filter>,
    is_narrowed: bool,
    /// How many were found before they were narrowed.
    unnarrowed: usize,
    without_filters: String,
    lines: Vec<Line>,
    paging: Paging,
    read_as: Option<String>,
    in_part: bool,
    old_codes: Vec<OldUnit>,
    unknown_codes: Vec<UnknownCode>,
    no_such_level: bool,
    nearer: Option<Nearer>,
    /// A category was asked for that covers no occupation today.
    has_ended: bool,
}

/// An occupation in the table, and the categories that cover it today.
struct Line {
    occupation: Occupation,
    categories: Vec<String>,
}

/// A unit group of NOC 2016 and what became of it.
pub struct OldUnit {
    pub noc_2016: String,
    pub title_2016: String,
    pub now: Vec<OldCode>,
}

impl OldUnit {
    /// Gathers rows that are ordered by old code.
    pub fn gather(rows: Vec<OldCode>) -> Vec<Self> {
        let mut units: Vec<Self> = vec![];
        for row in rows {
            match units.last_mut().filter(|unit| unit.noc_2016 == row.noc_2016) {
                Some(unit) => unit.now.push(row),
                None => units.push(Self {
                    noc_2016: row.noc_2016.clone(),
                    title_2016: row.title_2016.clone(),
                    now: vec![row],
                }),
            }
        }
        units
    }
}

/// The beginning of a code that was typed, as far as there are occupations.
struct Nearer {
    prefix: String,
    found: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    #[serde(deserialize_with = "one_line")]
    q: String,
    teer: String,
    broad: String,
    category: String,
    page: String,
}

/// Occupations on one page of the directory.
const PER_PAGE: i64 = 50;
/// No more letters of a search are looked at or shown again.
const LETTERS: usize = 200;

/// `GET /occupations?q=&teer=&broad=&category=&page=`
pub async fn list(
    layout: Layout,
    query: Query<ListQuery>,
    db: Data<Database>,
    clock: Data<Clock>,
    searcher: Searcher,
) -> PageResult {
    let ListQuery { q, teer, broad, category, page } = query.0;
    let q: String = q.chars().take(LETTERS).collect();
    if !q.is_empty() {
        searcher.count().map_err(PageError::TooMany)?;
    }
    let today = clock.now().to_zoned(firm_zone()).date();
    let (broad_categories, categories) =
        (store::broad_categories(db.read()).await?, store::covered(db.read(), today).await?);
    let kinds = Kinds { broad: &broad_categories, categories: &categories };
    let filters = Filters::read(&teer, &broad, &category, &kinds)?;
    let found = search(db.read(), &q).await?;
    let left: Vec<&String> = found.codes.iter().filter(|code| filters.leaves(code, &kinds)).collect();
    let total = i64::try_from(left.len()).unwrap_or(i64::MAX);
    let paging = Paging::new(&page, total, PER_PAGE, filters.address(&q))?;
    let (skipped, shown) = (usize::try_from(paging.offset()).unwrap_or(0), usize::try_from(PER_PAGE).unwrap_or(0));
    let codes: Vec<String> = left.into_iter().skip(skipped).take(shown).cloned().collect();
    let occupations = store::with_codes(db.read(), &codes).await?;
    let page = ListPage {
        layout,
        filters: filters.offer(&q, &found.codes, &kinds),
        is_narrowed: !filters.is_empty(),
        unnarrowed: found.codes.len(),
        without_filters: Filters::default().address(&q),
        lines: occupations.into_iter().map(|occupation| Line::of(occupation, &categories)).collect(),
        paging,
        read_as: found.read_as,
        in_part: found.in_part,
        old_codes: OldUnit::gather(found.old_codes),
        no_such_level: found.no_such_level,
        nearer: if found.codes.is_empty() { nearer(&db, &q).await? } else { None },
        unknown_codes: found.unknown_codes,
        has_ended: categories
            .iter()
            .any(|known| filters.category.as_ref() == Some(&known.key) && known.codes.is_empty()),
        q,
    };
    html(StatusCode::OK, &page)
}

impl Line {
    fn of(occupation: Occupation, categories: &[Covered]) -> Self {
        let covers = |known: &&Covered| known.codes.contains(&occupation.noc);
        let categories = categories.iter().filter(covers).map(|known| known.name.clone()).collect();
        Self { occupation, categories }
    }
}

async fn nearer(db: &Database, q: &str) -> sqlx::Result<Option<Nearer>> {
    let typed = Typed::read(q);
    let Some(code) = typed.codes.first() else { return Ok(None) };
    for end in (2..code.len()).rev() {
        let found = store::codes_from(db.read(), &code[..end]).await?.len();
        if found > 0 {
            let found = plural(i64::try_from(found).unwrap_or(i64::MAX), "occupation begins", "occupations begin");
            return Ok(Some(Nearer { prefix: code[..end].to_owned(), found }));
        }
    }
    Ok(None)
}
