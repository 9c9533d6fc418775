//! Inbox page: filtered list of inquiries with counts per state.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use jiff::Timestamp;

use crate::categories::{self, ActiveCategory};
use crate::db::Database;
use crate::http::{PageError, PageResult, html};
use crate::inquiries::choices::{Choices, PROGRAMS};
use crate::inquiries::inbox::filter::{AgeFilter, Filter, FilterParams, SqlFilter};
use crate::inquiries::inbox::store::{self, HitGroup, Order};
use crate::inquiries::inbox::view_model::is_overdue;
use crate::inquiries::inquiry::REPLY_SLA;
use crate::inquiries::{Inquiry, InquiryState};
use crate::services::Services;
use crate::staff::{self, StaffContext, StaffMember};
use crate::web::{Pagination, Query, office_time_zone, plural, with_thousands};

const PAGE_SIZE: i64 = 50;

/// A search covers only this many of the newest matches.
const MAX_SEARCH_HITS: i64 = 5_000;

#[derive(Template)]
#[template(path = "inquiries/admin_list.html")]
struct ListPage {
    ctx: StaffContext,
    filter: Filter,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    total: String,
    /// Whether a search found more than [`MAX_SEARCH_HITS`].
    is_truncated: bool,
    max_hits: String,
    paging: Pagination,
    colleagues: Vec<StaffMember>,
    categories: Vec<ActiveCategory>,
    programs: Choices,
    /// Program in the filter, if it is not one of the options.
    other_program: Option<String>,
    csv: String,
    csv_for_spreadsheets: String,
    address: String,
}

struct Tab {
    label: String,
    href: String,
    chosen: bool,
}

struct Row {
    inquiry: Inquiry,
    age: String,
    is_overdue: bool,
}

impl ListPage {
    fn ages(&self) -> [(AgeFilter, &'static str, &'static str); 5] {
        AgeFilter::ALL
    }

    fn shows_quarantine(&self) -> bool {
        self.filter.state == Some(InquiryState::Quarantined)
    }
}

struct ListResult {
    ids: Vec<i64>,
    paging: Pagination,
    counts: Vec<(InquiryState, i64)>,
    overdue: i64,
    is_truncated: bool,
}

/// NOC codes of the selected category; `None` if no category is selected.
pub fn category_codes(filter: &Filter, categories: &[ActiveCategory]) -> Option<Vec<String>> {
    let chosen = categories.iter().find(|category| category.key == filter.category);
    (!filter.category.is_empty()).then(|| chosen.map(|category| category.codes.clone()).unwrap_or_default())
}

/// Categories whose current lists name occupations.
pub async fn active_categories(db: &Database, now: Timestamp) -> sqlx::Result<Vec<ActiveCategory>> {
    let all = categories::active_categories(db.read(), now.to_zoned(office_time_zone()).date()).await?;
    Ok(all.into_iter().filter(|category| !category.codes.is_empty()).collect())
}

/// `GET /admin/inquiries?state=&kind=&owner=&age=&program=&category=&q=&page=`
pub async fn list(ctx: StaffContext, asked: Query<FilterParams>, services: Data<Services>) -> PageResult {
    let (now, asked) = (services.clock.now(), asked.0);
    let categories = active_categories(&services.db, now).await?;
    let mut filter = Filter::from_params(&asked, ctx.member.id);
    if !categories.iter().any(|category| category.key == filter.category) {
        filter.category.clear();
    }
    let sql_filter = filter.to_sql(category_codes(&filter, &categories).as_deref(), now);
    let listed = match filter.fts_query() {
        Some(fts_query) => {
            ctx.searcher.check_rate().map_err(PageError::TooManyRequests)?;
            list_search_hits(&services.db, &filter, &sql_filter, &fts_query, &asked.page, now).await?
        }
        None => list_indexed(&services.db, &filter, &sql_filter, &asked.page, now).await?,
    };
    let found = store::by_ids(services.db.read(), &listed.ids).await?;
    let row = |inquiry: Inquiry| Row { age: inquiry.age(now), is_overdue: is_overdue(&inquiry, now), inquiry };
    let is_other_program = !filter.program.is_empty() && PROGRAMS.meant(&filter.program).is_none();
    let query = filter.query_string();
    let page = ListPage {
        tabs: tabs(&filter, &listed),
        rows: found.into_iter().map(row).collect(),
        total: plural(listed.paging.total, "inquiry", "inquiries"),
        is_truncated: listed.is_truncated,
        max_hits: with_thousands(MAX_SEARCH_HITS),
        colleagues: staff::all(services.db.read()).await?,
        programs: PROGRAMS,
        other_program: is_other_program.then(|| filter.program.clone()),
        csv: format!("/admin/inquiries.csv?{query}"),
        csv_for_spreadsheets: format!("/admin/inquiries.csv?{query}&for=spreadsheet").replace("?&", "?"),
        address: filter.list_path(),
        paging: listed.paging,
        ctx,
        filter,
        categories,
    };
    html(StatusCode::OK, &page)
}

