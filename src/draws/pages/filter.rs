//! Filter of the list of draws: year and draw type in the query string.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::draws::category::{CategoryName, UNASSIGNED, category_name};
use crate::draws::pages::totals::Totals;
use crate::draws::{DrawSummary, RecordAge};
use crate::http::PageError;

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    year: String,
    category: String,
}

/// Value of `year` that selects the draws of all years.
const ALL_YEARS: &str = "all";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Period {
    /// The newest draws of all years.
    #[default]
    Newest,
    Year(i16),
    All,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DrawFilter {
    pub period: Period,
    pub category: Option<String>,
}

/// Year or draw type in a filter.
#[derive(Clone)]
pub struct FilterOption {
    pub value: String,
    pub label: String,
    pub href: String,
    pub is_selected: bool,
    pub has_draws: bool,
}

impl DrawFilter {
    /// Returns 404 for a year without draws and for an unknown draw type.
    pub fn parse(query: &ListQuery, all: &[DrawSummary], names: &[CategoryName]) -> Result<Self, PageError> {
        let period = match query.year.as_str() {
            "" => Period::Newest,
            ALL_YEARS => Period::All,
            typed => {
                let year = years_of(all).into_iter().find(|year| year.to_string() == typed);
                Period::Year(year.ok_or(PageError::NotFound)?)
            }
        };
        let category = Some(query.category.clone()).filter(|key| !key.is_empty());
        let is_known = |key: &String| *key == UNASSIGNED || names.iter().any(|name| name.key == *key);
        if category.as_ref().is_some_and(|key| !is_known(key)) {
            return Err(PageError::NotFound);
        }
        Ok(Self { period, category })
    }

    pub fn matches(&self, draw: &DrawSummary) -> bool {
        let is_in_period = match self.period {
            Period::Year(year) => draw.date.year() == year,
            Period::Newest | Period::All => true,
        };
        is_in_period && self.category.as_deref().is_none_or(|key| category_key(draw) == key)
    }

    pub fn with_period(&self, period: Period) -> Self {
        Self { period, ..self.clone() }
    }

    pub fn with_category(&self, category: Option<&str>) -> Self {
        Self { category: category.map(str::to_owned), ..self.clone() }
    }

    pub fn url(&self) -> String {
        let year = match self.period {
            Period::Newest => None,
            Period::Year(year) => Some(format!("year={year}")),
            Period::All => Some(format!("year={ALL_YEARS}")),
        };
        let category = self.category.as_ref().map(|key| format!("category={key}"));
        match [year, category].into_iter().flatten().collect::<Vec<_>>().join("&").as_str() {
            "" => "/draws".into(),
            query => format!("/draws?{query}"),
        }
    }

    pub fn heading(&self, names: &[CategoryName]) -> String {
        let name = self.category.as_deref().map(|key| category_name(names, Some(key)));
        let begin = match self.period {
            Period::Newest => "Express Entry draws".to_owned(),
            Period::Year(year) => format!("Express Entry draws in {year}"),
            Period::All => "Express Entry draws of all years".to_owned(),
        };
        name.map_or(begin.clone(), |name| format!("{begin}: {name}"))
    }

    /// Number and dates of the matching draws, as a sentence. The list without a filter shows its totals further below.
    pub fn lead(&self, draws: &[DrawSummary], record_age: Option<&RecordAge>) -> String {
        let Some(totals) = Totals::of(draws) else { return "No draws found.".into() };
        let year = if let Period::Year(year) = self.period { Some(year) } else { None };
        let since = draws.last().map(|draw| draw.date.strftime("%B %Y").to_string()).unwrap_or_default();
        let begins = year.map_or_else(|| format!("from {since}"), |year| format!("in {year}"));
        // Only the year of the latest draw is incomplete.
        let ends = record_age.filter(|record_age| year.is_none_or(|year| year == record_age.year));
        let up_to = if year.is_some() { ", up to" } else { " to" };
        let ends = ends.map(|record_age| format!("{up_to} {}", record_age.latest_draw.text)).unwrap_or_default();
        let begins = format!("{} {begins}{ends}", totals.draws_text());
        if *self == Self::default() { format!("{begins}.") } else { format!("{begins}: {}.", totals.describe()) }
    }

    /// The newest draws, each year, and all years.
    pub fn years(&self, all: &[DrawSummary]) -> Vec<FilterOption> {
        let choice = |period: Period, value: String, label: String| {
            let filter = self.with_period(period);
            filter.choice(value, label, filter == *self, all)
        };
        let years = years_of(all).into_iter().rev();
        let years = years.map(|year| choice(Period::Year(year), year.to_string(), year.to_string()));
        let newest = choice(Period::Newest, String::new(), "Newest".into());
        let every = choice(Period::All, ALL_YEARS.into(), "All years".into());
        std::iter::once(newest).chain(years).chain([every]).collect()
    }

    /// Draw types with at least one draw.
    pub fn types(&self, all: &[DrawSummary], names: &[CategoryName]) -> Vec<FilterOption> {
        let used: BTreeSet<&str> = all.iter().map(category_key).collect();
        let keys = names.iter().map(|name| &*name.key).chain([UNASSIGNED]);
        let choice = |key: &str| {
            let filter = self.with_category(Some(key));
            filter.choice(key.into(), category_name(names, Some(key)).into(), filter == *self, all)
        };
        keys.filter(|key| used.contains(key) || self.category.as_deref() == Some(key)).map(choice).collect()
    }

    fn choice(&self, value: String, label: String, is_selected: bool, all: &[DrawSummary]) -> FilterOption {
        FilterOption {
            value,
            label,
            href: self.url(),
            is_selected,
            has_draws: all.iter().any(|draw| self.matches(draw)),
        }
    }
}

pub fn category_key(draw: &DrawSummary) -> &str {
    draw.category.as_deref().unwrap_or(UNASSIGNED)
}

fn years_of(all: &[DrawSummary]) -> BTreeSet<i16> {
    all.iter().map(|draw| draw.date.year()).collect()
}
