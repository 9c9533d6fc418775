//! Public list of draws: filters, the newest draws, draw types of the last year with charts, and totals.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;

use crate::draws::category::{CategoryName, UNASSIGNED, category_name, category_names, is_category};
use crate::draws::pages::chart::{Chart, Series};
use crate::draws::pages::filter::{DrawFilter, FilterOption, ListQuery, Period, category_key};
use crate::draws::pages::recent_types::RecentTypes;
use crate::draws::pages::totals::Totals;
use crate::draws::pages::year_chart::YearChart;
use crate::draws::{DrawSummary, RecordAge, store};
use crate::http::{PageResult, html};
use crate::services::Services;
use crate::web::{CheckDates, Layout, Query, office_date};

#[derive(Template)]
#[template(path = "draws/list.html")]
struct ListPage {
    layout: Layout,
    heading: String,
    lead: String,
    record_age: Option<RecordAge>,
    checked: Option<CheckDates>,
    /// Whether this is the page without a filter.
    is_start: bool,
    category_page: Option<String>,
    years: Vec<FilterOption>,
    types: Vec<FilterOption>,
    other_types: Vec<FilterOption>,
    all_types_href: String,
    recent_types: Option<RecentTypes>,
    year_chart: Option<YearChart>,
    chart: Option<Chart>,
    tables: Vec<TotalsTable>,
    draws: Vec<DrawSummary>,
    /// Links to more draws, if not all are shown: the latest year, and all draws.
    more: Vec<(String, String)>,
    has_errors: bool,
}

/// Totals per year or draw type, shown while none is selected.
struct TotalsTable {
    id: &'static str,
    heading: &'static str,
    first_heading: &'static str,
    rows: Vec<(FilterOption, Totals)>,
}

/// Number of draws shown before the charts.
const NEWEST_SHOWN: usize = 20;

impl ListPage {
    /// Totals over all draws of the record, for the page without a filter.
    /// Totals over all draws of the record, for the page without a filter.
    fn record_totals(&self) -> Option<String> {
        let rows = &self.tables.iter().find(|table| table.id == "by-year")?.rows;
        let totals = Totals::sum(rows.iter().map(|(_, totals)| totals.clone()))?;
        Some(format!("{}, {}", totals.draws_text(), totals.invitations_label()))
    }
}

/// `GET /draws?year=&category=`: `year` is a year, `all`, or empty for the newest draws.
pub async fn list(mut layout: Layout, query: Query<ListQuery>, services: Data<Services>) -> PageResult {
    let all = store::summaries(services.db.read()).await?;
    let today = office_date(services.clock.now());
    let record_age = all.first().map(|latest| RecordAge::new(latest.date, today));
    let names = category_names(services.db.read()).await?;
    let filter = DrawFilter::parse(&query.0, &all, &names)?;
    layout.canonical = services.http.base_url.absolute_url(&filter.url());
    let is_start = filter == DrawFilter::default();
    let (years, types) = (filter.years(&all), filter.types(&all, &names));
    let selects_category = filter.category.is_some();
    let other_types = types.iter().filter(|choice| selects_category && choice.has_draws).cloned().collect();
    let recent_types = is_start.then(|| RecentTypes::of(&all, &names)).flatten();
    let year_chart = recent_types.as_ref().and_then(|recent| YearChart::of(recent, &all));
    let chart = filter.category.as_deref().filter(|key| *key != UNASSIGNED && filter.period == Period::Newest);
    let chart = chart.and_then(|key| category_chart(key, &all, &names));
    let tables = totals_tables(&filter, &all, &years, &types);
    let mut draws: Vec<DrawSummary> = all.into_iter().filter(|draw| filter.matches(draw)).collect();
    let lead = filter.lead(&draws, record_age.as_ref());
    let mut more = vec![];
    if filter.period == Period::Newest && draws.len() > NEWEST_SHOWN {
        let year = draws.first().map(|draw| draw.date.year()).unwrap_or_default();
        more.push((format!("Draws of {year}"), filter.with_period(Period::Year(year)).url()));
        more.push(("All years".to_owned(), filter.with_period(Period::All).url()));
        draws.truncate(NEWEST_SHOWN);
    }
    let page = ListPage {
        heading: filter.heading(&names),
        lead,
        record_age,
        checked: CheckDates::of(draws.iter().map(|draw| draw.checked_on)),
        is_start,
        category_page: filter.category.clone().filter(|key| is_category(&names, key)),
        years,
        types,
        other_types,
        all_types_href: filter.with_category(None).url(),
        recent_types,
        year_chart,
        chart,
        tables,
        has_errors: draws.iter().any(|draw| draw.has_wrong_invitations || draw.has_wrong_date),
        draws,
        more,
        layout,
    };
    html(StatusCode::OK, &page)
}

/// Totals of each draw type and each year, unless one is selected.
fn totals_tables(
    filter: &DrawFilter,
    all: &[DrawSummary],
    years: &[FilterOption],
    types: &[FilterOption],
) -> Vec<TotalsTable> {
    let rows = |choices: &[FilterOption], is_included: &dyn Fn(&DrawSummary, &str) -> bool| {
        let row = |choice: &FilterOption| {
            let matching = all.iter().filter(|draw| filter.matches(draw) && is_included(draw, &choice.value));
            Some((choice.clone(), Totals::of(matching)?))
        };
        choices.iter().filter_map(row).collect::<Vec<_>>()
    };
    let mut tables = vec![];
    if filter.category.is_none() {
        let rows = rows(types, &|draw, key| category_key(draw) == key);
        tables.push(TotalsTable { id: "by-type", heading: "By draw type", first_heading: "Draw type", rows });
    }
    if !matches!(filter.period, Period::Year(_)) {
        let rows = rows(years, &|draw, year| draw.date.year().to_string() == year);
        tables.push(TotalsTable { id: "by-year", heading: "By year", first_heading: "Year", rows });
    }
    tables.retain(|table| !table.rows.is_empty());
    tables
}

/// Chart of all draws of a type. General and Canadian Experience Class draws are shown together.
fn category_chart(key: &str, all: &[DrawSummary], names: &[CategoryName]) -> Option<Chart> {
    let series = |key: &str| {
        let draws = all.iter().rev().filter(|draw| category_key(draw) == key).collect();
        Series { name: category_name(names, Some(key)), draws }
    };
    let (title, all_series) = match key {
        "general" | "cec" => {
            ("All programs and Canadian Experience Class".to_owned(), vec![series("general"), series("cec")])
        }
        key => (category_name(names, Some(key)).to_owned(), vec![series(key)]),
    };
    Chart::new(key, &title, &format!("/draws?year=all&category={key}#draws"), &all_series)
}
