//! Results of the inbox: one page of a list, counts per state, and the inquiries before and after one.

mod query;
mod similar;
mod store;

pub use query::SearchText;
pub use store::{filtered_after, filtered_by_ids, search_ids_after};

use jiff::Timestamp;

use crate::db::Database;
use crate::http::PageError;
use crate::inquiries::inbox::filter::{AgeFilter, Filter, Sort, SqlFilter};
use crate::inquiries::inquiry::REPLY_SLA;
use crate::inquiries::{Inquiry, InquiryState};
use crate::web::Pagination;
use similar::{SimilarSearch, with_similar_words};
use store::{HitGroup, Order, SortKey};

const PAGE_SIZE: i64 = 50;

/// A search covers only this many of the newest matches.
pub const MAX_SEARCH_HITS: i64 = 5_000;

/// One page of the inbox.
pub struct ListResult {
    pub ids: Vec<i64>,
    pub paging: Pagination,
    pub counts: Vec<(InquiryState, i64)>,
    pub overdue: i64,
    /// Whether a search found more than [`MAX_SEARCH_HITS`].
    pub is_truncated: bool,
    /// Spellings that were searched because the search text itself was not found.
    pub similar: Vec<String>,
}

/// Inquiries before and after one in a list.
#[derive(Default)]
pub struct Neighbours {
    pub previous: Option<i64>,
    pub next: Option<i64>,
}

fn order(filter: &Filter) -> Order {
    let (key, is_ascending) = match filter.sort {
        Sort::Newest => (SortKey::Received, filter.age == Some(AgeFilter::Overdue)),
        Sort::Oldest => (SortKey::Received, true),
        Sort::Name => (SortKey::Name, true),
        Sort::Score => (SortKey::Score, false),
    };
    Order { key, is_ascending }
}

/// Number of inquiries in the states of `filter`.
pub fn total(counts: &[(InquiryState, i64)], filter: &Filter) -> i64 {
    let states = filter.states();
    counts.iter().filter(|(state, _)| states.contains(state)).map(|(_, count)| count).sum()
}

/// One page of the list that `filter` describes.
pub async fn list(
    db: &Database,
    filter: &Filter,
    sql_filter: &SqlFilter,
    page: &str,
    now: Timestamp,
) -> Result<ListResult, PageError> {
    let Some(text) = SearchText::parse(&filter.q) else {
        return list_indexed(db, filter, sql_filter, page, now).await;
    };
    let found = search(db, filter, sql_filter, text, now).await?;
    let total = i64::try_from(found.ids.len()).unwrap_or(0);
    let paging = Pagination::new(page, total, PAGE_SIZE, filter.list_path())?;
    let (from, size) = (usize::try_from(paging.offset()).unwrap_or(0), usize::try_from(PAGE_SIZE).unwrap_or(0));
    Ok(ListResult {
        ids: found.ids.into_iter().skip(from).take(size).collect(),
        paging,
        counts: found.counts,
        overdue: found.overdue,
        is_truncated: found.is_truncated,
        similar: found.similar,
    })
}

/// The search that finds what [`list`] shows, with similar spellings if necessary. `None` without a search text.
pub async fn effective_search(
    db: &Database,
    filter: &Filter,
    sql_filter: &SqlFilter,
    now: Timestamp,
) -> sqlx::Result<Option<SearchText>> {
    match SearchText::parse(&filter.q) {
        Some(text) => Ok(Some(search(db, filter, sql_filter, text, now).await?.text)),
        None => Ok(None),
    }
}

/// Inquiries before and after this one in the list that `filter` describes.
///
/// They are found by the order of the list, so that an inquiry that was just answered still has its place in a list of
/// unanswered ones.
pub async fn neighbours(
    db: &Database,
    filter: &Filter,
    sql_filter: &SqlFilter,
    inquiry: &Inquiry,
    now: Timestamp,
) -> sqlx::Result<Neighbours> {
    let order = order(filter);
    let Some(text) = SearchText::parse(&filter.q) else {
        let read = db.read();
        let (previous, next) = tokio::try_join!(
            store::neighbour(read, sql_filter, order, inquiry, true),
            store::neighbour(read, sql_filter, order, inquiry, false)
        )?;
        return Ok(Neighbours { previous, next });
    };
    let mut ids = search(db, filter, sql_filter, text, now).await?.ids;
    if !ids.contains(&inquiry.id) {
        ids.push(inquiry.id);
        ids = store::sorted(db.read(), &ids, order).await?;
    }
    let place = ids.iter().position(|id| *id == inquiry.id).unwrap_or(0);
    let previous = place.checked_sub(1).and_then(|before| ids.get(before)).copied();
    Ok(Neighbours { previous, next: ids.get(place + 1).copied() })
}

/// List without a search text, counted and paged by index.
async fn list_indexed(
    db: &Database,
    filter: &Filter,
    sql_filter: &SqlFilter,
    page: &str,
    now: Timestamp,
) -> Result<ListResult, PageError> {
    let (is_overdue, order) = (sql_filter.is_unanswered, order(filter));
    // The counts per state ignore the overdue filter.
    let counts = async {
        match filter.with_state(None).is_default() {
            true => store::count_all_by_state(db.read()).await,
            false => store::count_by_state(db.read(), &filter.including_recent(sql_filter)).await,
        }
    };
    let all_overdue = filter.overdue_only(sql_filter, now);
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
    Ok(ListResult { ids, paging, counts, overdue, is_truncated: false, similar: vec![] })
}

/// Everything that a search finds.
struct SearchResult {
    text: SearchText,
    ids: Vec<i64>,
    counts: Vec<(InquiryState, i64)>,
    overdue: i64,
    is_truncated: bool,
    similar: Vec<String>,
}

/// Searches, and repeats the search with similar spellings if nothing is found.
async fn search(
    db: &Database,
    filter: &Filter,
    sql_filter: &SqlFilter,
    text: SearchText,
    now: Timestamp,
) -> sqlx::Result<SearchResult> {
    let found = search_exactly(db, filter, sql_filter, text, now).await?;
    if !found.ids.is_empty() {
        return Ok(found);
    }
    let Some(SimilarSearch { text, spellings }) = with_similar_words(&found.text, db.read()).await? else {
        return Ok(found);
    };
    let wider = search_exactly(db, filter, sql_filter, text, now).await?;
    Ok(if wider.ids.is_empty() { found } else { SearchResult { similar: spellings, ..wider } })
}

async fn search_exactly(
    db: &Database,
    filter: &Filter,
    sql_filter: &SqlFilter,
    text: SearchText,
    now: Timestamp,
) -> sqlx::Result<SearchResult> {
    let overdue_only = sql_filter.is_unanswered;
    let wide = filter.including_recent(sql_filter);
    let mut found = store::search_hits(db.read(), &text, &wide, MAX_SEARCH_HITS, now - REPLY_SLA).await?;
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
    let order = order(filter);
    if order.key == SortKey::Received {
        // IDs rise in order of submission.
        ids.sort_unstable();
        if !order.is_ascending {
            ids.reverse();
        }
    } else {
        ids = store::sorted(db.read(), &ids, order).await?;
    }
    Ok(SearchResult { text, ids, counts, overdue, is_truncated, similar: vec![] })
}
