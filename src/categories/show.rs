//! Public page of a category: one version of its list, the changes in it, and its draws.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use jiff::ToSpan;
use serde::Deserialize;

use crate::categories::category_list::{CategoryList, ListDiff, ListStatus, current_version};
use crate::categories::store::{self, ListDraw};
use crate::http::{PageError, PageResult, html};
use crate::noc::Occupation;
use crate::services::Services;
use crate::web::{DisplayDate, Layout, Query, office_time_zone, plural};

#[derive(Template)]
#[template(path = "categories/show.html")]
struct CategoryPage {
    layout: Layout,
    list: CategoryList,
    status: ListStatus,
    occupations: Vec<Occupation>,
    change: Option<VersionChange>,
    /// The version that applies today, if this is not it.
    current: Option<(CategoryList, ListStatus)>,
    /// The next version, if it is not in effect yet.
    upcoming: Option<CategoryList>,
    versions: Vec<CategoryList>,
    draws: Vec<ListDraw>,
}

impl CategoryPage {
    fn occupations_text(&self) -> String {
        plural(i64::try_from(self.occupations.len()).unwrap_or(i64::MAX), "occupation", "occupations")
    }

    /// CSV export of this version only.
    fn csv_href(&self) -> String {
        self.list.href().replacen('?', ".csv?", 1)
    }
}

/// Changes compared with the previous version.
struct VersionChange {
    before: CategoryList,
    occupations: ListDiff,
    /// Previous rule, if it differs.
    rule_before: Option<String>,
    /// First and last day on which neither version was in effect.
    gap: Option<(DisplayDate, DisplayDate)>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct CategoryQuery {
    pub version: String,
}

/// `GET /categories/{key}?version=`: the version that applies today unless another is requested.
pub async fn show(
    key: Path<String>,
    query: Query<CategoryQuery>,
    mut layout: Layout,
    services: Data<Services>,
) -> PageResult {
    let versions = store::versions(services.db.read(), &key).await?;
    let today = services.clock.now().to_zoned(office_time_zone()).date();
    let current = current_version(&versions, today).ok_or(PageError::NotFound)?;
    let requested = &query.0.version;
    let found = versions
        .iter()
        .position(|list| if requested.is_empty() { list.id == current.id } else { list.version == *requested });
    let index = found.ok_or(PageError::NotFound)?;
    let list = versions[index].clone();
    let occupations = store::occupations_of(services.db.read(), list.id).await?;
    let change = match versions.get(index + 1) {
        Some(before) => {
            let previous = store::occupations_of(services.db.read(), before.id).await?;
            Some(change(before, &previous, &list, &occupations))
        }
        None => None,
    };
    let is_current = list.id == current.id;
    if !is_current {
        layout.canonical = services.http.base_url.absolute_url(&list.href());
    }
    let page = CategoryPage {
        status: list.status(today),
        occupations,
        change,
        current: (!is_current).then(|| (current.clone(), current.status(today))),
        upcoming: versions.iter().rfind(|other| other.id != list.id && other.effective_from > today).cloned(),
        draws: store::draws_under(services.db.read(), &list).await?,
        versions,
        list,
        layout,
    };
    html(StatusCode::OK, &page)
}

fn change(
    before: &CategoryList,
    previous: &[Occupation],
    list: &CategoryList,
    occupations: &[Occupation],
) -> VersionChange {
    let rule_before = before.experience_rule();
    let between =
        before.last_day().map(|last| (last.saturating_add(1.day()), list.effective_from.saturating_sub(1.day())));
    VersionChange {
        occupations: ListDiff::between(previous, occupations),
        rule_before: Some(rule_before).filter(|rule| !rule.is_empty() && *rule != list.experience_rule()),
        gap: between.filter(|(first, last)| first <= last).map(|(first, last)| (first.into(), last.into())),
        before: before.clone(),
    }
}
