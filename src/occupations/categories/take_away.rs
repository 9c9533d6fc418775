//! The lists of a category, to take away.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::web::{Data, Path};
use anyhow::Context;

use crate::db::Database;
use crate::occupations::categories::show::CategoryQuery;
use crate::occupations::categories::store;
use crate::web::{PageError, PageResult, Query};

/// `GET /categories/{key}.csv?version=`: one version, or all of them, oldest first.
pub async fn csv(key: Path<String>, query: Query<CategoryQuery>, db: Data<Database>) -> PageResult {
    let lines = store::lines(db.read(), &key, &query.0.version).await?;
    let Some(category) = lines.first().map(|line| line.category.clone()) else {
        return Err(PageError::NotFound);
    };
    let mut writer = csv::Writer::from_writer(vec![]);
    for mut line in lines {
        // What begins like this would be computed by a spreadsheet instead of shown.
        if line.version.starts_with(['=', '+', '-', '@']) {
            line.version.insert(0, '\'');
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
