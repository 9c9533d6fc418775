//! The table of all rounds as readers see it: by year and by kind, with what they add up to and how cut-offs moved.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

use crate::clock::Clock;
use crate::db::Database;
use crate::draws::category::{CategoryName, UNASSIGNED, category_names, is_category, name_of};
use crate::draws::pages::chart::{Chart, Series};
use crate::draws::pages::totals::Totals;
use crate::draws::{BriefDraw, UpTo, store};
use crate::web::{Layout, PageError, PageResult, Query, SiteAddress, firm_zone, html};

#[derive(Template)]
#[template(path = "draws/list.html")]
struct ListPage {
    layout: Layout,
    heading: String,
    lead: String,
    up_to: Option<UpTo>,
    is_narrowed: bool,
    category_page: Option<String>,
    years: Vec<Choice>,
    kinds: Vec<Choice>,
    menus: Vec<Menu>,
    charts: Vec<Chart>,
    tables: Vec<TotalsTable>,
    draws: Vec<BriefDraw>,
    has_errors: bool,
}

/// A year or a kind that readers can choose.
#[derive(Clone)]
struct Choice {
    value: String,
    label: String,
    href: String,
    chosen: bool,
    has_rounds: bool,
}

/// The other years or kinds, where one is chosen.
struct Menu {
    id: &'static str,
    heading: &'static str,
    every: String,
    choices: Vec<Choice>,
}

/// What the rounds of each year or kind add up to, where none is chosen.
struct TotalsTable {
    id: &'static str,
    heading: &'static str,
    first: &'static str,
    lines: Vec<(Choice, Totals)>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    year: String,
    category: String,
}

/// `GET /draws?year=&category=`
pub async fn list(
    mut layout: Layout,
    query: Query<ListQuery>,
    db: Data<Database>,
    clock: Data<Clock>,
    site: Data<SiteAddress>,
) -> PageResult {
    let all = store::briefly(db.read()).await?;
    let today = clock.now().to_zoned(firm_zone()).date();
    let up_to = all.first().map(|latest| UpTo::new(latest.date, today));
    let names = category_names(db.read()).await?;
    let asked = Asked::read(&query.0, &all, &names)?;
    layout.canonical = site.absolute(&asked.address());
    let (years, kinds) = (asked.years(&all), asked.kinds(&all, &names));
    let (mut menus, mut tables) = (vec![], vec![]);
    let with_rounds = |choices: &[Choice]| choices.iter().filter(|choice| choice.has_rounds).cloned().collect();
    let totals = |choice: &Choice, is_of: &dyn Fn(&BriefDraw) -> bool| {
        let totals = Totals::of(all.iter().filter(|draw| asked.covers(draw) && is_of(draw)));
        totals.map(|totals| (choice.clone(), totals))
    };
    if asked.category.is_some() {
        let every = Asked { category: None, ..asked.clone() }.address();
        menus.push(Menu { id: "kinds", heading: "Other kinds of round", every, choices: with_rounds(&kinds) });
    } else {
        let of = |choice: &Choice| totals(choice, &|draw| key_of(draw) == choice.value);
        let lines = kinds.iter().filter_map(of).collect();
        tables.push(TotalsTable { id: "by-kind", heading: "By kind", first: "Kind", lines });
    }
    if asked.year.is_some() {
        let every = Asked { year: None, ..asked.clone() }.address();
        menus.push(Menu { id: "years", heading: "Other years", every, choices: with_rounds(&years) });
    } else {
        let of = |choice: &Choice| totals(choice, &|draw| draw.date.year().to_string() == choice.value);
        let lines = years.iter().filter_map(of).collect();
        tables.push(TotalsTable { id: "by-year", heading: "By year", first: "Year", lines });
    }
    tables.retain(|table| !table.lines.is_empty());
    let charts = asked.charts(&all, &names);
    let draws: Vec<BriefDraw> = all.into_iter().filter(|draw| asked.covers(draw)).collect();
    let page = ListPage {
        heading: asked.heading(&names),
        lead: asked.lead(&draws, up_to.as_ref()),
        up_to,
        is_narrowed: asked != Asked::default(),
        category_page: asked.category.clone().filter(|key| is_category(&names, key)),
        years,
        kinds,
        menus,
        charts,
        tables,
        has_errors: draws.iter().any(|draw| draw.in_error || draw.has_wrong_day),
        draws,
        layout,
    };
    html(StatusCode::OK, &page)
}

/// Which rounds a reader wants to see.
#[derive(Clone, Debug, Default, PartialEq)]
struct Asked {
    year: Option<i16>,
    category: Option<String>,
}

