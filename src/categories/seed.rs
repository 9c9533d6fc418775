//! Category lists of a new site, from `data/categories.csv`.

use anyhow::{Context, Result};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;

use crate::categories::store;

/// One occupation on one list, or one list without occupations.
#[derive(Deserialize, Serialize)]
struct Row {
    category_key: String,
    list_version: String,
    category_en: String,
    category_fr: String,
    draw_names: String,
    effective_from: Date,
    effective_to: Option<Date>,
    min_experience_months: Option<u8>,
    experience_where: String,
    must_be_continuous: String,
    source: String,
    verified_on: Option<Date>,
    confidence: String,
    notes: String,
    noc: String,
}

/// Inserts all bundled lists. The occupations must exist.
pub async fn seed(tx: &mut SqliteConnection) -> Result<()> {
    let mut reader = csv::Reader::from_reader(include_str!("../../data/categories.csv").as_bytes());
    let rows: Vec<Row> = reader.deserialize().collect::<Result<_, _>>().context("data/categories.csv")?;
    let rows = serde_json::to_string(&rows)?;
    store::insert_categories(tx, &rows).await?;
    store::insert_lists(tx, &rows).await.context("data/categories.csv")?;
    Ok(())
}
