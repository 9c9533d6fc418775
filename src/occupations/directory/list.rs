//! The search of the directory: what was found, page by page, and how it can be narrowed.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

use crate::db::Database;
use crate::http::{PageError, PageResult, SearchClient, html};
use crate::occupations::Occupation;
use crate::occupations::directory::combined::UnknownCode;
use crate::occupations::directory::filters::{Filter, FilterOptions, Filters};
use crate::occupations::directory::query::SearchQuery;
use crate::occupations::directory::search::search;
use crate::occupations::directory::store::{self, ActiveCategory, OldCode};
use crate::services::Services;
use crate::web::{Layout, Pagination, Query, office_time_zone, one_line, plural};

#[derive(Template)]
#[template(path = "occupations/list.html")]
struct ListPage {
    layout: Layout,
    q: String,
    filters: Vec<Filter>,
    is_filtered: bool,
    /// How many were found before they were narrowed.
    unfiltered_total: usize,
    without_filters: String,
    lines: Vec<ListRow>,
    paging: Pagination,
    corrected_query: Option<String>,
    is_partial: bool,
    old_codes: Vec<Noc2016Group>,
    unknown_codes: Vec<UnknownCode>,
    no_such_level: bool,
    prefix_match: Option<PrefixMatch>,
    /// A category was asked for that covers no occupation today.
    is_expired: bool,
}

/// An occupation in the table, and the categories that cover it today.
struct ListRow {
    occupation: Occupation,
    categories: Vec<String>,
}

/// A unit group of NOC 2016 and what became of it.
pub struct Noc2016Group {
    pub noc_2016: String,
    pub title_2016: String,
    pub now: Vec<OldCode>,
}

impl Noc2016Group {
    /// Gathers rows that are ordered by old code.
    pub fn group_rows(rows: Vec<OldCode>) -> Vec<Self> {
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
struct PrefixMatch {
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
const PAGE_SIZE: i64 = 50;
/// No more letters of a search are looked at or shown again.
const MAX_QUERY_LEN: usize = 200;

/// `GET /occupations?q=&teer=&broad=&category=&page=`
pub async fn list(
    layout: Layout,
    query: Query<ListQuery>,
    services: Data<Services>,
    searcher: SearchClient,
) -> PageResult {
    let ListQuery { q, teer, broad, category, page } = query.0;
    let q: String = q.chars().take(MAX_QUERY_LEN).collect();
    if !q.is_empty() {
        searcher.check_rate().map_err(PageError::TooManyRequests)?;
    }
    let today = services.clock.now().to_zoned(office_time_zone()).date();
    let (broad_categories, categories) = (
        store::broad_categories(services.db.read()).await?,
        store::active_categories(services.db.read(), today).await?,
    );
    let options = FilterOptions { broad: &broad_categories, categories: &categories };
    let filters = Filters::parse(&teer, &broad, &category, &options)?;
    let found = search(services.db.read(), &q).await?;
    let left: Vec<&String> = found.codes.iter().filter(|code| filters.matches(code, &options)).collect();
    let total = i64::try_from(left.len()).unwrap_or(i64::MAX);
    let paging = Pagination::new(&page, total, PAGE_SIZE, filters.href(&q))?;
    let (skipped, shown) = (usize::try_from(paging.offset()).unwrap_or(0), usize::try_from(PAGE_SIZE).unwrap_or(0));
    let codes: Vec<String> = left.into_iter().skip(skipped).take(shown).cloned().collect();
    let occupations = store::with_codes(services.db.read(), &codes).await?;
    let page = ListPage {
        layout,
        filters: filters.menus(&q, &found.codes, &options),
        is_filtered: !filters.is_empty(),
        unfiltered_total: found.codes.len(),
        without_filters: Filters::default().href(&q),
        lines: occupations.into_iter().map(|occupation| ListRow::of(occupation, &categories)).collect(),
        paging,
        corrected_query: found.corrected_query,
        is_partial: found.is_partial,
        old_codes: Noc2016Group::group_rows(found.old_codes),
        no_such_level: found.no_such_level,
        prefix_match: if found.codes.is_empty() { find_prefix_match(&services.db, &q).await? } else { None },
        unknown_codes: found.unknown_codes,
        is_expired: categories
            .iter()
            .any(|known| filters.category.as_ref() == Some(&known.key) && known.codes.is_empty()),
        q,
    };
    html(StatusCode::OK, &page)
}

impl ListRow {
    fn of(occupation: Occupation, categories: &[ActiveCategory]) -> Self {
        let covers = |known: &&ActiveCategory| known.codes.contains(&occupation.noc);
        let categories = categories.iter().filter(covers).map(|known| known.name.clone()).collect();
        Self { occupation, categories }
    }
}

async fn find_prefix_match(db: &Database, q: &str) -> sqlx::Result<Option<PrefixMatch>> {
    let typed = SearchQuery::parse(q);
    let Some(code) = typed.codes.first() else { return Ok(None) };
    for end in (2..code.len()).rev() {
        let found = store::codes_with_prefix(db.read(), &code[..end]).await?.len();
        if found > 0 {
            let found = plural(i64::try_from(found).unwrap_or(i64::MAX), "occupation begins", "occupations begin");
            return Ok(Some(PrefixMatch { prefix: code[..end].to_owned(), found }));
        }
    }
    Ok(None)
}
