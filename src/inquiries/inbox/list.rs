//! Inbox page: filtered list of inquiries with counts per state.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use jiff::Timestamp;

use crate::categories::{self, ActiveCategory};
use crate::db::Database;
use crate::http::{PageError, PageResult, html};
use crate::inquiries::choices::{Choices, PROGRAMS};
use crate::inquiries::inbox::filter::{AgeFilter, Filter, FilterParams, Sort};
use crate::inquiries::inbox::results::{self, ListResult, MAX_SEARCH_HITS, SearchText, total};
use crate::inquiries::inbox::store;
use crate::inquiries::inbox::view_model::is_overdue;
use crate::inquiries::inquiry::page_path;
use crate::inquiries::{Inquiry, InquiryState, store as inquiries};
use crate::services::Services;
use crate::staff::{self, StaffContext, StaffMember};
use crate::web::{FieldErrors, Pagination, Query, office_time_zone, plural, with_thousands};

/// Characters of a message in the list.
const EXCERPT_LEN: usize = 140;

#[derive(Template)]
#[template(path = "inquiries/admin_list.html")]
struct ListPage {
    ctx: StaffContext,
    filter: Filter,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    total: String,
    /// Errors of the date range, and what was entered.
    errors: FieldErrors,
    from: String,
    to: String,
    /// Whether a search found more than [`MAX_SEARCH_HITS`].
    is_truncated: bool,
    max_hits: String,
    /// Spellings that were searched instead of the search text, separated by commas.
    similar: String,
    paging: Pagination,
    colleagues: Vec<StaffMember>,
    categories: Vec<ActiveCategory>,
    programs: Choices,
    /// Program in the filter, if it is not one of the options.
    other_program: Option<String>,
    csv: String,
    csv_for_spreadsheets: String,
    /// Path of this page of the list.
    address: String,
    /// ID of the bulk action that can be undone.
    undo: Option<i64>,
}

struct Tab {
    label: String,
    href: String,
    chosen: bool,
}

struct Row {
    inquiry: Inquiry,
    /// Path of the inquiry page, which then knows this list.
    href: String,
    /// Beginning of the message.
    excerpt: String,
    age: String,
    is_overdue: bool,
    /// Who marked it as spam.
    marked_by: Option<String>,
}

/// The first words of a text, on one line.
fn excerpt(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(EXCERPT_LEN) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    }
}

impl ListPage {
    fn ages(&self) -> [(AgeFilter, &'static str, &'static str); 5] {
        AgeFilter::ALL
    }

    fn sorts(&self) -> [(Sort, &'static str, &'static str); 4] {
        Sort::ALL
    }

    /// Link of a column heading that sorts by this column. A second click on the time reverses the order.
    fn sort_link(&self, column: &str) -> String {
        let sort = match (column, self.filter.sort) {
            ("name", _) => Sort::Name,
            ("score", _) => Sort::Score,
            (_, Sort::Newest) => Sort::Oldest,
            _ => Sort::Newest,
        };
        self.filter.sorted(sort).list_path()
    }

    /// Value of `aria-sort` for a column.
    fn aria_sort(&self, column: &str) -> &'static str {
        match (column, self.filter.sort) {
            ("name", Sort::Name) => "ascending",
            ("score", Sort::Score) => "descending",
            ("age", Sort::Newest) if self.filter.age != Some(AgeFilter::Overdue) => "ascending",
            ("age", Sort::Newest | Sort::Oldest) => "descending",
            _ => "none",
        }
    }

    fn shows_quarantine(&self) -> bool {
        self.filter.state == Some(InquiryState::Quarantined)
    }
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

/// `GET /admin/inquiries?state=&kind=&owner=&age=&from=&to=&program=&category=&q=&sort=&page=&undo=`
pub async fn list(ctx: StaffContext, asked: Query<FilterParams>, services: Data<Services>) -> PageResult {
    let (now, asked) = (services.clock.now(), asked.0);
    let categories = active_categories(&services.db, now).await?;
    let mut filter = Filter::from_params(&asked, ctx.member.id);
    if !categories.iter().any(|category| category.key == filter.category) {
        filter.category.clear();
    }
    let sql_filter = filter.to_sql(category_codes(&filter, &categories).as_deref(), now);
    if SearchText::parse(&filter.q).is_some() {
        ctx.searcher.check_rate().map_err(PageError::TooManyRequests)?;
    }
    let listed = results::list(&services.db, &filter, &sql_filter, &asked.page, now).await?;
    let found = store::by_ids(services.db.read(), &listed.ids).await?;
    let markers = match filter.state {
        Some(InquiryState::Quarantined) => inquiries::spam_markers(services.db.read(), &listed.ids).await?,
        _ => HashMap::new(),
    };
    let is_other_program = !filter.program.is_empty() && PROGRAMS.meant(&filter.program).is_none();
    let query = filter.query_string();
    let row = |inquiry: Inquiry| Row {
        href: page_path(inquiry.id, &query),
        excerpt: excerpt(&inquiry.details.message),
        age: inquiry.age(now),
        is_overdue: is_overdue(&inquiry, now),
        marked_by: inquiry.state_before_spam.and_then(|_| markers.get(&inquiry.id)).map(|(actor, _)| actor.clone()),
        inquiry,
    };
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
        address: listed.paging.current(),
        undo: asked.undo.parse().ok().filter(|_| ctx.flash.is_some()),
        errors: asked.errors(),
        similar: listed.similar.join(", "),
        from: asked.from,
        to: asked.to,
        paging: listed.paging,
        ctx,
        filter,
        categories,
    };
    html(StatusCode::OK, &page)
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
