//! Inquiries to take away: as a table of any length, raw or for a spreadsheet, and one as JSON for a case system.

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::web::{Bytes, Data, Path};
use anyhow::Context;
use csv::Terminator;
use futures_util::stream;
use serde_json::{Map, Value, json};

use crate::db::Database;
use crate::http::{PageError, PageResult};
use crate::inquiries::inbox::filter::{Filter, FilterParams, SqlFilter, kind_key};
use crate::inquiries::inbox::list::{active_categories, category_codes};
use crate::inquiries::inbox::store;
use crate::inquiries::{Inquiry, store as inquiries};
use crate::mail;
use crate::services::Services;
use crate::staff::StaffContext;
use crate::web::{Query, office_time_zone, spreadsheet};

/// Inquiries that are read at once while a table is being taken away.
const CHUNK_SIZE: i64 = 500;

/// The name of a column, and what stands in it.
type Column = (&'static str, fn(&Inquiry) -> Value);

/// Every column under its name in the table, the secrets and digests left out.
const COLUMNS: [Column; 34] = [
    ("id", |i| json!(i.id)),
    ("reference", |i| json!(i.reference)),
    ("kind", |i| json!(kind_key(i.details.kind))),
    ("state", |i| json!(i.state.as_str())),
    ("received_at", |i| json!(i.received_at)),
    ("state_changed_at", |i| json!(i.state_changed_at)),
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
    ("on_hold", |i| json!(i.on_hold)),
    ("trashed_at", |i| json!(i.trashed_at.map(jiff_sqlx::Timestamp::to_jiff))),
];

/// A number, or the answer as typed where the number does not say all of it.
fn number_or_raw(number: Option<i64>, typed: &str) -> Value {
    if typed.is_empty() { json!(number) } else { json!(typed) }
}

/// For whom a table is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CsvFlavor {
    /// A program, which wants every text as it was typed.
    Raw,
    /// A spreadsheet, which would compute some texts, round some numbers and take other texts for dates.
    Spreadsheet,
}

/// Columns that hold a time.
fn is_time(name: &str) -> bool {
    name.ends_with("_at")
}

fn cell(name: &str, value: &Value, purpose: CsvFlavor) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) if purpose == CsvFlavor::Raw => text.clone(),
        Value::String(text) if is_time(name) => spreadsheet::local_time(text),
        Value::String(text) if name.starts_with("phone") || name.starts_with("whatsapp") => spreadsheet::phone(text),
        Value::String(text) => spreadsheet::text(text),
        other => other.to_string(),
    }
}

/// The head of a column. A spreadsheet shows times in the zone of the offices, and the head names it.
fn column_header(name: &str, purpose: CsvFlavor) -> String {
    match purpose == CsvFlavor::Spreadsheet && is_time(name) {
        true => format!("{name} (Pakistan time)"),
        false => name.to_owned(),
    }
}

/// A table that is being taken away, part by part. Between two parts no connection is held, so that a slow reader keeps
/// nobody waiting; an inquiry that changes meanwhile is told as it is when its part is read, and one that comes meanwhile
/// is told too.
struct CsvExport {
    db: Database,
    sql_filter: SqlFilter,
    fts_query: Option<String>,
    flavor: CsvFlavor,
    last_id: i64,
    is_first: bool,
}

impl CsvExport {
    /// The next inquiries; nothing once all were told. Of those that hold the words, none of a part may fit.
    async fn next_batch(&mut self) -> sqlx::Result<Option<Vec<Inquiry>>> {
        let db = self.db.read();
        let (ids, found) = match &self.fts_query {
            Some(words) => {
                let ids = store::search_ids_after(db, words, self.last_id, CHUNK_SIZE).await?;
                let found = store::filtered_by_ids(db, &self.sql_filter, &ids).await?;
                (ids, found)
            }
            None => {
                let found = store::filtered_after(db, &self.sql_filter, self.last_id, CHUNK_SIZE).await?;
                (found.iter().map(|inquiry| inquiry.id).collect(), found)
            }
        };
        self.last_id = ids.last().copied().unwrap_or(self.last_id);
        Ok((!ids.is_empty()).then_some(found))
    }

