//! Loading the classification and the category lists that the program carries inside.

use anyhow::{Context, Result, ensure};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;

use crate::occupations::{NocCode, store};

#[derive(Deserialize, Serialize)]
struct UnitGroup {
    code: String,
    title_en: String,
    title_fr: String,
    teer: u8,
    broad_category: u8,
    broad_category_en: String,
    broad_category_fr: String,
}

#[derive(Deserialize, Serialize)]
struct ListedOccupation {
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
    checked_on: Option<Date>,
    confidence: String,
    notes: String,
    noc: String,
}

/// Loads all 516 unit groups and every dated list into an empty database.
pub async fn load(tx: &mut SqliteConnection) -> Result<()> {
    let groups = read::<UnitGroup>(include_str!("../../data/noc2021.csv")).context("data/noc2021.csv")?;
    for group in &groups {
        let code = group.code.parse::<NocCode>().with_context(|| format!("data/noc2021.csv: {}", group.code))?;
        ensure!(
            code.as_str()[1..2] == group.teer.to_string(),
            "data/noc2021.csv: TEER of {code} is not its second digit"
        );
    }
    store::insert_occupations(tx, &serde_json::to_string(&groups)?).await?;
    let listed = read::<ListedOccupation>(include_str!("../../data/categories.csv")).context("data/categories.csv")?;
    let json = serde_json::to_string(&listed)?;
    store::insert_categories(tx, &json).await?;
    store::insert_lists(tx, &json).await?;
    Ok(())
}

fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<Vec<T>> {
    Ok(csv::Reader::from_reader(text.as_bytes()).deserialize().collect::<Result<_, _>>()?)
}
