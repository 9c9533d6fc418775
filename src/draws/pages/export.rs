//! The whole record, to take away: as a table, as JSON, and what each column means.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::web::Data;
use anyhow::Context;
use askama::Template;
use jiff::civil::Date;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Value, json};

use crate::db::Database;
use crate::draws::pool::{BANDS, Band, BandKind};
use crate::draws::{Draw, DrawKind, RecordAge, record_age, store};
use crate::http::{PageResult, html};
use crate::services::Services;
use crate::web::Layout;

/// A figure of a round under its name: both files, and the page that explains them, are made from these.
struct Column {
    name: String,
    description: String,
    value: Box<dyn Fn(&Draw) -> Value>,
}

fn column(name: &str, meaning: &str, value: impl Fn(&Draw) -> Value + 'static) -> Column {
    Column { name: name.into(), description: meaning.into(), value: Box::new(value) }
}

/// What stands before the pool.
fn draw_columns() -> Vec<Column> {
    vec![
        column("round", "Number of the round, a text: 91 exists only as 91a and 91b.", |d| json!(d.round.to_string())),
        column(
            "date",
            "Day of the draw, in Canada: the true day where the published one is known to be wrong: 2023-06-28.",
            |d| json!(d.date),
        ),
        column(
            "held_at",
            "Instant of the round in UTC: 2023-06-28T14:04:34Z. Nothing where the published one cannot be.",
            |d| json!(d.held_at),
        ),
        column("name", "Name of the round as published.", |d| json!(d.name)),
        column("name_fr", "The same in French.", |d| text(&d.name_fr)),
        column(
            "category",
            "What it was held for: general, cec, pnp, fst, fsw, or the key of a category. Nothing while not yet assigned.",
            |d| json!(d.category),
        ),
        column("kind", "general (everybody), program or category.", |d| json!(d.kind().map(kind_key))),
        column("programs", "Programs covered, as published.", |d| text(&d.programs)),
        column(
            "invitations",
            "Invitations to apply: the true figure where the published one is known to be wrong.",
            |d| json!(d.invitations()),
        ),
        column("invitations_published", "Invitations to apply, as published.", |d| json!(d.invitations_published)),
        column(
            "crs",
            "CRS cut-off, 1 to 1200: the score of the lowest-ranked candidate invited. In draws for provincial nominees it includes the 600 points of the nomination.",
            |d| json!(d.crs),
        ),
        column(
            "tie_break",
            "Tie-break in UTC: of those at the cut-off, profiles submitted before it were invited.",
            |d| json!(d.tie_break),
        ),
        column("held_at_published", "Instant of the round as the publisher typed it.", |d| text(&d.held_at_published)),
        column("tie_break_published", "Tie-break as the publisher typed it.", |d| text(&d.tie_break_published)),
    ]
}

/// What stands after the pool.
fn note_columns() -> Vec<Column> {
    vec![
        column("source", "Where this line of the record comes from.", |d| text(&d.source)),
        column("notes", "What is to be said about it.", |d| text(&d.notes)),
        column("date_published", "Day of the draw, as published.", |d| json!(d.date_published.unwrap_or(d.date))),
    ]
}

const AS_OF: (&str, &str) =
    ("as_of", "Day on which the profiles in the pool were counted. Nothing where no count was published.");

fn pool_columns() -> Vec<Column> {
    let as_of = column(&format!("pool_{}", AS_OF.0), AS_OF.1, |d| json!(d.pool.as_ref().map(|pool| pool.as_of)));
    let bands = BANDS.into_iter().enumerate().map(|(place, band)| {
        let value = move |d: &Draw| json!(d.pool.as_ref().map(|pool| pool.counts[place]));
        column(&format!("pool_{}", band.key), &band_description(band), value)
    });
    std::iter::once(as_of).chain(bands).collect()
}

fn band_description(band: Band) -> String {
    match band.kind {
        BandKind::Total => "All profiles in the pool.".into(),
        BandKind::SubTotal => {
            format!(
                "Profiles with a score of {}: the sum of the five columns after it, not to be added again.",
                band.label
            )
        }
        BandKind::Part | BandKind::Whole => format!("Profiles with a score of {}.", band.label),
    }
}

fn columns() -> Vec<Column> {
    [draw_columns(), pool_columns(), note_columns()].into_iter().flatten().collect()
}

