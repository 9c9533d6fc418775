//! Loading the rounds that the program carries inside.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;

use crate::draws::{Round, store};

/// A row of `data/draws.csv`.
#[derive(Deserialize)]
struct Row {
    round: String,
    date: Date,
    time_utc: Option<Timestamp>,
    category: String,
    category_fr: String,
    kind: String,
    category_key: String,
    programs_covered: String,
    ita_count: u32,
    ita_count_corrected: Option<u32>,
    crs_cutoff: u16,
    tie_break_utc: Option<Timestamp>,
    round_time_raw: String,
    tie_break_raw: String,
    pool_as_of: Option<Date>,
    source: String,
    notes: String,
    #[serde(flatten)]
    pool: BTreeMap<String, serde_json::Value>,
}

/// A row of the table.
#[derive(Serialize)]
struct Record {
    round: String,
    sort_key: i64,
    date: Date,
    held_at: Option<Timestamp>,
    held_at_published: String,
    name: String,
    name_fr: String,
    kind: String,
    category_key: String,
    programs: String,
    invitations: u32,
    invitations_true: Option<u32>,
    crs: u16,
    tie_break: Option<Timestamp>,
    tie_break_published: String,
    pool_as_of: Option<Date>,
    pool: Option<BTreeMap<String, u64>>,
    source: String,
    notes: String,
}

/// Loads all 448 rounds into an empty database.
pub async fn load(tx: &mut SqliteConnection, now: Timestamp) -> Result<()> {
    let mut records = vec![];
    for row in csv::Reader::from_reader(include_str!("../../data/draws.csv").as_bytes()).deserialize::<Row>() {
        let row = row.context("data/draws.csv")?;
        let round = row.round.clone();
        records.push(record(row).with_context(|| format!("data/draws.csv: round {round}"))?);
    }
    store::insert(tx, &serde_json::to_string(&records)?).await?;
    store::insert_known_corrections(tx, now).await?;
    Ok(())
}

fn record(row: Row) -> Result<Record> {
    let round = row.round.parse::<Round>()?;
    let mut pool = BTreeMap::new();
    for (column, count) in row.pool {
        // A count that was not published is an empty text.
        if let (Some(band), Some(count)) = (column.strip_prefix("pool_"), count.as_u64()) {
            pool.insert(band.to_owned(), count);
        }
    }
    Ok(Record {
        round: round.to_string(),
        sort_key: round.sort_key(),
        date: row.date,
        held_at: row.time_utc,
        held_at_published: row.round_time_raw,
        name: row.category,
        name_fr: row.category_fr,
        kind: row.kind,
        category_key: row.category_key,
        programs: row.programs_covered,
        invitations: row.ita_count,
        invitations_true: row.ita_count_corrected,
        crs: row.crs_cutoff,
        tie_break: row.tie_break_utc,
        tie_break_published: row.tie_break_raw,
        pool_as_of: row.pool_as_of,
        pool: (!pool.is_empty()).then_some(pool),
        source: row.source,
        notes: row.notes,
    })
}
