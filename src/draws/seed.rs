//! Seed data: the draws compiled into the binary.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
use sqlx::SqliteConnection;

use crate::draws::pool::BANDS;
use crate::draws::validation::{Neighbours, Rule, validate};
use crate::draws::{Correction, CorrectionOrigin, Draw, Pool, store};

/// Row of `data/draws.csv`.
#[derive(Deserialize)]
struct Row {
    round: String,
    date: Date,
    time_utc: Option<Timestamp>,
    category: String,
    category_fr: String,
    category_key: String,
    programs_covered: String,
    ita_count: i64,
    ita_count_corrected: Option<i64>,
    crs_cutoff: i64,
    tie_break_utc: Option<Timestamp>,
    round_time_raw: String,
    tie_break_raw: String,
    pool_as_of: Option<Date>,
    source: String,
    notes: String,
    #[serde(flatten)]
    pool: BTreeMap<String, serde_json::Value>,
}

/// Sources of the draws, each with the day of the copy to which the figures were compared.
const SOURCES: [(&str, Date); 3] = [
    ("the government’s feed, as saved on August 20, 2026", Date::constant(2026, 8, 20)),
    ("two public copies of the government’s feed of September 28, 2026", Date::constant(2026, 9, 28)),
    ("an incomplete public copy of the government’s feed of October 1, 2026", Date::constant(2026, 10, 1)),
];

/// Acknowledged warnings: draw, rule, reason.
const ACKNOWLEDGED_WARNINGS: [(&str, Rule, &str); 1] = [(
    "2",
    Rule::SameAsBefore,
    "The published total of 2015, 31,063 invitations, is only reached with 779 in both of the first two draws.",
)];

/// Corrections of published figures: draw, field, before, after. The notes of each draw give the source.
const CORRECTIONS: [(&str, &str, &str, &str); 7] = [
    ("104", "date", "2018-11-14", "2018-11-15"),
    ("108", "date", "2019-01-09", "2019-01-10"),
    ("146", "date", "2020-04-30", "2020-05-01"),
    ("148", "date", "2020-05-14", "2020-05-15"),
    ("208", "invitations_corrected", "681", "888"),
    ("262", "tie_break", "2023-08-01T12:59:52Z", "2023-07-04T19:36:18Z"),
    ("274", "tie_break", "2023-11-25T09:48:36Z", "2023-09-07T09:24:49Z"),
];

/// Inserts all 448 draws into an empty database.
pub async fn load(tx: &mut SqliteConnection, now: Timestamp) -> Result<()> {
    let draws = bundled()?;
    store::upsert(tx, &draws, now).await?;
    for (source, day) in SOURCES {
        let numbers: Vec<String> =
            draws.iter().filter(|draw| draw.source == source).map(|draw| draw.round.to_string()).collect();
        store::mark_checked(tx, &numbers, day).await?;
    }
    let corrections: Vec<Correction> = CORRECTIONS
        .iter()
        .map(|(round, field, before, after)| {
            let source = draws.iter().find(|draw| draw.round.to_string() == *round).map(|draw| draw.notes.clone());
            Correction {
                round: (*round).into(),
                field: (*field).into(),
                before: (*before).into(),
                after: (*after).into(),
                corrected_at: now,
                corrected_by: "reference data".into(),
                origin: CorrectionOrigin::Reference,
                source: source.unwrap_or_default(),
            }
        })
        .collect();
    store::insert_corrections(tx, &corrections).await?;
    for (round, rule, reason) in ACKNOWLEDGED_WARNINGS {
        let index = draws
            .iter()
            .position(|draw| draw.round.to_string() == round)
            .context("the draw of an acknowledged warning is missing")?;
        let (draw, before) = (&draws[index], index.checked_sub(1).map(|before| &draws[before]));
        let found = validate(draw, Neighbours { previous: before, next: draws.get(index + 1) }, draw.date);
        let warning =
            found.iter().find(|warning| warning.rule == rule).context("an acknowledged warning does not apply")?;
        store::acknowledge_warning(tx, &draw.round, warning, reason, "reference data", now).await?;
    }
    Ok(())
}

/// Compiled-in draws, oldest first.
pub fn bundled() -> Result<Vec<Draw>> {
    let mut draws = vec![];
    for row in csv::Reader::from_reader(include_str!("../../data/draws.csv").as_bytes()).deserialize::<Row>() {
        let row = row.context("data/draws.csv")?;
        let round = row.round.clone();
        draws.push(draw(row).with_context(|| format!("data/draws.csv: draw {round}"))?);
    }
    Ok(draws)
}

fn draw(row: Row) -> Result<Draw> {
    let source = match row.source.as_str() {
        "A" => SOURCES[0].0,
        "B" => SOURCES[1].0,
        _ => SOURCES[2].0,
    };
    let corrected = CORRECTIONS.iter().find(|(round, field, ..)| *round == row.round && *field == "date");
    let date_published = corrected.map(|(_, _, published, _)| published.parse()).transpose()?;
    Ok(Draw {
        round: row.round.parse()?,
        date: row.date,
        date_published,
        held_at: row.time_utc,
        held_at_published: row.round_time_raw,
        name: row.category,
        name_fr: row.category_fr,
        category: Some(row.category_key),
        programs: row.programs_covered,
        invitations_published: row.ita_count,
        invitations_corrected: row.ita_count_corrected,
        crs: row.crs_cutoff,
        tie_break: row.tie_break_utc,
        tie_break_published: row.tie_break_raw,
        pool: row.pool_as_of.map(|as_of| pool(as_of, &row.pool)).transpose()?,
        source: source.into(),
        notes: row.notes,
    })
}

fn pool(as_of: Date, columns: &BTreeMap<String, serde_json::Value>) -> Result<Pool> {
    let mut counts = [0; 18];
    for (count, band) in counts.iter_mut().zip(BANDS) {
        let column = columns.get(band.column).and_then(serde_json::Value::as_i64);
        ensure!(column.is_some(), "{} is missing", band.column);
        *count = column.unwrap_or_default();
    }
    Ok(Pool { as_of, counts })
}