fn total(counts: &[(InquiryState, i64)], filter: &Filter) -> i64 {
    let states = filter.states();
    counts.iter().filter(|(state, _)| states.contains(state)).map(|(_, count)| count).sum()
}

/// List without a search text, counted and paged by index.
async fn list_indexed(
    db: &Database,
    filter: &Filter,
    sql_filter: &SqlFilter,
    page: &str,
    now: Timestamp,
) -> Result<ListResult, PageError> {
    let is_overdue = filter.age == Some(AgeFilter::Overdue);
    let order = if is_overdue { Order::LongestWaiting } else { Order::Newest };
    // The counts per state ignore the overdue filter.
    let counts = async {
        match filter.with_state(None).is_default() {
            true => store::count_all_by_state(db.read()).await,
            false => {
                store::count_by_state(
                    db.read(),
                    &if is_overdue { including_recent(sql_filter) } else { sql_filter.clone() },
                )
                .await
            }
        }
    };
    let all_overdue = SqlFilter { codes: sql_filter.codes.clone(), ..filter.overdue().to_sql(None, now) };
    // The first page needs no total, so it is queried in parallel with the counts.
    let first_page = async {
        match page {
            "" | "1" => {
                store::list_ids(db.read(), sql_filter, filter.state, order, PAGE_SIZE, 0, i64::MAX).await.map(Some)
            }
            _ => Ok(None),
        }
    };
    let (counts, overdue, first_page) = tokio::try_join!(counts, store::count(db.read(), &all_overdue), first_page)?;
    let total = match (is_overdue, filter.state) {
        (false, _) => total(&counts, filter),
        (true, None) => overdue,
        (true, Some(_)) => store::count(db.read(), sql_filter).await?,
    };
    let paging = Pagination::new(page, total, PAGE_SIZE, filter.list_path())?;
    let ids = match first_page {
        Some(ids) => ids,
        None => store::list_ids(db.read(), sql_filter, filter.state, order, PAGE_SIZE, paging.offset(), total).await?,
    };
    Ok(ListResult { ids, paging, counts, overdue, is_truncated: false })
}

fn including_recent(sql_filter: &SqlFilter) -> SqlFilter {
    SqlFilter { to: Timestamp::MAX, ..sql_filter.clone() }
}

/// List of search results, limited to the newest [`MAX_SEARCH_HITS`].
async fn list_search_hits(
    db: &Database,
    filter: &Filter,
    sql_filter: &SqlFilter,
    fts_query: &str,
    page: &str,
    now: Timestamp,
) -> Result<ListResult, PageError> {
    let overdue_only = filter.age == Some(AgeFilter::Overdue);
    let wide = if overdue_only { including_recent(sql_filter) } else { sql_filter.clone() };
    let mut found = store::search_hits(db.read(), fts_query, &wide, MAX_SEARCH_HITS, now - REPLY_SLA).await?;
    let is_truncated = found.iter().map(|hits| hits.count).sum::<i64>() == MAX_SEARCH_HITS;
    found.retain(|hits| hits.fits);
    let counted = |is_included: &dyn Fn(&HitGroup) -> bool| {
        found.iter().filter(|hits| is_included(hits)).map(|hits| hits.count).sum::<i64>()
    };
    let counts = InquiryState::ALL.map(|state| (state, counted(&|hits| hits.state == state))).to_vec();
    let overdue = counted(&|hits| hits.waits);
    let states = filter.states();
    found.retain(|hits| states.contains(&hits.state) && (!overdue_only || hits.waits));
    let mut ids: Vec<i64> =
        found.iter().flat_map(|hits| hits.ids.split(' ')).filter_map(|id| id.parse().ok()).collect();
    // IDs rise in order of submission.
    ids.sort_unstable();
    if !overdue_only {
        ids.reverse();
    }
    let paging = Pagination::new(page, i64::try_from(ids.len()).unwrap_or(0), PAGE_SIZE, filter.list_path())?;
    let (from, size) = (usize::try_from(paging.offset()).unwrap_or(0), usize::try_from(PAGE_SIZE).unwrap_or(0));
    let ids = ids.into_iter().skip(from).take(size).collect();
    Ok(ListResult { ids, paging, counts, overdue, is_truncated })
}

fn tabs(filter: &Filter, listed: &ListResult) -> Vec<Tab> {
    let is_overdue = filter.age == Some(AgeFilter::Overdue);
    let all = filter.with_state(None);
    let count = |state: InquiryState| listed.counts.iter().find(|(of, _)| *of == state).map_or(0, |(_, count)| *count);
    let tab = |label: &str, count: i64, to: &Filter, chosen: bool| Tab {
        label: format!("{label} ({})", with_thousands(count)),
        href: to.list_path(),
        chosen,
    };
    let mut tabs = vec![tab("All", total(&listed.counts, &all), &all, filter.state.is_none() && !is_overdue)];
    tabs.push(tab("Unanswered over 24 hours", listed.overdue, &filter.overdue(), is_overdue));
    for state in InquiryState::ALL {
        let to = filter.with_state(Some(state));
        tabs.push(tab(state.label(), count(state), &to, filter.state == Some(state) && !is_overdue));
    }
    tabs
}
