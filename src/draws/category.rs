//! What each kind of round is called: a round for everybody, for one program, or for a category.

use jiff::civil::Date;
use sqlx::SqlitePool;

use crate::categories;

/// The rounds that were held for no category.
const PROGRAMS: [(&str, &str); 5] = [
    ("general", "All programs"),
    ("cec", "Canadian Experience Class"),
    ("pnp", "Provincial nominees"),
    ("fst", "Federal Skilled Trades"),
    ("fsw", "Federal Skilled Workers"),
];

/// In addresses, stands for the rounds of which nobody has said yet what they were held for.
pub const UNASSIGNED: &str = "unassigned";

/// A kind of round, and its name for readers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CategoryName {
    /// `general`, `pnp`, `healthcare`, …
    pub key: String,
    /// `All programs`, `Provincial nominees`, …
    pub name: String,
}

/// Every kind of round: the programs, then the categories by name.
pub async fn category_names(db: &SqlitePool) -> sqlx::Result<Vec<CategoryName>> {
    let programs = PROGRAMS.map(|(key, name)| CategoryName { key: key.into(), name: name.into() });
    // Which of them are in force does not matter here; on a day before all of them they come by name alone.
    let categories = categories::all(db, Date::ZERO).await?;
    let categories = categories.into_iter().map(|category| CategoryName { key: category.key, name: category.name_en });
    Ok(programs.into_iter().chain(categories).collect())
}

/// Whether rounds of this kind are held for a category, which has a page of its own.
pub fn is_category(names: &[CategoryName], key: &str) -> bool {
    names.iter().any(|name| name.key == key) && !PROGRAMS.iter().any(|(program, _)| *program == key)
}

/// The name of the kind with this key; one that nobody has named is not yet assigned.
pub fn category_name<'a>(names: &'a [CategoryName], key: Option<&str>) -> &'a str {
    let found = key.and_then(|key| names.iter().find(|name| name.key == key));
    found.map_or("Not yet assigned", |found| &found.name)
}
