//! SQL of the past-draw checker.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use serde::Deserialize;
use sqlx::SqliteExecutor;
use sqlx::types::Json;

/// Cut-off of a draw, with what decides who was invited.
#[derive(Clone, Debug, Deserialize)]
pub struct DrawCutOff {
    pub round: String,
    pub date: Date,
    /// As published.
    pub name: String,
    /// `None` if not assigned yet.
    pub category: Option<String>,
    pub crs: i64,
    pub tie_break: Option<Timestamp>,
}

/// Cut-offs of all draws since `first`, newest first.
pub async fn cut_offs(db: impl SqliteExecutor<'_>, first: Date) -> sqlx::Result<Vec<DrawCutOff>> {
    let all: Json<Vec<DrawCutOff>> = sqlx::query_scalar(
        "SELECT json_group_array(json_object(
                    'round', round, 'date', date, 'name', name, 'category', category_key, 'crs', crs,
                    'tie_break', tie_break) ORDER BY sort_key DESC)
         FROM draws WHERE date >= ?",
    )
    .bind(first.to_sqlx())
    .fetch_one(db)
    .await?;
    Ok(all.0)
}
