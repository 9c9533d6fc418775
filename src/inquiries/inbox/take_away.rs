//! Inquiries to take away: as a table of any length, raw or for a spreadsheet, and one as JSON for a case system.

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::web::{Bytes, Data, Path};
use anyhow::Context;
use csv::Terminator;
use futures_util::stream;
use serde_json::{Map, Value, json};

use crate::clock::Clock;
use crate::db::Database;
use crate::inquiries::inbox::filter::{Asked, Filter, Narrow, kind_key};
use crate::inquiries::inbox::list::{categories, codes_of};
use crate::inquiries::inbox::store;
use crate::inquiries::{Inquiry, store as inquiries};
use crate::mail;
use crate::staff::Desk;
use crate::web::{PageError, PageResult, Query, firm_zone, spreadsheet};

/// Inquiries that are read at once while a table is being taken away.
const AT_ONCE: i64 = 500;

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
    ("age", |i| number_or_typed(i.details.age, &i.details.age_typed)),
    ("program", |i| json!(i.details.program_shown())),
    ("occupation", |i| json!(i.details.occupation)),
    ("noc", |i| json!(i.noc)),
    ("education", |i| json!(i.details.education_shown())),
    ("experience_years", |i| number_or_typed(i.details.experience_years, &i.details.experience_typed)),
    ("english_test", |i| json!(i.details.english_test)),
    ("french_test", |i| json!(i.details.french_test)),
    ("crs", |i| number_or_typed(i.details.crs, &i.details.crs_typed)),
    ("consent_at", |i| json!(i.consent_at.map(jiff_sqlx::Timestamp::to_jiff))),
    ("consent_version", |i| json!(i.consent_version)),
    ("message", |i| json!(i.details.message)),
    ("owner_id", |i| json!(i.owner_id)),
    ("owner", |i| json!(i.owner)),
    ("merged_into", |i| json!(i.merged_into)),
    ("score", |i| json!(i.score)),
    ("doubts", |i| json!(i.doubts)),
    ("held", |i| json!(i.held)),
    ("binned_at", |i| json!(i.binned_at.map(jiff_sqlx::Timestamp::to_jiff))),
];

/// A number, or the answer as typed where the number does not say all of it.
fn number_or_typed(number: Option<i64>, typed: &str) -> Value {
    if typed.is_empty() { json!(number) } else { json!(typed) }
}

/// For whom a table is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// A program, which wants every text as it was typed.
    Raw,
    /// A spreadsheet, which would compute some texts, round some numbers and take other texts for dates.
    Spreadsheet,
}

/// Columns that hold a time.
fn is_time(name: &str) -> bool {
    name.ends_with("_at")
}

fn cell(name: &str, value: &Value, purpose: Purpose) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) if purpose == Purpose::Raw => text.clone(),
        Value::String(text) if is_time(name) => spreadsheet::local_time(text),
        Value::String(text) if name.starts_with("phone") || name.starts_with("whatsapp") => spreadsheet::phone(text),
        Value::String(text) => spreadsheet::text(text),
        other => other.to_string(),
    }
}

/// The head of a column. A spreadsheet shows times in the zone of the offices, and the head names it.
fn head_of(name: &str, purpose: Purpose) -> String {
    match purpose == Purpose::Spreadsheet && is_time(name) {
        true => format!("{name} (Pakistan time)"),
        false => name.to_owned(),
    }
}

/// A table that is being taken away, part by part. Between two parts no connection is held, so that a slow reader keeps
/// nobody waiting; an inquiry that changes meanwhile is told as it is when its part is read, and one that comes meanwhile
/// is told too.
struct Table {
    db: Data<Database>,
    narrow: Narrow,
    words: Option<String>,
    purpose: Purpose,
    last: i64,
    is_first: bool,
}

impl Table {
    /// The next inquiries; nothing once all were told. Of those that hold the words, none of a part may fit.
    async fn next(&mut self) -> sqlx::Result<Option<Vec<Inquiry>>> {
        let db = self.db.read();
        let (ids, found) = match &self.words {
            Some(words) => {
                let ids = store::hits_after(db, words, self.last, AT_ONCE).await?;
                let found = store::fitting(db, &self.narrow, &ids).await?;
                (ids, found)
            }
            None => {
                let found = store::after(db, &self.narrow, self.last, AT_ONCE).await?;
                (found.iter().map(|inquiry| inquiry.id).collect(), found)
            }
        };
        self.last = ids.last().copied().unwrap_or(self.last);
        Ok((!ids.is_empty()).then_some(found))
    }

