//! Public list of draws with filters, totals by year and draw type, and charts.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

use crate::draws::category::{CategoryName, UNASSIGNED, category_name, category_names, is_category};
use crate::draws::pages::chart::{Chart, Series};
use crate::draws::pages::totals::Totals;
use crate::draws::{DrawSummary, RecordAge, store};
use crate::http::{PageError, PageResult, html};
use crate::services::Services;
use crate::web::{Layout, Query, office_date};

#[derive(Template)]
#[template(path = "draws/list.html")]
struct ListPage {
    layout: Layout,
    heading: String,
    lead: String,
    record_age: Option<RecordAge>,
    is_filtered: bool,
    category_page: Option<String>,
    years: Vec<FilterOption>,
    kinds: Vec<FilterOption>,
    menus: Vec<FilterMenu>,
    charts: Vec<Chart>,
    tables: Vec<TotalsTable>,
    draws: Vec<DrawSummary>,
    has_errors: bool,
}

/// Year or draw type in a filter.
#[derive(Clone)]
struct FilterOption {
    value: String,
    label: String,
    href: String,
    is_selected: bool,
    has_draws: bool,
}

/// Links to the other years or draw types, shown while one is selected.
struct FilterMenu {
    id: &'static str,
    heading: &'static str,
    all_href: String,
    choices: Vec<FilterOption>,
}

/// Totals per year or draw type, shown while none is selected.
struct TotalsTable {
    id: &'static str,
    heading: &'static str,
    first_heading: &'static str,
    rows: Vec<(FilterOption, Totals)>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    year: String,
    category: String,
}

/// `GET /draws?year=&category=`
pub async fn list(mut layout: Layout, query: Query<ListQuery>, services: Data<Services>) -> PageResult {
    let all = store::summaries(services.db.read()).await?;
    let today = office_date(services.clock.now());
    let record_age = all.first().map(|latest| RecordAge::new(latest.date, today));
    let names = category_names(services.db.read()).await?;
    let filter = DrawFilter::parse(&query.0, &all, &names)?;
    layout.canonical = services.http.base_url.absolute_url(&filter.url());
    let (years, kinds) = (filter.years(&all), filter.kinds(&all, &names));
    let (mut menus, mut tables) = (vec![], vec![]);
    let with_draws = |choices: &[FilterOption]| choices.iter().filter(|choice| choice.has_draws).cloned().collect();
    let totals = |choice: &FilterOption, is_included: &dyn Fn(&DrawSummary) -> bool| {
        let totals = Totals::of(all.iter().filter(|draw| filter.matches(draw) && is_included(draw)));
        totals.map(|totals| (choice.clone(), totals))
    };
    if filter.category.is_some() {
        let all_href = DrawFilter { category: None, ..filter.clone() }.url();
        menus.push(FilterMenu { id: "kinds", heading: "Other draw types", all_href, choices: with_draws(&kinds) });
    } else {
        let row = |choice: &FilterOption| totals(choice, &|draw| category_key(draw) == choice.value);
        let rows = kinds.iter().filter_map(row).collect();
        tables.push(TotalsTable { id: "by-type", heading: "By draw type", first_heading: "Draw type", rows });
    }
    if filter.year.is_some() {
        let all_href = DrawFilter { year: None, ..filter.clone() }.url();
        menus.push(FilterMenu { id: "years", heading: "Other years", all_href, choices: with_draws(&years) });
    } else {
        let row = |choice: &FilterOption| totals(choice, &|draw| draw.date.year().to_string() == choice.value);
        let rows = years.iter().filter_map(row).collect();
        tables.push(TotalsTable { id: "by-year", heading: "By year", first_heading: "Year", rows });
    }
    tables.retain(|table| !table.rows.is_empty());
    let charts = filter.charts(&all, &names);
    let draws: Vec<DrawSummary> = all.into_iter().filter(|draw| filter.matches(draw)).collect();
    let page = ListPage {
        heading: filter.heading(&names),
        lead: filter.lead(&draws, record_age.as_ref()),
        record_age,
        is_filtered: filter != DrawFilter::default(),
        category_page: filter.category.clone().filter(|key| is_category(&names, key)),
        years,
        kinds,
        menus,
        charts,
        tables,
        has_errors: draws.iter().any(|draw| draw.has_wrong_invitations || draw.has_wrong_date),
        draws,
        layout,
    };
    html(StatusCode::OK, &page)
}

#[derive(Clone, Debug, Default, PartialEq)]
struct DrawFilter {
    year: Option<i16>,
    category: Option<String>,
}

impl DrawFilter {
    /// Returns 404 for a year without draws and for an unknown draw type.
    fn parse(query: &ListQuery, all: &[DrawSummary], names: &[CategoryName]) -> Result<Self, PageError> {
        let mut filter = Self::default();
        if !query.year.is_empty() {
            let year = years_of(all).into_iter().find(|year| year.to_string() == query.year);
            filter.year = Some(year.ok_or(PageError::NotFound)?);
        }
        if !query.category.is_empty() {
            let is_known = query.category == UNASSIGNED || names.iter().any(|name| name.key == query.category);
            filter.category = Some(query.category.clone()).filter(|_| is_known);
            filter.category.as_ref().ok_or(PageError::NotFound)?;
        }
        Ok(filter)
    }

