//! Public page with all categories and their status today.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use jiff::civil::Date;

use crate::categories::category_list::{CategoryList, ListStatus, current_version};
use crate::categories::store::{self, CategoryDraws, CountedList};
use crate::http::{PageResult, html};
use crate::services::Services;
use crate::web::{CheckDates, Layout, office_time_zone, plural};

#[derive(Template)]
#[template(path = "categories/list.html")]
struct CategoriesPage {
    layout: Layout,
    groups: Vec<StatusGroup>,
    /// Days of the last checks of the lists in effect.
    checked: Option<CheckDates>,
}

/// Categories with the same status.
struct StatusGroup {
    heading: &'static str,
    categories: Vec<CategoryRow>,
}

/// Category with the version of its list that applies today.
struct CategoryRow {
    list: CategoryList,
    status: ListStatus,
    occupations: Option<String>,
    draws: Option<CategoryDraws>,
}

impl CategoryRow {
    fn draw_count(&self) -> String {
        plural(self.draws.as_ref().map_or(0, |draws| draws.draws), "draw", "draws")
    }
}

/// `GET /categories`
pub async fn list(layout: Layout, services: Data<Services>) -> PageResult {
    let today = services.clock.now().to_zoned(office_time_zone()).date();
    let lists = store::all_lists(services.db.read()).await?;
    let draws = store::draws_by_category(services.db.read()).await?;
    let mut categories = categories_on(today, &lists, &draws);
    categories.sort_by(|one, other| one.list.name_en.cmp(&other.list.name_en));
    let in_effect = categories.iter().filter(|category| category.status == ListStatus::Active);
    let checked = CheckDates::of(in_effect.map(|category| category.list.verification_date()));
    let mut groups: Vec<StatusGroup> = vec![];
    for (status, heading) in
        [(ListStatus::Active, "In effect"), (ListStatus::Upcoming, "Upcoming"), (ListStatus::Expired, "Ended")]
    {
        let (with_status, others) = categories.into_iter().partition(|category| category.status == status);
        groups.push(StatusGroup { heading, categories: with_status });
        categories = others;
    }
    groups.retain(|group| !group.categories.is_empty());
    html(StatusCode::OK, &CategoriesPage { layout, groups, checked })
}

fn categories_on(today: Date, lists: &[CountedList], draws: &[CategoryDraws]) -> Vec<CategoryRow> {
    let mut keys: Vec<&str> = lists.iter().map(|counted| &*counted.list.category_key).collect();
    keys.sort_unstable();
    keys.dedup();
    let category = |key: &str| {
        let versions: Vec<CategoryList> = lists
            .iter()
            .filter(|counted| counted.list.category_key == key)
            .map(|counted| counted.list.clone())
            .collect();
        let list = current_version(&versions, today)?.clone();
        let count = lists.iter().find(|counted| counted.list.id == list.id).map_or(0, |counted| counted.occupations);
        Some(CategoryRow {
            status: list.status(today),
            occupations: (count > 0).then(|| plural(count, "occupation", "occupations")),
            draws: draws.iter().find(|draws| draws.category_key == key).cloned(),
            list,
        })
    };
    keys.into_iter().filter_map(category).collect()
}
