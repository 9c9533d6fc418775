//! One category: the list in force or an older one, what changed with it, and the rounds held under it.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use jiff::ToSpan;
use serde::Deserialize;

use crate::http::{PageError, PageResult, html};
use crate::occupations::categories::store::{self as rounds, ListDraw};
use crate::occupations::{CategoryList, ListDiff, ListStatus, Occupation, current_version, store};
use crate::services::Services;
use crate::web::{DisplayDate, Layout, Query, office_time_zone, plural};

#[derive(Template)]
#[template(path = "occupations/category.html")]
struct CategoryPage {
    layout: Layout,
    list: CategoryList,
    status: ListStatus,
    occupations: Vec<Occupation>,
    change: Option<VersionChange>,
    /// The version that a reader looks for today, where this is another.
    current: Option<(CategoryList, ListStatus)>,
    /// The next version, where its first day lies ahead.
    upcoming: Option<CategoryList>,
    versions: Vec<CategoryList>,
    draws: Vec<ListDraw>,
}

impl CategoryPage {
    fn occupations_text(&self) -> String {
        plural(i64::try_from(self.occupations.len()).unwrap_or(i64::MAX), "occupation", "occupations")
    }

    /// Where this version alone is to be taken away.
    fn csv_href(&self) -> String {
        self.list.href().replacen('?', ".csv?", 1)
    }
}

/// What a version changed.
struct VersionChange {
    before: CategoryList,
    occupations: ListDiff,
    /// The rule of the version before, where it was another.
    rule_before: Option<String>,
    /// First and last day on which neither held.
    gap: Option<(DisplayDate, DisplayDate)>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct CategoryQuery {
    pub version: String,
}

/// `GET /categories/{key}?version=`: the list of today, or the version asked for.
pub async fn show(
    key: Path<String>,
    query: Query<CategoryQuery>,
    mut layout: Layout,
    services: Data<Services>,
) -> PageResult {
    let versions = store::versions(services.db.read(), &key).await?;
    let today = services.clock.now().to_zoned(office_time_zone()).date();
    let of_today = current_version(&versions, today).ok_or(PageError::NotFound)?;
    let asked = &query.0.version;
    let found =
        versions.iter().position(|list| if asked.is_empty() { list.id == of_today.id } else { list.version == *asked });
    let place = found.ok_or(PageError::NotFound)?;
    let list = versions[place].clone();
    let occupations = store::occupations_of(services.db.read(), list.id).await?;
    let change = match versions.get(place + 1) {
        Some(before) => {
            let earlier = store::occupations_of(services.db.read(), before.id).await?;
            Some(change(before, &earlier, &list, &occupations))
        }
        None => None,
    };
    let is_of_today = list.id == of_today.id;
    if !is_of_today {
        layout.canonical = services.http.base_url.absolute_url(&list.href());
    }
    let page = CategoryPage {
        status: list.status(today),
        occupations,
        change,
        current: (!is_of_today).then(|| (of_today.clone(), of_today.status(today))),
        upcoming: versions.iter().rfind(|other| other.id != list.id && other.effective_from > today).cloned(),
        draws: rounds::draws_under(services.db.read(), &list).await?,
        versions,
        list,
        layout,
    };
    html(StatusCode::OK, &page)
}

fn change(
    before: &CategoryList,
    earlier: &[Occupation],
    list: &CategoryList,
    occupations: &[Occupation],
) -> VersionChange {
    let rule_before = before.experience_rule();
    let between =
        before.last_day().map(|last| (last.saturating_add(1.day()), list.effective_from.saturating_sub(1.day())));
    VersionChange {
        occupations: ListDiff::between(earlier, occupations),
        rule_before: Some(rule_before).filter(|rule| !rule.is_empty() && *rule != list.experience_rule()),
        gap: between.filter(|(first, last)| first <= last).map(|(first, last)| (first.into(), last.into())),
        before: before.clone(),
    }
}
