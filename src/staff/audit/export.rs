//! Export of the audit log as CSV, with the filter of the page.

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::web::{Bytes, Data};
use csv::Terminator;
use futures_util::stream;

use crate::db::Database;
use crate::http::{PageError, PageResult};
use crate::services::Services;
use crate::staff::StaffContext;
use crate::staff::audit::entry::AuditEntry;
use crate::staff::audit::filter::{AuditFilter, AuditQuery};
use crate::staff::audit::store;
use crate::web::{Query, office_time_zone, spreadsheet};

/// Entries per chunk. No database connection is held between chunks, so that slow clients do not block others.
const CHUNK_SIZE: i64 = 1000;
const HEADER: [&str; 7] = ["time", "user", "address", "action", "subject", "changes", "times"];

struct CsvExport {
    db: Database,
    filter: AuditFilter,
    before_id: i64,
    is_first: bool,
}

impl CsvExport {
    async fn next_chunk(&mut self) -> anyhow::Result<Option<Bytes>> {
        let is_first = std::mem::take(&mut self.is_first);
        let entries = store::before(self.db.read(), &self.filter, self.before_id, CHUNK_SIZE).await?;
        if entries.is_empty() && !is_first {
            return Ok(None);
        }
        self.before_id = entries.last().map_or(self.before_id, |entry| entry.id);
        let mut chunk = vec![];
        let mut writer = csv::WriterBuilder::new().terminator(Terminator::CRLF).from_writer(&mut chunk);
        if is_first {
            writer.write_record(HEADER)?;
        }
        for entry in &entries {
            writer.write_record(record(entry))?;
        }
        writer.flush()?;
        drop(writer);
        Ok(Some(chunk.into()))
    }
}

/// Cells that no spreadsheet reads as a formula.
fn record(entry: &AuditEntry) -> [String; 7] {
    let changes = entry.changes.iter().map(|(field, before, after)| format!("{field}: {before} → {after}"));
    let [actor, action, subject] = [&entry.actor, &entry.action, &entry.subject].map(|text| spreadsheet::text(text));
    let changes = spreadsheet::text(&changes.collect::<Vec<_>>().join("\n"));
    [entry.at.to_string(), actor, entry.address.clone(), action, subject, changes, entry.times.to_string()]
}

/// `GET /admin/audit.csv`
pub async fn csv(ctx: StaffContext, query: Query<AuditQuery>, services: Data<Services>) -> PageResult {
    let filter = query.0.filter().map_err(|_| PageError::BadRequest("Enter dates such as 2026-11-30."))?;
    let now = services.clock.now();
    let subject = if query.0.is_empty() { "all entries".to_owned() } else { query.0.path("/admin/audit") };
    ctx.audit_if_possible(&services.db, now, "exported the audit log as CSV", &subject).await;
    let export = CsvExport { db: services.db.clone(), filter, before_id: i64::MAX, is_first: true };
    let chunks = stream::unfold(Some(export), |export| async {
        let mut export = export?;
        match export.next_chunk().await {
            Ok(chunk) => chunk.map(|chunk| (Ok(chunk), Some(export))),
            Err(error) => {
                tracing::error!("CSV export of the audit log failed: {error:#}");
                Some((Err(error), None))
            }
        }
    });
    let day = now.to_zoned(office_time_zone()).strftime("%Y-%m-%d").to_string();
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"audit-log-{day}.csv\"")))
        .content_type("text/csv; charset=utf-8")
        .streaming(chunks))
}
