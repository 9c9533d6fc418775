//! SQL of the public category pages and of other features that read category lists.

use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::categories::category_list::CategoryList;
use crate::noc::Occupation;
use crate::web::{DisplayDate, with_thousands};

/// List with the number of its occupations.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct CountedList {
    #[sqlx(flatten)]
    pub list: CategoryList,
    pub occupations: i64,
}

/// All versions of all lists, newest first.
pub async fn all_lists(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<CountedList>> {
    sqlx::query_as(
        "SELECT *,
                (SELECT count(*) FROM category_occupations m WHERE m.list_id = l.id) AS occupations
         FROM category_lists l ORDER BY effective_from DESC, id DESC",
    )
    .fetch_all(db)
    .await
}

/// Number of draws for a category, and the latest of them.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct CategoryDraws {
    pub category_key: String,
    pub draws: i64,
    pub round: String,
    #[sqlx(try_from = "jiff_sqlx::Date")]
    date: Date,
    pub crs: i64,
}

impl CategoryDraws {
    pub fn day(&self) -> DisplayDate {
        self.date.into()
    }
}

/// Draws of each category that had at least one.
pub async fn draws_by_category(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<CategoryDraws>> {
    // SQLite takes bare columns from the row that holds the max().
    sqlx::query_as(
        "SELECT category_key, count(*) AS draws, max(sort_key), round, date, crs FROM category_draws
         GROUP BY category_key",
    )
    .fetch_all(db)
    .await
}

/// Draw held while a list was in effect.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ListDraw {
    pub round: String,
    #[sqlx(try_from = "jiff_sqlx::Date")]
    pub date: Date,
    invitations: i64,
    pub crs: i64,
}

impl ListDraw {
    pub fn day(&self) -> DisplayDate {
        self.date.into()
    }

    pub fn invitations_text(&self) -> String {
        with_thousands(self.invitations)
    }
}

/// Draws held under a list, newest first.
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

/// Row of the CSV export.
#[derive(Debug, serde::Serialize, sqlx::FromRow)]
pub struct CsvRow {
    pub category: String,
    pub version: String,
    effective_from: String,
    effective_to: Option<String>,
    /// `None` if the list names no occupations.
    pub noc: Option<String>,
    title_en: Option<String>,
    title_fr: Option<String>,
}

/// Occupations of one version, or of all versions if `version` is empty. Oldest version first, in published order.
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