    fn matches(&self, draw: &DrawSummary) -> bool {
        self.year.is_none_or(|year| draw.date.year() == year)
            && self.category.as_deref().is_none_or(|key| category_key(draw) == key)
    }

    fn url(&self) -> String {
        match (self.year, &self.category) {
            (None, None) => "/draws".into(),
            (Some(year), None) => format!("/draws?year={year}"),
            (None, Some(key)) => format!("/draws?category={key}"),
            (Some(year), Some(key)) => format!("/draws?year={year}&category={key}"),
        }
    }

    fn heading(&self, names: &[CategoryName]) -> String {
        let name = self.category.as_deref().map(|key| category_name(names, Some(key)));
        match (name, self.year) {
            (None, None) => "Express Entry draws".into(),
            (Some(name), None) => format!("Express Entry draws: {name}"),
            (None, Some(year)) => format!("Express Entry draws in {year}"),
            (Some(name), Some(year)) => format!("Express Entry draws in {year}: {name}"),
        }
    }

    /// Summary of the listed draws in one sentence.
    fn lead(&self, draws: &[DrawSummary], record_age: Option<&RecordAge>) -> String {
        let Some(totals) = Totals::of(draws) else { return "No draws found.".into() };
        let since = draws.last().map(|draw| draw.date.strftime("%B %Y").to_string()).unwrap_or_default();
        let begins = self.year.map_or_else(|| format!("from {since}"), |year| format!("in {year}"));
        // Only the year of the latest draw is incomplete.
        let ends = record_age.filter(|record_age| self.year.is_none_or(|year| year == record_age.year));
        let up_to = if self.year.is_some() { ", up to" } else { " to" };
        let ends = ends.map(|record_age| format!("{up_to} {}", record_age.latest_draw.text)).unwrap_or_default();
        format!("{} {begins}{ends}: {}.", totals.draws_text(), totals.describe())
    }

    fn years(&self, all: &[DrawSummary]) -> Vec<FilterOption> {
        let choice = |year: i16| {
            let filter = Self { year: Some(year), category: self.category.clone() };
            filter.choice(year.to_string(), year.to_string(), filter == *self, all)
        };
        years_of(all).into_iter().rev().map(choice).collect()
    }

    /// Draw types with at least one draw.
    fn kinds(&self, all: &[DrawSummary], names: &[CategoryName]) -> Vec<FilterOption> {
        let used: BTreeSet<&str> = all.iter().map(category_key).collect();
        let keys = names.iter().map(|name| &*name.key).chain([UNASSIGNED]);
        let choice = |key: &str| {
            let filter = Self { year: self.year, category: Some(key.into()) };
            filter.choice(key.into(), category_name(names, Some(key)).into(), filter == *self, all)
        };
        keys.filter(|key| used.contains(key) || self.category.as_deref() == Some(key)).map(choice).collect()
    }

    fn choice(&self, value: String, label: String, chosen: bool, all: &[DrawSummary]) -> FilterOption {
        FilterOption {
            value,
            label,
            href: self.url(),
            is_selected: chosen,
            has_draws: all.iter().any(|draw| self.matches(draw)),
        }
    }

    /// Charts of cut-offs. Provincial nominee draws have their own chart, because a nomination adds 600 points.
    fn charts(&self, all: &[DrawSummary], names: &[CategoryName]) -> Vec<Chart> {
        let series = |key: &'static str| series_of(all, names, key);
        let general_and_cec = || {
            Chart::new(
                "general",
                "All programs and Canadian Experience Class",
                "/draws?category=general#draws",
                &[series("general"), series("cec")],
            )
        };
        let single = |key: &str| {
            let series = series_of(all, names, key);
            let title = series.name.to_owned();
            Chart::new(key, &title, &format!("/draws?category={key}#draws"), &[series])
        };
        match (self.category.as_deref(), self.year) {
            (None, None) => [general_and_cec(), single("pnp")].into_iter().flatten().collect(),
            (None, Some(_)) | (Some(UNASSIGNED), _) => vec![],
            (Some("general" | "cec"), _) => general_and_cec().into_iter().collect(),
            (Some(key), _) => single(key).into_iter().collect(),
        }
    }
}

fn series_of<'a>(all: &'a [DrawSummary], names: &'a [CategoryName], key: &str) -> Series<'a> {
    let draws = all.iter().rev().filter(|draw| category_key(draw) == key).collect();
    Series { name: category_name(names, Some(key)), draws }
}

fn category_key(draw: &DrawSummary) -> &str {
    draw.category.as_deref().unwrap_or(UNASSIGNED)
}

fn years_of(all: &[DrawSummary]) -> BTreeSet<i16> {
    all.iter().map(|draw| draw.date.year()).collect()
}
