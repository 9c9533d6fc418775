//! Export of inquiries: a filtered list as CSV, raw or for spreadsheets, and one inquiry as JSON.

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::web::{Bytes, Data, Path};
use anyhow::Context;
use csv::Terminator;
use futures_util::stream;
use serde_json::{Map, Value, json};

use crate::db::Database;
use crate::http::{PageError, PageResult};
use crate::inquiries::inbox::filter::{Filter, FilterParams, SqlFilter};
use crate::inquiries::inbox::list::{active_categories, category_codes};
use crate::inquiries::inbox::results::{self, SearchText};
use crate::inquiries::{Inquiry, InquiryState, store as inquiries};
use crate::mail;
use crate::services::Services;
use crate::staff::StaffContext;
use crate::web::{Query, office_time_zone, spreadsheet};

/// Inquiries per chunk of a CSV export.
const CHUNK_SIZE: i64 = 500;

/// Name and value of a column.
type Column = (&'static str, fn(&Inquiry) -> Value);

/// Every column of the table except tokens and hashes.
const COLUMNS: [Column; 37] = [
    ("id", |i| json!(i.id)),
    ("reference", |i| json!(i.reference)),
    ("kind", |i| json!(i.details.kind.as_str())),
    ("state", |i| json!(i.state.as_str())),
    ("received_at", |i| json!(i.received_at)),
    ("state_changed_at", |i| json!(i.state_changed_at)),
    ("visitor_replied_at", |i| json!(i.visitor_replied_at.map(jiff_sqlx::Timestamp::to_jiff))),
    ("version", |i| json!(i.version)),
    ("name", |i| json!(i.details.name)),
    ("email", |i| json!(i.details.email)),
    ("phone", |i| json!(i.details.phone)),
    ("phone_e164", |i| json!(i.phone_e164)),
    ("whatsapp", |i| json!(i.details.whatsapp)),
    ("whatsapp_e164", |i| json!(i.whatsapp_e164)),
    ("residence", |i| json!(i.details.residence)),
    ("citizenship", |i| json!(i.details.citizenship)),
    ("age", |i| number_or_raw(i.details.age, &i.details.age_typed)),
    ("program", |i| json!(i.details.program_shown())),
    ("occupation", |i| json!(i.details.occupation)),
    ("noc", |i| json!(i.noc)),
    ("noc_matched", |i| json!(i.noc_matched)),
    ("education", |i| json!(i.details.education_shown())),
    ("experience_years", |i| number_or_raw(i.details.experience_years, &i.details.experience_typed)),
    ("english_test", |i| json!(i.details.english_test)),
    ("french_test", |i| json!(i.details.french_test)),
    ("crs", |i| number_or_raw(i.details.crs, &i.details.crs_typed)),
    ("consent_at", |i| json!(i.consent_at.map(jiff_sqlx::Timestamp::to_jiff))),
    ("consent_version", |i| json!(i.consent_version)),
    ("message", |i| json!(i.details.message)),
    ("owner_id", |i| json!(i.owner_id)),
    ("owner", |i| json!(i.owner)),
    ("merged_into", |i| json!(i.merged_into)),
    ("spam_score", |i| json!(i.spam_score)),
    ("spam_reasons", |i| json!(i.spam_reasons)),
    ("state_before_spam", |i| json!(i.state_before_spam.map(InquiryState::as_str))),
    ("on_hold", |i| json!(i.on_hold)),
    ("trashed_at", |i| json!(i.trashed_at.map(jiff_sqlx::Timestamp::to_jiff))),
];

/// The number, or the answer as typed if the number alone would lose information.
fn number_or_raw(number: Option<i64>, typed: &str) -> Value {
    if typed.is_empty() { json!(number) } else { json!(typed) }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum CsvFlavor {
    /// For programs: text exactly as stored.
    Raw,
    /// For spreadsheets: prevents text from being read as a formula, number or date.
    Spreadsheet,
}

fn is_time(name: &str) -> bool {
    name.ends_with("_at")
}

fn cell(name: &str, value: &Value, flavor: CsvFlavor) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) if flavor == CsvFlavor::Raw => text.clone(),
        Value::String(text) if is_time(name) => spreadsheet::local_time(text),
        Value::String(text) if name.starts_with("phone") || name.starts_with("whatsapp") => spreadsheet::phone(text),
        Value::String(text) => spreadsheet::text(text),
        other => other.to_string(),
    }
}

/// Spreadsheet exports show times in the office time zone, named in the header.
fn column_header(name: &str, flavor: CsvFlavor) -> String {
    match flavor == CsvFlavor::Spreadsheet && is_time(name) {
        true => format!("{name} (Pakistan time)"),
        false => name.to_owned(),
    }
}

/// CSV export streamed in chunks.
///
/// No database connection is held between chunks, so that slow clients do not block others. Each chunk shows the current data,
/// including inquiries that arrived during the export.
struct CsvExport {
    db: Database,
    sql_filter: SqlFilter,
    search: Option<SearchText>,
    flavor: CsvFlavor,
    last_id: i64,
    is_first: bool,
}

