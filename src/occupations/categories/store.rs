//! All SQL of the categories' pages.

use jiff::civil::Date;
use sqlx::SqliteExecutor;

use crate::occupations::CategoryList;
use crate::web::{DisplayDate, with_thousands};

/// A list and how many occupations it names.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct CountedList {
    /// The list.
    #[sqlx(flatten)]
    pub list: CategoryList,
    /// How many occupations it names.
    pub occupations: i64,
}

/// Every version of every category's list, newest first.
pub async fn all_lists(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<CountedList>> {
    sqlx::query_as(
        "SELECT id, category_key, version, name_en, name_fr, effective_from, effective_to, min_experience_months,
                experience_where, must_be_continuous, source, verified_on, notes,
                (SELECT count(*) FROM category_occupations m WHERE m.list_id = l.id) AS occupations
         FROM category_lists l ORDER BY effective_from DESC, id DESC",
    )
    .fetch_all(db)
    .await
}

/// The rounds held for a category, and the latest of them.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct CategoryDraws {
    /// `healthcare`, `stem`, …
    pub category_key: String,
    /// How many.
    pub rounds: i64,
    /// Number of the latest.
    pub round: String,
    #[sqlx(try_from = "jiff_sqlx::Date")]
    date: Date,
    /// Its cut-off.
    pub crs: i64,
}

impl CategoryDraws {
    /// Day of the latest.
    pub fn day(&self) -> DisplayDate {
        self.date.into()
    }
}

/// The rounds held for each category that had one.
pub async fn draws_by_category(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<CategoryDraws>> {
    // Beside max(), the other columns are those of the row that has the greatest.
    sqlx::query_as(
        "SELECT category_key, count(*) AS rounds, max(sort_key), round, date, crs FROM category_draws
         GROUP BY category_key",
    )
    .fetch_all(db)
    .await
}

/// A round that was held while a list was in force.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ListDraw {
    /// Its number.
    pub round: String,
    /// Its day.
    #[sqlx(try_from = "jiff_sqlx::Date")]
    pub date: Date,
    invitations: i64,
    /// Its cut-off.
    pub crs: i64,
}

impl ListDraw {
    /// Invitations, ready to print.
    pub fn invitations_text(&self) -> String {
        with_thousands(self.invitations)
    }
}

/// The rounds held under a list, newest first.
pub async fn draws_under(db: impl SqliteExecutor<'_>, list: &CategoryList) -> sqlx::Result<Vec<ListDraw>> {
    sqlx::query_as(
        "SELECT round, date, invitations, crs FROM category_draws WHERE category_key = ? AND list_id = ?
         ORDER BY sort_key DESC",
    )
    .bind(&list.category_key)
    .bind(list.id)
    .fetch_all(db)
    .await
}

/// One line of the file to take away.
#[derive(Debug, serde::Serialize, sqlx::FromRow)]
pub struct CsvRow {
    /// Key of the category.
    pub category: String,
    /// Version of its list.
    pub version: String,
    effective_from: String,
    effective_to: Option<String>,
    /// Nothing where the list names no occupation.
    pub noc: Option<String>,
    title_en: Option<String>,
    title_fr: Option<String>,
}

/// The occupations of one version of a category's list, or of all where `version` is empty: oldest version first,
/// each in its published order.
pub async fn csv_rows(db: impl SqliteExecutor<'_>, category: &str, version: &str) -> sqlx::Result<Vec<CsvRow>> {
    sqlx::query_as(
        "SELECT l.category_key AS category, l.version, l.effective_from, l.effective_to, o.noc, o.title_en, o.title_fr
         FROM category_lists l
         LEFT JOIN category_occupations m ON m.list_id = l.id
         LEFT JOIN occupations o ON o.noc = m.noc
         WHERE l.category_key = ?1 AND (?2 = '' OR l.version = ?2)
         ORDER BY l.effective_from, l.id, m.position",
    )
    .bind(category)
    .bind(version)
    .fetch_all(db)
    .await
}
