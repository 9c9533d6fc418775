//! SQL of the admin pages for category lists.

use jiff::ToSpan;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use serde_json::json;
use sqlx::{SqliteConnection, SqliteExecutor};

use crate::categories::admin::list_form::NewList;
use crate::categories::category_list::CategoryList;
use crate::noc::Occupation;

/// A list in force is due for review this long after its last check.
const REVIEW_INTERVAL_DAYS: i64 = 90;

/// Lists in force on `today` that are due for review, longest overdue first.
pub async fn lists_due_for_review(db: impl SqliteExecutor<'_>, today: Date) -> sqlx::Result<Vec<CategoryList>> {
    sqlx::query_as(
        "SELECT *
         FROM category_lists
         WHERE effective_from <= ?1 AND (effective_to IS NULL OR effective_to >= ?1)
           AND (verified_on IS NULL OR verified_on < ?2)
         ORDER BY verified_on IS NOT NULL, verified_on, name_en",
    )
    .bind(today.to_sqlx())
    .bind(today.saturating_sub(REVIEW_INTERVAL_DAYS.days()).to_sqlx())
    .fetch_all(db)
    .await
}

pub async fn find_list(db: impl SqliteExecutor<'_>, id: i64) -> sqlx::Result<Option<CategoryList>> {
    sqlx::query_as(
        "SELECT *
         FROM category_lists WHERE id = ?",
    )
    .bind(id)
    .fetch_optional(db)
    .await
}

/// Next version of the same category.
pub async fn next_version(db: impl SqliteExecutor<'_>, list: &CategoryList) -> sqlx::Result<Option<CategoryList>> {
    sqlx::query_as(
        "SELECT *
         FROM category_lists WHERE category_key = ? AND effective_from > ? ORDER BY effective_from, id LIMIT 1",
    )
    .bind(&list.category_key)
    .bind(list.effective_from.to_sqlx())
    .fetch_optional(db)
    .await
}

/// Numbers of the draws of a category held on `day` or later, oldest first.
pub async fn draws_since(db: impl SqliteExecutor<'_>, category: &str, day: Date) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar("SELECT round FROM category_draws WHERE category_key = ? AND date >= ? ORDER BY sort_key")
        .bind(category)
        .bind(day.to_sqlx())
        .fetch_all(db)
        .await
}

/// NOC 2016 codes, each with a NOC 2021 code that replaced it.
pub async fn noc2016_codes(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<(String, String)>> {
    sqlx::query_as("SELECT noc_2016, noc FROM noc2016_concordance ORDER BY noc_2016, position").fetch_all(db).await
}

/// Occupations with these codes, in this order. Unknown codes are left out.
pub async fn occupations_with_codes(db: impl SqliteExecutor<'_>, codes: &[String]) -> sqlx::Result<Vec<Occupation>> {
    sqlx::query_as("SELECT o.* FROM json_each(?) e JOIN occupations o ON o.noc = e.value ORDER BY e.key")
        .bind(json!(codes).to_string())
        .fetch_all(db)
        .await
}

/// Inserts or renames a category. Its name is that of its newest list.
pub async fn upsert_category(tx: &mut SqliteConnection, key: &str, name_en: &str, name_fr: &str) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO categories (key, name_en, name_fr) VALUES (?, ?, ?)
         ON CONFLICT (key) DO UPDATE SET name_en = excluded.name_en, name_fr = excluded.name_fr",
    )
    .bind(key)
    .bind(name_en)
    .bind(name_fr)
    .execute(tx)
    .await?;
    Ok(())
}

/// Inserts a list with its occupations and returns its ID.
pub async fn add_list(tx: &mut SqliteConnection, list: &NewList, verified_on: Date) -> sqlx::Result<i64> {
    let id: i64 = sqlx::query_scalar(
        "INSERT INTO category_lists (category_key, version, name_en, name_fr, draw_names, effective_from, effective_to,
                                     min_experience_months, experience_where, must_be_continuous, source, verified_on,
                                     confidence, notes)
         VALUES (?, ?, ?, ?, '', ?, NULL, ?, ?, ?, ?, ?, '', ?) RETURNING id",
    )
    .bind(&list.category_key)
    .bind(&list.version)
    .bind(&list.name_en)
    .bind(&list.name_fr)
    .bind(list.effective_from.to_sqlx())
    .bind(list.months)
    .bind(&list.experience_where)
    .bind(&list.continuous)
    .bind(&list.source)
    .bind(verified_on.to_sqlx())
    .bind(&list.notes)
    .fetch_one(&mut *tx)
    .await?;
    write_occupations(tx, id, list).await?;
    Ok(id)
}

/// Replaces the content of a list, except its version and dates.
pub async fn correct_list(tx: &mut SqliteConnection, id: i64, list: &NewList) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE category_lists SET name_en = ?, name_fr = ?, min_experience_months = ?, experience_where = ?,
                must_be_continuous = ?, source = ?, notes = ?
         WHERE id = ?",
    )
    .bind(&list.name_en)
    .bind(&list.name_fr)
    .bind(list.months)
    .bind(&list.experience_where)
    .bind(&list.continuous)
    .bind(&list.source)
    .bind(&list.notes)
    .bind(id)
    .execute(&mut *tx)
    .await?;
    sqlx::query("DELETE FROM category_occupations WHERE list_id = ?").bind(id).execute(&mut *tx).await?;
    write_occupations(tx, id, list).await
}

async fn write_occupations(tx: &mut SqliteConnection, id: i64, list: &NewList) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO category_occupations (list_id, position, noc) SELECT ?, key + 1, value FROM json_each(?)")
        .bind(id)
        .bind(json!(list.codes).to_string())
        .execute(tx)
        .await?;
    Ok(())
}

/// Deletes a list, and its category if that was the only list.
pub async fn delete_list(tx: &mut SqliteConnection, list: &CategoryList) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM category_occupations WHERE list_id = ?").bind(list.id).execute(&mut *tx).await?;
    sqlx::query("DELETE FROM category_lists WHERE id = ?").bind(list.id).execute(&mut *tx).await?;
    sqlx::query(
        "DELETE FROM categories WHERE key = ?1
         AND NOT EXISTS (SELECT 1 FROM category_lists l WHERE l.category_key = ?1)",
    )
    .bind(&list.category_key)
    .execute(tx)
    .await?;
    Ok(())
}

/// Sets the last day of a list; `None` makes it open-ended.
pub async fn set_last_day(tx: &mut SqliteConnection, id: i64, last: Option<Date>) -> sqlx::Result<()> {
    sqlx::query("UPDATE category_lists SET effective_to = ? WHERE id = ?")
        .bind(last.map(ToSqlx::to_sqlx))
        .bind(id)
        .execute(tx)
        .await?;
    Ok(())
}

/// Sets the date of the last check; `None` removes it.
pub async fn set_verified(tx: &mut SqliteConnection, id: i64, day: Option<Date>) -> sqlx::Result<()> {
    sqlx::query("UPDATE category_lists SET verified_on = ? WHERE id = ?")
        .bind(day.map(ToSqlx::to_sqlx))
        .bind(id)
        .execute(tx)
        .await?;
    Ok(())
}
