//! Occupations and synonyms of a new site, from `data/noc2021.csv`, `data/synonyms.csv` and `data/noc2016.csv`.

use std::collections::HashSet;

use anyhow::{Context, Error, Result, ensure};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;

use crate::noc::NocCode;
use crate::occupations::store;

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

/// Lower-case synonym.
#[derive(Deserialize, Serialize)]
struct SynonymRow {
    synonym: String,
    noc: String,
}

/// NOC 2016 unit group and one of 2021 that replaced it.
#[derive(Deserialize, Serialize)]
struct Noc2016Row {
    noc2016: String,
    title_2016: String,
    noc2021: String,
}

/// Inserts the 516 unit groups, their synonyms and the NOC 2016 concordance.
pub async fn seed(tx: &mut SqliteConnection) -> Result<()> {
    let groups: Vec<OccupationRow> =
        read_csv("data/noc2021.csv", include_str!("../../data/noc2021.csv"), |group: &OccupationRow| {
            let code = group.code.parse::<NocCode>().with_context(|| group.code.clone())?;
            let digits = format!("{}{}", group.broad_category, group.teer);
            ensure!(code.as_str().starts_with(&digits), "{code} does not start with its broad category and TEER");
            Ok(())
        })?;
    let codes: HashSet<&str> = groups.iter().map(|group| group.code.as_str()).collect();
    let known = |noc: &str| {
        ensure!(codes.contains(noc), "{noc} is not an occupation");
        Ok(())
    };
    let words = read_csv("data/synonyms.csv", include_str!("../../data/synonyms.csv"), |row: &SynonymRow| {
        ensure!(
            row.synonym == row.synonym.trim().to_lowercase() && !row.synonym.is_empty(),
            "“{}” is not trimmed lower case",
            row.synonym
        );
        known(&row.noc)
    })?;
    let old =
        read_csv("data/noc2016.csv", include_str!("../../data/noc2016.csv"), |row: &Noc2016Row| known(&row.noc2021))?;
    store::insert_synonyms(tx, &serde_json::to_string(&words)?).await?;
    store::insert_occupations(tx, &serde_json::to_string(&groups)?).await?;
    store::insert_noc2016_concordance(tx, &serde_json::to_string(&old)?).await?;
    Ok(())
}

/// Parses and checks all rows. An error names the file and the line.
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
            ensure!(row.noc == "31301", "{} is not an occupation", row.noc);
            Ok(())
        };
        let read = |text: &str| read_csv("words.csv", text, check).map(|rows| rows.len()).map_err(|e| format!("{e:#}"));
        assert_eq!(read("synonym,noc\nrn,31301\n"), Ok(1));
        assert_eq!(
            read("synonym,noc\nrn,31301\ngp,31109\n"),
            Err("words.csv, line 3: 31109 is not an occupation".into())
        );
        assert!(read("synonym,noc\nrn\n").unwrap_err().starts_with("words.csv"));
        assert!(read("words\nrn\n").unwrap_err().starts_with("words.csv, line 2: "));
    }
}
