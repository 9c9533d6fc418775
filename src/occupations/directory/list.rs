//! Directory page: search results with filters and pagination.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

use crate::categories::{ActiveCategory, active_categories};
use crate::db::Database;
use crate::http::{PageError, PageResult, SearchClient, html};
use crate::noc::Occupation;
use crate::occupations::directory::combined::UnknownCode;
use crate::occupations::directory::filters::{Filter, FilterOptions, Filters};
use crate::occupations::directory::query::SearchQuery;
use crate::occupations::directory::search::search;
use crate::occupations::directory::store::{self, OldCode};
use crate::services::Services;
use crate::web::{Layout, Pagination, Query, office_time_zone, one_line, plural};

#[derive(Template)]
#[template(path = "occupations/list.html")]
struct ListPage {
    layout: Layout,
    q: String,
    filters: Vec<Filter>,
    is_filtered: bool,
    /// Number of results without filters.
    unfiltered_total: usize,
    without_filters: String,
    rows: Vec<ListRow>,
    paging: Pagination,
    corrected_query: Option<String>,
    is_partial: bool,
    old_codes: Vec<Noc2016Group>,
    unknown_codes: Vec<UnknownCode>,
    no_such_level: bool,
    prefix_match: Option<PrefixMatch>,
    /// Whether the selected category has no list in effect.
    is_expired: bool,
}

/// Occupation with the categories that cover it today.
struct ListRow {
    occupation: Occupation,
    categories: Vec<String>,
}

/// NOC 2016 unit group with the occupations that replaced it.
pub struct Noc2016Group {
    pub noc_2016: String,
    pub title_2016: String,
    pub successors: Vec<OldCode>,
}

impl Noc2016Group {
    /// Groups rows that are sorted by NOC 2016 code.
    pub fn group_rows(rows: Vec<OldCode>) -> Vec<Self> {
        let mut units: Vec<Self> = vec![];
        for row in rows {
            match units.last_mut().filter(|unit| unit.noc_2016 == row.noc_2016) {
                Some(unit) => unit.successors.push(row),
                None => units.push(Self {
                    noc_2016: row.noc_2016.clone(),
                    title_2016: row.title_2016.clone(),
                    successors: vec![row],
                }),
            }
        }
        units
    }
}

/// Longest prefix of the typed code that matches occupations.
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

const PAGE_SIZE: i64 = 50;
/// Longer search texts are cut off, in characters.
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
    let (broad_categories, categories) =
        (store::broad_categories(services.db.read()).await?, active_categories(services.db.read(), today).await?);
    let options = FilterOptions { broad: &broad_categories, categories: &categories };
    let filters = Filters::parse(&teer, &broad, &category, &options)?;
    let found = search(services.db.read(), &q).await?;
    let filtered: Vec<&String> = found.codes.iter().filter(|code| filters.matches(code, &options)).collect();
    let total = i64::try_from(filtered.len()).unwrap_or(i64::MAX);
    let paging = Pagination::new(&page, total, PAGE_SIZE, filters.href(&q))?;
    let (skipped, shown) = (usize::try_from(paging.offset()).unwrap_or(0), usize::try_from(PAGE_SIZE).unwrap_or(0));
    let codes: Vec<String> = filtered.into_iter().skip(skipped).take(shown).cloned().collect();
    let occupations = store::with_codes(services.db.read(), &codes).await?;
    let page = ListPage {
        layout,
        filters: filters.menus(&q, &found.codes, &options),
        is_filtered: !filters.is_empty(),
        unfiltered_total: found.codes.len(),
        without_filters: Filters::default().href(&q),
        rows: occupations.into_iter().map(|occupation| ListRow::of(occupation, &categories)).collect(),
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
        let covers = |category: &&ActiveCategory| category.codes.contains(&occupation.noc);
        let categories = categories.iter().filter(covers).map(|category| category.name.clone()).collect();
        Self { occupation, categories }
    }
}

async fn find_prefix_match(db: &Database, q: &str) -> sqlx::Result<Option<PrefixMatch>> {
    let query = SearchQuery::parse(q);
    let Some(code) = query.codes.first() else { return Ok(None) };
    for end in (2..code.len()).rev() {
        let found = store::codes_with_prefix(db.read(), &code[..end]).await?.len();
        if found > 0 {
            let found = plural(i64::try_from(found).unwrap_or(i64::MAX), "occupation starts", "occupations start");
            return Ok(Some(PrefixMatch { prefix: code[..end].to_owned(), found }));
        }
    }
    Ok(None)
}
