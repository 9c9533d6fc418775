//! Loading the classification and the category lists that the program carries inside.

use std::collections::HashSet;

use anyhow::{Context, Error, Result, ensure};
use jiff::civil::Date;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;

use crate::occupations::{NocCode, store};

#[derive(Deserialize, Serialize)]
struct OccupationRow {
    code: String,
    title_en: String,
    title_fr: String,
    teer: u8,
    broad_category: u8,
    broad_category_en: String,
    broad_category_fr: String,
}

#[derive(Deserialize, Serialize)]
struct ListRow {
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

/// What people call an occupation, in small letters.
#[derive(Deserialize, Serialize)]
struct SynonymRow {
    synonym: String,
    noc: String,
}

/// A unit group of NOC 2016 and one of 2021 that took over its work.
#[derive(Deserialize, Serialize)]
struct Noc2016Row {
    noc2016: String,
    title_2016: String,
    noc2021: String,
}

/// Loads all 516 unit groups with what else they are called, and every dated list, into an empty database.
pub async fn seed(tx: &mut SqliteConnection) -> Result<()> {
    let groups: Vec<OccupationRow> =
        read_csv("data/noc2021.csv", include_str!("../../data/noc2021.csv"), |group: &OccupationRow| {
            let code = group.code.parse::<NocCode>().with_context(|| group.code.clone())?;
            let digits = format!("{}{}", group.broad_category, group.teer);
            ensure!(code.as_str().starts_with(&digits), "{code} does not begin with its broad category and its TEER");
            Ok(())
        })?;
    let codes: HashSet<&str> = groups.iter().map(|group| group.code.as_str()).collect();
    let known = |noc: &str| {
        ensure!(codes.contains(noc), "{noc} is no occupation");
        Ok(())
    };
    let words = read_csv("data/synonyms.csv", include_str!("../../data/synonyms.csv"), |row: &SynonymRow| {
        ensure!(
            row.synonym == row.synonym.trim().to_lowercase() && !row.synonym.is_empty(),
            "“{}” as it stands",
            row.synonym
        );
        known(&row.noc)
    })?;
    let old =
        read_csv("data/noc2016.csv", include_str!("../../data/noc2016.csv"), |row: &Noc2016Row| known(&row.noc2021))?;
    let listed = read_csv("data/categories.csv", include_str!("../../data/categories.csv"), |row: &ListRow| {
        if row.noc.is_empty() { Ok(()) } else { known(&row.noc) }
    })?;
    store::insert_synonyms(tx, &serde_json::to_string(&words)?).await?;
    store::insert_occupations(tx, &serde_json::to_string(&groups)?).await?;
    store::insert_noc2016_concordance(tx, &serde_json::to_string(&old)?).await?;
    let listed = serde_json::to_string(&listed)?;
    store::insert_categories(tx, &listed).await?;
    store::insert_lists(tx, &listed).await?;
    Ok(())
}

/// Reads a file whose rows are all as `check` wants them; the error names the file and the line.
fn read_csv<T: DeserializeOwned>(file: &str, text: &str, check: impl Fn(&T) -> Result<()>) -> Result<Vec<T>> {
    let mut rows = vec![];
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let head = reader.headers().with_context(|| file.to_owned())?.clone();
    for record in reader.records() {
        let record = record.with_context(|| file.to_owned())?;
        let line = record.position().map_or(0, csv::Position::line);
        let row = record.deserialize(Some(&head)).map_err(Error::from).and_then(|row| check(&row).map(|()| row));
        rows.push(row.with_context(|| format!("{file}, line {line}"))?);
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invalid_row_is_reported_with_file_and_line() {
        let check = |row: &SynonymRow| {
            ensure!(row.noc == "31301", "{} is no occupation", row.noc);
            Ok(())
        };
        let read = |text: &str| read_csv("words.csv", text, check).map(|rows| rows.len()).map_err(|e| format!("{e:#}"));
        assert_eq!(read("synonym,noc\nrn,31301\n"), Ok(1));
        assert_eq!(read("synonym,noc\nrn,31301\ngp,31109\n"), Err("words.csv, line 3: 31109 is no occupation".into()));
        assert!(read("synonym,noc\nrn\n").unwrap_err().starts_with("words.csv"));
        assert!(read("words\nrn\n").unwrap_err().starts_with("words.csv, line 2: "));
    }
}
