//! The categories of Express Entry: which occupations each covers, and since when.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;

use crate::clock::Clock;
use crate::db::Database;
use crate::occupations::store::{self, Category};
use crate::occupations::{CategoryList, Occupation};
use crate::web::{Layout, PageError, PageResult, Query, firm_zone, html};

#[derive(Template)]
#[template(path = "occupations/categories.html")]
struct CategoriesPage {
    layout: Layout,
    categories: Vec<Category>,
}

/// `GET /categories`
pub async fn list(layout: Layout, db: Data<Database>, clock: Data<Clock>) -> PageResult {
    let today = clock.now().to_zoned(firm_zone()).date();
    let categories = store::categories(db.read(), today).await?;
    html(StatusCode::OK, &CategoriesPage { layout, categories })
}

#[derive(Template)]
#[template(path = "occupations/category.html")]
struct CategoryPage {
    layout: Layout,
    list: CategoryList,
    versions: Vec<CategoryList>,
    occupations: Vec<Occupation>,
    in_force: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct CategoryQuery {
    version: String,
}

/// `GET /categories/{key}?version=`: the newest list, or the version asked for.
pub async fn show(
    key: Path<String>,
    query: Query<CategoryQuery>,
    layout: Layout,
    db: Data<Database>,
    clock: Data<Clock>,
) -> PageResult {
    let versions = store::versions(db.read(), &key).await?;
    let asked = &query.0.version;
    let list =
        versions.iter().find(|list| asked.is_empty() || list.version == *asked).cloned().ok_or(PageError::NotFound)?;
    let occupations = store::occupations_of(db.read(), list.id).await?;
    let today = clock.now().to_zoned(firm_zone()).date();
    let in_force = list.holds_on(today);
    html(StatusCode::OK, &CategoryPage { layout, list, versions, occupations, in_force })
}