impl Asked {
    /// A year without any round, and a kind that there is not, are no places of this site.
    fn read(query: &ListQuery, all: &[BriefDraw], names: &[CategoryName]) -> Result<Self, PageError> {
        let mut asked = Self::default();
        if !query.year.is_empty() {
            let year = years_of(all).into_iter().find(|year| year.to_string() == query.year);
            asked.year = Some(year.ok_or(PageError::NotFound)?);
        }
        if !query.category.is_empty() {
            let is_known = query.category == UNASSIGNED || names.iter().any(|name| name.key == query.category);
            asked.category = Some(query.category.clone()).filter(|_| is_known);
            asked.category.as_ref().ok_or(PageError::NotFound)?;
        }
        Ok(asked)
    }

    fn covers(&self, draw: &BriefDraw) -> bool {
        self.year.is_none_or(|year| draw.date.year() == year)
            && self.category.as_deref().is_none_or(|key| key_of(draw) == key)
    }

    fn address(&self) -> String {
        match (self.year, &self.category) {
            (None, None) => "/draws".into(),
            (Some(year), None) => format!("/draws?year={year}"),
            (None, Some(key)) => format!("/draws?category={key}"),
            (Some(year), Some(key)) => format!("/draws?year={year}&category={key}"),
        }
    }

    fn heading(&self, names: &[CategoryName]) -> String {
        let name = self.category.as_deref().map(|key| name_of(names, Some(key)));
        match (name, self.year) {
            (None, None) => "Express Entry rounds".into(),
            (Some(name), None) => format!("Express Entry rounds: {name}"),
            (None, Some(year)) => format!("Express Entry rounds of {year}"),
            (Some(name), Some(year)) => format!("Express Entry rounds of {year}: {name}"),
        }
    }

    /// What is shown, in a sentence.
    fn lead(&self, draws: &[BriefDraw], up_to: Option<&UpTo>) -> String {
        let Some(totals) = Totals::of(draws) else { return "There is no such draw in our record.".into() };
        let since = draws.last().map(|draw| draw.date.strftime("%B %Y").to_string()).unwrap_or_default();
        let begins = self.year.map_or_else(|| format!("from {since}"), |year| format!("in {year}"));
        // The record ends within the year of its latest draw; the years before are over.
        let ends = up_to.filter(|up_to| self.year.is_none_or(|year| year == up_to.year));
        let ends = ends.map(|up_to| format!(" up to {}", up_to.day.text)).unwrap_or_default();
        format!("{} {begins}{ends}, newest first: {}.", totals.draws_text(), totals.words())
    }

    fn years(&self, all: &[BriefDraw]) -> Vec<Choice> {
        let choice = |year: i16| {
            let asked = Self { year: Some(year), category: self.category.clone() };
            asked.choice(year.to_string(), year.to_string(), asked == *self, all)
        };
        years_of(all).into_iter().rev().map(choice).collect()
    }

    /// The kinds of which there was a round, in their order.
    fn kinds(&self, all: &[BriefDraw], names: &[CategoryName]) -> Vec<Choice> {
        let held: BTreeSet<&str> = all.iter().map(key_of).collect();
        let keys = names.iter().map(|name| &*name.key).chain([UNASSIGNED]);
        let choice = |key: &str| {
            let asked = Self { year: self.year, category: Some(key.into()) };
            asked.choice(key.into(), name_of(names, Some(key)).into(), asked == *self, all)
        };
        keys.filter(|key| held.contains(key) || self.category.as_deref() == Some(key)).map(choice).collect()
    }

    fn choice(&self, value: String, label: String, chosen: bool, all: &[BriefDraw]) -> Choice {
        Choice { value, label, href: self.address(), chosen, has_rounds: all.iter().any(|draw| self.covers(draw)) }
    }

    /// How cut-offs moved over all years. Those of provincial nominees stand alone: a nomination adds 600 points.
    fn charts(&self, all: &[BriefDraw], names: &[CategoryName]) -> Vec<Chart> {
        let series = |key: &'static str| series_of(all, names, key);
        let together = || {
            Chart::new(
                "general",
                "All programs and Canadian Experience Class",
                "/draws?category=general#rounds",
                &[series("general"), series("cec")],
            )
        };
        let alone = |key: &str| {
            let one = series_of(all, names, key);
            let title = one.name.to_owned();
            Chart::new(key, &title, &format!("/draws?category={key}#rounds"), &[one])
        };
        match (self.category.as_deref(), self.year) {
            (None, None) => [together(), alone("pnp")].into_iter().flatten().collect(),
            (None, Some(_)) | (Some(UNASSIGNED), _) => vec![],
            (Some("general" | "cec"), _) => together().into_iter().collect(),
            (Some(key), _) => alone(key).into_iter().collect(),
        }
    }
}

fn series_of<'a>(all: &'a [BriefDraw], names: &'a [CategoryName], key: &str) -> Series<'a> {
    let draws = all.iter().rev().filter(|draw| key_of(draw) == key).collect();
    Series { name: name_of(names, Some(key)), draws }
}

fn key_of(draw: &BriefDraw) -> &str {
    draw.category.as_deref().unwrap_or(UNASSIGNED)
}

fn years_of(all: &[BriefDraw]) -> BTreeSet<i16> {
    all.iter().map(|draw| draw.date.year()).collect()
}