impl CsvExport {
    /// `None` at the end. A batch of search results may be empty, because the filter is applied afterwards.
    async fn next_batch(&mut self) -> sqlx::Result<Option<Vec<Inquiry>>> {
        let db = self.db.read();
        let (ids, found) = match &self.search {
            Some(search) => {
                let ids = results::search_ids_after(db, search, self.last_id, CHUNK_SIZE).await?;
                let found = results::filtered_by_ids(db, &self.sql_filter, &ids).await?;
                (ids, found)
            }
            None => {
                let found = results::filtered_after(db, &self.sql_filter, self.last_id, CHUNK_SIZE).await?;
                (found.iter().map(|inquiry| inquiry.id).collect(), found)
            }
        };
        self.last_id = ids.last().copied().unwrap_or(self.last_id);
        Ok((!ids.is_empty()).then_some(found))
    }

    /// The first chunk starts with the header row, even if there are no inquiries.
    async fn next_chunk(&mut self) -> anyhow::Result<Option<Bytes>> {
        let is_first = std::mem::take(&mut self.is_first);
        let batch = self.next_batch().await?;
        if batch.is_none() && !is_first {
            return Ok(None);
        }
        // Excel detects UTF-8 by the byte order mark.
        let has_bom = is_first && self.flavor == CsvFlavor::Spreadsheet;
        let mut chunk = if has_bom { "\u{FEFF}".as_bytes().to_vec() } else { vec![] };
        let mut writer = csv::WriterBuilder::new().terminator(Terminator::CRLF).from_writer(&mut chunk);
        if is_first {
            writer.write_record(COLUMNS.map(|(name, _)| column_header(name, self.flavor)))?;
        }
        for inquiry in batch.iter().flatten() {
            writer.write_record(COLUMNS.map(|(name, value)| cell(name, &value(inquiry), self.flavor)))?;
        }
        writer.flush()?;
        drop(writer);
        Ok(Some(chunk.into()))
    }
}

/// `GET /admin/inquiries.csv`, with the filter of the inbox; `for=spreadsheet` for spreadsheets.
pub async fn csv(ctx: StaffContext, asked: Query<FilterParams>, services: Data<Services>) -> PageResult {
    let now = services.clock.now();
    let filter = Filter::from_params(&asked.0, ctx.member.id);
    let codes = category_codes(&filter, &active_categories(&services.db, now).await?);
    let flavor = if asked.0.purpose == "spreadsheet" { CsvFlavor::Spreadsheet } else { CsvFlavor::Raw };
    if !filter.q.is_empty() {
        ctx.searcher.check_rate().map_err(PageError::TooManyRequests)?;
    }
    // The search text is mostly a name or a number, and must not outlive the inquiry in the audit log.
    let audited = Filter { q: String::new(), ..filter.clone() };
    let action = if filter.q.is_empty() { "exported inquiries as CSV" } else { "exported search results as CSV" };
    ctx.audit_if_possible(&services.db, now, action, &audited.list_path()).await;
    let sql_filter = filter.to_sql(codes.as_deref(), now);
    let export = CsvExport {
        search: results::effective_search(&services.db, &filter, &sql_filter, now).await?,
        sql_filter,
        db: services.db.clone(),
        flavor,
        last_id: 0,
        is_first: true,
    };
    let chunks = stream::unfold(Some(export), |export| async {
        let mut export = export?;
        match export.next_chunk().await {
            Ok(chunk) => chunk.map(|chunk| (Ok(chunk), Some(export))),
            Err(error) => {
                tracing::error!("CSV export of inquiries failed: {error:#}");
                Some((Err(error), None))
            }
        }
    });
    let name =
        format!("attachment; filename=\"inquiries-{}.csv\"", now.to_zoned(office_time_zone()).strftime("%Y-%m-%d"));
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_DISPOSITION, name))
        .content_type("text/csv; charset=utf-8")
        .streaming(chunks))
}

/// `GET /admin/inquiries/{id}.json`: one inquiry with its history and e-mails.
pub async fn json(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let inquiry = inquiries::find(services.db.read(), *id).await?.ok_or(PageError::NotFound)?;
    let events = inquiries::events(services.db.read(), *id).await?;
    let emails = mail::about_inquiry(services.db.read(), *id).await?;
    let mut document: Map<String, Value> =
        COLUMNS.into_iter().map(|(name, value)| (name.to_owned(), value(&inquiry))).collect();
    let event = |event: &inquiries::Event| json!({ "id": event.id, "at": event.at, "actor": event.actor, "kind": event.kind, "note": event.note });
    let email_json = |email: &mail::OutboxMessage| {
        json!({
            "id": email.id, "message_id": email.message_id, "in_reply_to": email.in_reply_to,
            "recipient": email.recipient, "subject": email.subject, "state": email.state_label(),
            "attempts": email.attempts, "last_error": email.last_error, "queued_at": email.queued_at,
        })
    };
    document.insert("events".into(), events.iter().map(event).collect());
    document.insert("emails".into(), emails.iter().map(email_json).collect());
    let body = serde_json::to_string(&document).context("cannot serialize an inquiry as JSON")?;
    ctx.audit_if_possible(&services.db, services.clock.now(), "exported an inquiry as JSON", &inquiry.reference).await;
    Ok(HttpResponse::Ok().content_type("application/json").body(body))
}
