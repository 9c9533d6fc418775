//! Names of draw types: general, program and category draws.

use jiff::civil::Date;
use sqlx::SqlitePool;

use crate::categories;

/// Draw types without a category: key and name.
const PROGRAMS: [(&str, &str); 5] = [
    ("general", "All programs"),
    ("cec", "Canadian Experience Class"),
    ("pnp", "Provincial nominees"),
    ("fst", "Federal Skilled Trades"),
    ("fsw", "Federal Skilled Workers"),
];

/// Key in URLs for draws without a category.
pub const UNASSIGNED: &str = "unassigned";

/// Draw type and its display name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CategoryName {
    pub key: String,
    pub name: String,
}

/// All draw types: the programs, then the categories by name.
pub async fn category_names(db: &SqlitePool) -> sqlx::Result<Vec<CategoryName>> {
    let programs = PROGRAMS.map(|(key, name)| CategoryName { key: key.into(), name: name.into() });
    // On a date before all lists, categories are sorted by name alone.
    let categories = categories::all(db, Date::ZERO).await?;
    let categories = categories.into_iter().map(|category| CategoryName { key: category.key, name: category.name_en });
    Ok(programs.into_iter().chain(categories).collect())
}

/// Whether this draw type is a category with its own page.
pub fn is_category(names: &[CategoryName], key: &str) -> bool {
    names.iter().any(|name| name.key == key) && !PROGRAMS.iter().any(|(program, _)| *program == key)
}

/// Name of the draw type with this key.
pub fn category_name<'a>(names: &'a [CategoryName], key: Option<&str>) -> &'a str {
    let found = key.and_then(|key| names.iter().find(|name| name.key == key));
    found.map_or("Not yet assigned", |found| &found.name)
}
