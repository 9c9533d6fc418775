//! The lists of a category, to take away.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::web::{Data, Path};
use anyhow::Context;
use serde::Deserialize;

use crate::http::{PageError, PageResult};
use crate::occupations::categories::store;
use crate::services::Services;
use crate::web::{Query, spreadsheet};

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct FileQuery {
    version: String,
    /// `spreadsheet` for a file in which a spreadsheet keeps the zeros of a code; anything else for programs.
    #[serde(rename = "for")]
    purpose: String,
}

/// `GET /categories/{key}.csv?version=&for=`: one version, or all of them, oldest first.
pub async fn csv(key: Path<String>, query: Query<FileQuery>, services: Data<Services>) -> PageResult {
    let FileQuery { version, purpose } = query.0;
    let is_for_spreadsheets = purpose == "spreadsheet";
    let lines = store::csv_rows(services.db.read(), &key, &version).await?;
    let Some(category) = lines.first().map(|line| line.category.clone()) else {
        return Err(PageError::NotFound);
    };
    // A spreadsheet takes a file with this mark for UTF-8.
    let head = if is_for_spreadsheets { "\u{FEFF}".as_bytes().to_vec() } else { vec![] };
    let mut writer = csv::Writer::from_writer(head);
    for mut line in lines {
        // What begins like this would be computed by a spreadsheet instead of shown.
        if line.version.starts_with(['=', '+', '-', '@']) {
            line.version.insert(0, '\'');
        }
        if is_for_spreadsheets {
            line.noc = line.noc.map(|noc| spreadsheet::text(&noc));
        }
        writer.serialize(line).context("a line of a category's file")?;
    }
    let body = writer.into_inner().map_err(|error| anyhow::anyhow!("a category's file: {error}"))?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-cache"))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"express-entry-{category}.csv\"")))
        .content_type("text/csv; charset=utf-8")
        .body(body))
}