    async fn next_chunk(&mut self) -> anyhow::Result<Option<Bytes>> {
        let is_first = std::mem::take(&mut self.is_first);
        let Some(found) = self.next_batch().await? else {
            return is_first.then(|| self.header_row()).transpose();
        };
        let mut part = if is_first { self.header_row()?.to_vec() } else { vec![] };
        let mut writer = csv::WriterBuilder::new().terminator(Terminator::CRLF).from_writer(&mut part);
        for inquiry in &found {
            writer.write_record(COLUMNS.map(|(name, value)| cell(name, &value(inquiry), self.flavor)))?;
        }
        writer.flush()?;
        drop(writer);
        Ok(Some(part.into()))
    }

    /// The names of the columns; a spreadsheet knows by the mark before them that this is UTF-8.
    fn header_row(&self) -> anyhow::Result<Bytes> {
        let mut head = if self.flavor == CsvFlavor::Spreadsheet { "\u{FEFF}".as_bytes().to_vec() } else { vec![] };
        let mut writer = csv::WriterBuilder::new().terminator(Terminator::CRLF).from_writer(&mut head);
        writer.write_record(COLUMNS.map(|(name, _)| column_header(name, self.flavor)))?;
        writer.flush()?;
        drop(writer);
        Ok(head.into())
    }
}

fn audit_action(filter: &Filter) -> &'static str {
    if filter.q.is_empty() { "exported inquiries as CSV" } else { "exported search results as CSV" }
}

/// `GET /admin/inquiries.csv`, narrowed as the list is; `for=spreadsheet` for one that may be opened in a spreadsheet.
pub async fn csv(ctx: StaffContext, asked: Query<FilterParams>, services: Data<Services>) -> PageResult {
    let now = services.clock.now();
    let filter = Filter::from_params(&asked.0, ctx.member.id);
    let codes = category_codes(&filter, &active_categories(&services.db, now).await?);
    let purpose = if asked.0.purpose == "spreadsheet" { CsvFlavor::Spreadsheet } else { CsvFlavor::Raw };
    if filter.fts_query().is_some() {
        ctx.searcher.check_rate().map_err(PageError::TooManyRequests)?;
    }
    // The log outlives what it tells of, and what was searched for is mostly a name or a number.
    let (action, narrowed) = (audit_action(&filter), Filter { q: String::new(), ..filter.clone() });
    ctx.audit_if_possible(&services.db, now, action, &narrowed.list_path()).await;
    let export = CsvExport {
        sql_filter: filter.to_sql(codes.as_deref(), now),
        fts_query: filter.fts_query(),
        db: services.db.clone(),
        flavor: purpose,
        last_id: 0,
        is_first: true,
    };
    let parts = stream::unfold(Some(export), |table| async {
        let mut table = table?;
        match table.next_chunk().await {
            Ok(part) => part.map(|part| (Ok(part), Some(table))),
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "a table of inquiries broke off");
                Some((Err(error), None))
            }
        }
    });
    let name =
        format!("attachment; filename=\"inquiries-{}.csv\"", now.to_zoned(office_time_zone()).strftime("%Y-%m-%d"));
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_DISPOSITION, name))
        .content_type("text/csv; charset=utf-8")
        .streaming(parts))
}

/// `GET /admin/inquiries/{id}.json`: one inquiry with its history and its letters, named as in the tables.
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
    let body = serde_json::to_string(&document).context("an inquiry as JSON")?;
    ctx.audit_if_possible(&services.db, services.clock.now(), "exported an inquiry as JSON", &inquiry.reference).await;
    Ok(HttpResponse::Ok().content_type("application/json").body(body))
}
