//! Every category, with where it stands today.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use jiff::civil::Date;

use crate::clock::Clock;
use crate::db::Database;
use crate::occupations::categories::store::{self, CountedList, RoundsHeld};
use crate::occupations::{CategoryList, Standing, current};
use crate::web::{Layout, PageResult, firm_zone, html, plural};

#[derive(Template)]
#[template(path = "occupations/categories.html")]
struct CategoriesPage {
    layout: Layout,
    groups: Vec<Group>,
}

/// The categories that stand alike.
struct Group {
    heading: &'static str,
    categories: Vec<Category>,
}

/// A category, by the version of its list that a reader looks for today.
struct Category {
    list: CategoryList,
    standing: Standing,
    occupations: Option<String>,
    held: Option<RoundsHeld>,
}

impl Category {
    fn rounds(&self) -> String {
        plural(self.held.as_ref().map_or(0, |held| held.rounds), "round", "rounds")
    }
}

/// `GET /categories`
pub async fn list(layout: Layout, db: Data<Database>, clock: Data<Clock>) -> PageResult {
    let today = clock.now().to_zoned(firm_zone()).date();
    let lists = store::every_list(db.read()).await?;
    let held = store::rounds_held(db.read()).await?;
    let mut categories = categories_on(today, &lists, &held);
    categories.sort_by(|one, other| one.list.name_en.cmp(&other.list.name_en));
    let mut groups: Vec<Group> = vec![];
    for (standing, heading) in
        [(Standing::InForce, "In force"), (Standing::ToCome, "To come"), (Standing::Ended, "Ended")]
    {
        let (alike, others) = categories.into_iter().partition(|category| category.standing == standing);
        groups.push(Group { heading, categories: alike });
        categories = others;
    }
    groups.retain(|group| !group.categories.is_empty());
    html(StatusCode::OK, &CategoriesPage { layout, groups })
}

fn categories_on(today: Date, lists: &[CountedList], held: &[RoundsHeld]) -> Vec<Category> {
    let mut keys: Vec<&str> = lists.iter().map(|counted| &*counted.list.category_key).collect();
    keys.sort_unstable();
    keys.dedup();
    let category = |key: &str| {
        let versions: Vec<CategoryList> = lists
            .iter()
            .filter(|counted| counted.list.category_key == key)
            .map(|counted| counted.list.clone())
            .collect();
        let list = current(&versions, today)?.clone();
        let count = lists.iter().find(|counted| counted.list.id == list.id).map_or(0, |counted| counted.occupations);
        Some(Category {
            standing: list.standing(today),
            occupations: (count > 0).then(|| plural(count, "occupation", "occupations")),
            held: held.iter().find(|held| held.category_key == key).cloned(),
            list,
        })
    };
    keys.into_iter().filter_map(category).collect()
}