/// All lists that name an occupation, newest first.
pub async fn memberships(db: impl SqliteExecutor<'_>, noc: &str) -> sqlx::Result<Vec<CategoryList>> {
    sqlx::query_as(
        "SELECT l.* FROM category_occupations m JOIN category_lists l ON l.id = m.list_id
         WHERE m.noc = ? ORDER BY l.effective_from DESC, l.id DESC",
    )
    .bind(noc)
    .fetch_all(db)
    .await
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Category {
    pub key: String,
    /// Name in its newest list.
    pub name_en: String,
    pub in_force: bool,
}

/// All categories by name, those in effect on `day` first.
pub async fn all(db: impl SqliteExecutor<'_>, day: Date) -> sqlx::Result<Vec<Category>> {
    sqlx::query_as(
        "SELECT c.key, c.name_en,
                EXISTS (SELECT 1 FROM category_lists l WHERE l.category_key = c.key AND l.effective_from <= ?1
                        AND (l.effective_to IS NULL OR l.effective_to >= ?1)) AS in_force
         FROM categories c ORDER BY in_force DESC, c.name_en",
    )
    .bind(day.to_sqlx())
    .fetch_all(db)
    .await
}

/// All versions of a category, newest first.
pub async fn versions(db: impl SqliteExecutor<'_>, category: &str) -> sqlx::Result<Vec<CategoryList>> {
    sqlx::query_as(
        "SELECT *
         FROM category_lists WHERE category_key = ? ORDER BY effective_from DESC, id DESC",
    )
    .bind(category)
    .fetch_all(db)
    .await
}

/// List of a category in effect on `day`.
pub async fn list_on(db: impl SqliteExecutor<'_>, category: &str, day: Date) -> sqlx::Result<Option<CategoryList>> {
    sqlx::query_as(
        "SELECT *
         FROM category_lists
         WHERE category_key = ?1 AND effective_from <= ?2 AND (effective_to IS NULL OR effective_to >= ?2)
         ORDER BY effective_from DESC, id DESC LIMIT 1",
    )
    .bind(category)
    .bind(day.to_sqlx())
    .fetch_optional(db)
    .await
}

/// Occupations of a list, in published order.
pub async fn occupations_of(db: impl SqliteExecutor<'_>, list_id: i64) -> sqlx::Result<Vec<Occupation>> {
    sqlx::query_as(
        "SELECT o.*
         FROM category_occupations m JOIN occupations o ON o.noc = m.noc WHERE m.list_id = ? ORDER BY m.position",
    )
    .bind(list_id)
    .fetch_all(db)
    .await
}

/// Codes of a category between two days.
#[derive(Clone, Debug)]
pub struct DatedList {
    pub category_key: String,
    /// First day in effect.
    pub from: Date,
    /// Last day in effect; `None` if open-ended.
    pub to: Option<Date>,
    /// NOC codes, sorted; empty for a category without a list.
    pub codes: Vec<String>,
}

impl DatedList {
    pub fn is_active_on(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }
}

/// All versions of all lists with their codes.
pub async fn dated_lists(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<DatedList>> {
    let rows: Vec<(String, jiff_sqlx::Date, Option<jiff_sqlx::Date>, String)> = sqlx::query_as(
        "SELECT l.category_key, l.effective_from, l.effective_to, coalesce(group_concat(m.noc, ' ' ORDER BY m.noc), '')
         FROM category_lists l LEFT JOIN category_occupations m ON m.list_id = l.id
         GROUP BY l.id ORDER BY l.id",
    )
    .fetch_all(db)
    .await?;
    let list =
        |(category_key, from, to, codes): (String, jiff_sqlx::Date, Option<jiff_sqlx::Date>, String)| DatedList {
            category_key,
            from: from.to_jiff(),
            to: to.map(jiff_sqlx::Date::to_jiff),
            codes: codes.split_whitespace().map(str::to_owned).collect(),
        };
    Ok(rows.into_iter().map(list).collect())
}

/// Category with the occupations that it covers on a day.
#[derive(Clone, Debug, PartialEq)]
pub struct ActiveCategory {
    pub key: String,
    pub name: String,
    /// NOC codes; empty if none of its lists is in effect.
    pub codes: Vec<String>,
}

/// All categories that ever listed occupations, by name, with the occupations of `day`.
pub async fn active_categories(db: impl SqliteExecutor<'_>, day: Date) -> sqlx::Result<Vec<ActiveCategory>> {
    let rows: Vec<(String, String, Option<String>)> = sqlx::query_as(
        "SELECT c.key, c.name_en,
                group_concat(CASE WHEN l.effective_from <= ?1 AND (l.effective_to IS NULL OR l.effective_to >= ?1)
                                  THEN m.noc END, ' ')
         FROM categories c JOIN category_lists l ON l.category_key = c.key
                           JOIN category_occupations m ON m.list_id = l.id
         GROUP BY c.key ORDER BY c.name_en",
    )
    .bind(day.to_sqlx())
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(key, name, codes)| ActiveCategory {
            key,
            name,
            codes: codes.unwrap_or_default().split_whitespace().map(str::to_owned).collect(),
        })
        .collect())
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct NamedCategory {
    pub key: String,
    pub name: String,
}

/// Categories whose list in effect on `day` requires no listed occupation and no work experience, by name.
pub async fn categories_without_list(db: impl SqliteExecutor<'_>, day: Date) -> sqlx::Result<Vec<NamedCategory>> {
    sqlx::query_as(
        "SELECT l.category_key AS key, l.name_en AS name FROM category_lists l
         WHERE l.effective_from <= ?1 AND (l.effective_to IS NULL OR l.effective_to >= ?1)
           AND l.min_experience_months IS NULL AND l.experience_where = ''
           AND NOT EXISTS (SELECT 1 FROM category_occupations m WHERE m.list_id = l.id)
         ORDER BY l.name_en",
    )
    .bind(day.to_sqlx())
    .fetch_all(db)
    .await
}

/// Inserts lists and their occupations from a JSON array with the columns of `data/categories.csv`.
pub async fn insert_lists(tx: &mut SqliteConnection, json: &str) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO category_lists (category_key, version, name_en, name_fr, draw_names, effective_from, effective_to,
                                     min_experience_months, experience_where, must_be_continuous, source, verified_on,
                                     confidence, notes)
         SELECT value ->> 'category_key', value ->> 'list_version', value ->> 'category_en', value ->> 'category_fr',
                value ->> 'draw_names', value ->> 'effective_from', value ->> 'effective_to',
                value ->> 'min_experience_months', value ->> 'experience_where', value ->> 'must_be_continuous',
                value ->> 'source', value ->> 'verified_on', value ->> 'confidence', value ->> 'notes'
         FROM json_each(?) GROUP BY value ->> 'category_key', value ->> 'list_version' ORDER BY min(key)",
    )
    .bind(json)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "INSERT INTO category_occupations (list_id, position, noc)
         SELECT l.id, row_number() OVER (PARTITION BY l.id ORDER BY e.key), e.value ->> 'noc'
         FROM json_each(?) e
         JOIN category_lists l ON l.category_key = e.value ->> 'category_key' AND l.version = e.value ->> 'list_version'
         WHERE e.value ->> 'noc' <> ''",
    )
    .bind(json)
    .execute(tx)
    .await?;
    Ok(())
}

/// Inserts the categories, named after their newest list. Lists refer to them, so they come first.
pub async fn insert_categories(tx: &mut SqliteConnection, json: &str) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO categories (key, name_en, name_fr)
         SELECT category_key, name_en, name_fr
         FROM (SELECT value ->> 'category_key' AS category_key, value ->> 'category_en' AS name_en,
                      value ->> 'category_fr' AS name_fr, max(value ->> 'effective_from')
               FROM json_each(?) GROUP BY value ->> 'category_key')",
    )
    .bind(json)
    .execute(tx)
    .await?;
    Ok(())
}