fn kind_key(kind: DrawKind) -> &'static str {
    match kind {
        DrawKind::General => "general",
        DrawKind::Program => "program",
        DrawKind::Category => "category",
    }
}

/// An empty text is one that nobody knows.
fn text(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { json!(text) }
}

/// `GET /draws.csv`: every round, oldest first.
pub async fn csv(services: Data<Services>) -> PageResult {
    let columns = columns();
    let mut writer = csv::Writer::from_writer(vec![]);
    writer.write_record(columns.iter().map(|column| &column.name)).context("the heads of draws.csv")?;
    for draw in oldest_first(&services.db).await? {
        let cells = columns.iter().map(|column| csv_cell(&(column.value)(&draw)));
        writer.write_record(cells).context("a line of draws.csv")?;
    }
    let body = writer.into_inner().map_err(|error| anyhow::anyhow!("draws.csv: {error}"))?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-cache"))
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"express-entry-rounds.csv\""))
        .content_type("text/csv; charset=utf-8")
        .body(body))
}

async fn oldest_first(db: &Database) -> sqlx::Result<Vec<Draw>> {
    let mut draws = store::all(db.read()).await?;
    draws.reverse();
    Ok(draws)
}

fn csv_cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        // What begins like this would be computed by a spreadsheet instead of shown.
        Value::String(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r']) => format!("'{text}"),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Names and values in their own order, which a map would lose.
struct OrderedMap(Vec<(String, Value)>);

impl Serialize for OrderedMap {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// A round with its pool as an object of its own.
struct DrawJson<'a> {
    draw: &'a Draw,
    figures: &'a [Column],
    remarks: &'a [Column],
}

impl Serialize for DrawJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for column in self.figures {
            map.serialize_entry(&column.name, &(column.value)(self.draw))?;
        }
        let pool = self.draw.pool.as_ref().map(|pool| {
            let bands = pool.bands().map(|(band, count)| (band.key.to_owned(), json!(count)));
            OrderedMap(std::iter::once((AS_OF.0.to_owned(), json!(pool.as_of))).chain(bands).collect())
        });
        map.serialize_entry("pool", &pool)?;
        for column in self.remarks {
            map.serialize_entry(&column.name, &(column.value)(self.draw))?;
        }
        map.end()
    }
}

#[derive(serde::Serialize)]
struct DrawsJson<'a> {
    about: String,
    /// The day of the latest draw.
    up_to: Option<Date>,
    columns: OrderedMap,
    rounds: Vec<DrawJson<'a>>,
}

/// `GET /draws.json`: the same, the pool as an object of its own.
pub async fn json(services: Data<Services>) -> PageResult {
    let record_age = record_age(services.db.read(), services.clock.now()).await?;
    let draws = oldest_first(&services.db).await?;
    let (figures, remarks) = (draw_columns(), note_columns());
    let meanings = columns().into_iter().map(|column| {
        let name = column.name.strip_prefix("pool_").map_or(column.name.clone(), |band| format!("pool.{band}"));
        (name, json!(column.description))
    });
    let record = DrawsJson {
        about: format!(
            "Express Entry draws (rounds of invitations){}, oldest first.{} What each column means: {}",
            record_age.as_ref().map(|record_age| format!(" up to {}", record_age.latest_draw.text)).unwrap_or_default(),
            record_age.filter(RecordAge::is_stale).map(|_| " Later draws may be missing.").unwrap_or_default(),
            services.http.base_url.absolute_url("/draws/data")
        ),
        up_to: draws.last().map(|draw| draw.date),
        columns: OrderedMap(meanings.collect()),
        rounds: draws.iter().map(|draw| DrawJson { draw, figures: &figures, remarks: &remarks }).collect(),
    };
    let body = serde_json::to_string(&record).context("draws.json")?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-cache")).content_type("application/json").body(body))
}

#[derive(Template)]
#[template(path = "draws/data_dictionary.html")]
struct DataDictionaryPage {
    layout: Layout,
    columns: Vec<Column>,
    rounds: usize,
    record_age: Option<RecordAge>,
}

/// `GET /draws/data`
pub async fn data(layout: Layout, services: Data<Services>) -> PageResult {
    let rounds = store::all_numbers(services.db.read()).await?.len();
    let record_age = record_age(services.db.read(), services.clock.now()).await?;
    html(StatusCode::OK, &DataDictionaryPage { layout, columns: columns(), rounds, record_age })
}