    async fn next_part(&mut self) -> anyhow::Result<Option<Bytes>> {
        let is_first = std::mem::take(&mut self.is_first);
        let Some(found) = self.next().await? else {
            return is_first.then(|| self.head()).transpose();
        };
        let mut part = if is_first { self.head()?.to_vec() } else { vec![] };
        let mut writer = csv::WriterBuilder::new().terminator(Terminator::CRLF).from_writer(&mut part);
        for inquiry in &found {
            writer.write_record(COLUMNS.map(|(name, value)| cell(name, &value(inquiry), self.purpose)))?;
        }
        writer.flush()?;
        drop(writer);
        Ok(Some(part.into()))
    }

    /// The names of the columns; a spreadsheet knows by the mark before them that this is UTF-8.
    fn head(&self) -> anyhow::Result<Bytes> {
        let mut head = if self.purpose == Purpose::Spreadsheet { "\u{FEFF}".as_bytes().to_vec() } else { vec![] };
        let mut writer = csv::WriterBuilder::new().terminator(Terminator::CRLF).from_writer(&mut head);
        writer.write_record(COLUMNS.map(|(name, _)| head_of(name, self.purpose)))?;
        writer.flush()?;
        drop(writer);
        Ok(head.into())
    }
}

fn deed_of(filter: &Filter) -> &'static str {
    if filter.q.is_empty() { "exported inquiries as CSV" } else { "exported search results as CSV" }
}

/// `GET /admin/inquiries.csv`, narrowed as the list is; `for=spreadsheet` for one that may be opened in a spreadsheet.
pub async fn csv(desk: Desk, asked: Query<Asked>, db: Data<Database>, clock: Data<Clock>) -> PageResult {
    let now = clock.now();
    let filter = Filter::read(&asked.0, desk.member.id);
    let codes = codes_of(&filter, &categories(&db, now).await?);
    let purpose = if asked.0.purpose == "spreadsheet" { Purpose::Spreadsheet } else { Purpose::Raw };
    if filter.words().is_some() {
        desk.searcher.count().map_err(PageError::TooMany)?;
    }
    // The log outlives what it tells of, and what was searched for is mostly a name or a number.
    let (deed, narrowed) = (deed_of(&filter), Filter { q: String::new(), ..filter.clone() });
    desk.note_if_possible(&db, now, deed, &narrowed.address()).await;
    let table = Table {
        narrow: filter.narrow(codes.as_deref(), now),
        words: filter.words(),
        db,
        purpose,
        last: 0,
        is_first: true,
    };
    let parts = stream::unfold(Some(table), |table| async {
        let mut table = table?;
        match table.next_part().await {
            Ok(part) => part.map(|part| (Ok(part), Some(table))),
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "a table of inquiries broke off");
                Some((Err(error), None))
            }
        }
    });
    let name = format!("attachment; filename=\"inquiries-{}.csv\"", now.to_zoned(firm_zone()).strftime("%Y-%m-%d"));
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_DISPOSITION, name))
        .content_type("text/csv; charset=utf-8")
        .streaming(parts))
}

/// `GET /admin/inquiries/{id}.json`: one inquiry with its history and its letters, named as in the tables.
pub async fn json(desk: Desk, id: Path<i64>, db: Data<Database>, clock: Data<Clock>) -> PageResult {
    let inquiry = inquiries::find(db.read(), *id).await?.ok_or(PageError::NotFound)?;
    let events = inquiries::events(db.read(), *id).await?;
    let letters = mail::about_inquiry(db.read(), *id).await?;
    let mut whole: Map<String, Value> =
        COLUMNS.into_iter().map(|(name, value)| (name.to_owned(), value(&inquiry))).collect();
    let event = |event: &inquiries::Event| json!({ "id": event.id, "at": event.at, "actor": event.actor, "kind": event.kind, "note": event.note });
    let letter = |letter: &mail::Outgoing| {
        json!({
            "id": letter.id, "message_id": letter.message_id, "in_reply_to": letter.in_reply_to,
            "recipient": letter.recipient, "subject": letter.subject, "state": letter.state_word(),
            "attempts": letter.attempts, "last_error": letter.last_error, "queued_at": letter.queued_at,
        })
    };
    whole.insert("events".into(), events.iter().map(event).collect());
    whole.insert("letters".into(), letters.iter().map(letter).collect());
    let body = serde_json::to_string(&whole).context("an inquiry as JSON")?;
    desk.note_if_possible(&db, clock.now(), "exported an inquiry as JSON", &inquiry.reference).await;
    Ok(HttpResponse::Ok().content_type("application/json").body(body))
}
