//! CSV export of category lists.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::web::{Data, Path};
use anyhow::Context;
use serde::Deserialize;

use crate::categories::store;
use crate::http::{PageError, PageResult};
use crate::services::Services;
use crate::web::{Query, spreadsheet};

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct FileQuery {
    version: String,
    /// `spreadsheet` keeps the leading zeros of codes in spreadsheet programs; any other value is plain CSV.
    #[serde(rename = "for")]
    purpose: String,
}

/// `GET /categories/{key}.csv?version=&for=`: one version, or all versions, oldest first.
pub async fn csv(key: Path<String>, query: Query<FileQuery>, services: Data<Services>) -> PageResult {
    let FileQuery { version, purpose } = query.0;
    let is_for_spreadsheets = purpose == "spreadsheet";
    let lines = store::csv_rows(services.db.read(), &key, &version).await?;
    let Some(category) = lines.first().map(|line| line.category.clone()) else {
        return Err(PageError::NotFound);
    };
    // Spreadsheet programs need the byte order mark to recognise UTF-8.
    let head = if is_for_spreadsheets { "\u{FEFF}".as_bytes().to_vec() } else { vec![] };
    let mut writer = csv::Writer::from_writer(head);
    for mut line in lines {
        // A spreadsheet would run a value that starts with these characters as a formula.
        if line.version.starts_with(['=', '+', '-', '@']) {
            line.version.insert(0, '\'');
        }
        if is_for_spreadsheets {
            line.noc = line.noc.map(|noc| spreadsheet::text(&noc));
        }
        writer.serialize(line).context("cannot write a CSV row")?;
    }
    let body = writer.into_inner().map_err(|error| anyhow::anyhow!("cannot finish the CSV file: {error}"))?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-cache"))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"express-entry-{category}.csv\"")))
        .content_type("text/csv; charset=utf-8")
        .body(body))
}
