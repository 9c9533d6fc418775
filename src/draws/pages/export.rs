//! Download of the record as CSV and JSON, and the description of its columns.

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

/// Column of both files and of the page that describes them.
struct Column {
    name: String,
    description: String,
    value: Box<dyn Fn(&Draw) -> Value>,
}

fn column(name: &str, description: &str, value: impl Fn(&Draw) -> Value + 'static) -> Column {
    Column { name: name.into(), description: description.into(), value: Box::new(value) }
}

/// Columns before the pool.
fn draw_columns() -> Vec<Column> {
    vec![
        column("round", "Number of the draw, as text: 91 exists only as 91a and 91b.", |d| json!(d.round.to_string())),
        column(
            "date",
            "Date of the draw in Canada, such as 2023-06-28; corrected if the published date is known to be wrong.",
            |d| json!(d.date),
        ),
        column(
            "held_at",
            "Time of the draw in UTC, such as 2023-06-28T14:04:34Z. Empty if the published time is impossible or missing.",
            |d| json!(d.held_at),
        ),
        column("name", "Name of the draw as published.", |d| json!(d.name)),
        column("name_fr", "Name of the draw in French, as published.", |d| text(&d.name_fr)),
        column(
            "category",
            "Draw type: general, cec, pnp, fst, fsw, or the key of a category. Empty if not yet assigned.",
            |d| json!(d.category),
        ),
        column("kind", "Kind of draw: general (all programs), program or category.", |d| json!(d.kind().map(kind_key))),
        column("programs", "Programs covered, as published.", |d| text(&d.programs)),
        column("invitations", "Invitations to apply; corrected if the published number is known to be wrong.", |d| {
            json!(d.invitations())
        }),
        column("invitations_published", "Invitations to apply, as published.", |d| json!(d.invitations_published)),
        column(
            "crs",
            "CRS cut-off, 1 to 1200: the score of the lowest-ranked candidate invited. For provincial nominees, it includes 600 points for the nomination.",
            |d| json!(d.crs),
        ),
        column(
            "tie_break",
            "Tie-break in UTC: of the candidates at the cut-off, those with a profile submitted before this time were invited.",
            |d| json!(d.tie_break),
        ),
        column("held_at_published", "Time of the draw as published.", |d| text(&d.held_at_published)),
        column("tie_break_published", "Tie-break as published.", |d| text(&d.tie_break_published)),
    ]
}

/// Columns after the pool.
fn note_columns() -> Vec<Column> {
    vec![
        column("source", "Source of this row.", |d| text(&d.source)),
        column("notes", "Notes on this draw.", |d| text(&d.notes)),
        column("date_published", "Date of the draw, as published.", |d| json!(d.date_published.unwrap_or(d.date))),
    ]
}

const AS_OF: (&str, &str) =
    ("as_of", "Date on which the profiles in the pool were counted. Empty if no count was published.");

fn pool_columns() -> Vec<Column> {
    let as_of = column(&format!("pool_{}", AS_OF.0), AS_OF.1, |d| json!(d.pool.as_ref().map(|pool| pool.as_of)));
    let bands = BANDS.into_iter().enumerate().map(|(index, band)| {
        let value = move |d: &Draw| json!(d.pool.as_ref().map(|pool| pool.counts[index]));
        column(&format!("pool_{}", band.key), &band_description(band), value)
    });
    std::iter::once(as_of).chain(bands).collect()
}

fn band_description(band: Band) -> String {
    match band.kind {
        BandKind::Total => "All profiles in the pool.".into(),
        BandKind::SubTotal => {
            format!(
                "Profiles with a score of {}: the subtotal of the next five columns. Don’t add it to the total.",
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

/// Empty text means unknown.
fn text(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { json!(text) }
}

/// `GET /draws.csv`: all draws, oldest first.
pub async fn csv(services: Data<Services>) -> PageResult {
    let columns = columns();
    let mut writer = csv::Writer::from_writer(vec![]);
    writer.write_record(columns.iter().map(|column| &column.name)).context("header of draws.csv")?;
    for draw in oldest_first(&services.db).await? {
        let cells = columns.iter().map(|column| csv_cell(&(column.value)(&draw)));
        writer.write_record(cells).context("row of draws.csv")?;
    }
    let body = writer.into_inner().map_err(|error| anyhow::anyhow!("draws.csv: {error}"))?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-cache"))
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"express-entry-draws.csv\""))
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
        // Spreadsheets would evaluate text that starts with these characters as a formula.
        Value::String(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r']) => format!("'{text}"),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Object that serializes its entries in the given order.
struct OrderedMap(Vec<(String, Value)>);

impl Serialize for OrderedMap {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// Draw with its pool as a nested object.
struct DrawJson<'a> {
    draw: &'a Draw,
    before_pool: &'a [Column],
    after_pool: &'a [Column],
}

impl Serialize for DrawJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for column in self.before_pool {
            map.serialize_entry(&column.name, &(column.value)(self.draw))?;
        }
        let pool = self.draw.pool.as_ref().map(|pool| {
            let bands = pool.bands().map(|(band, count)| (band.key.to_owned(), json!(count)));
            OrderedMap(std::iter::once((AS_OF.0.to_owned(), json!(pool.as_of))).chain(bands).collect())
        });
        map.serialize_entry("pool", &pool)?;
        for column in self.after_pool {
            map.serialize_entry(&column.name, &(column.value)(self.draw))?;
        }
        map.end()
    }
}

#[derive(serde::Serialize)]
struct DrawsJson<'a> {
    about: String,
    up_to: Option<Date>,
    columns: OrderedMap,
    rounds: Vec<DrawJson<'a>>,
}

/// `GET /draws.json`: all draws, oldest first, with the pool as a nested object.
pub async fn json(services: Data<Services>) -> PageResult {
    let record_age = record_age(services.db.read(), services.clock.now()).await?;
    let draws = oldest_first(&services.db).await?;
    let (before_pool, after_pool) = (draw_columns(), note_columns());
    let descriptions = columns().into_iter().map(|column| {
        let name = column.name.strip_prefix("pool_").map_or(column.name.clone(), |band| format!("pool.{band}"));
        (name, json!(column.description))
    });
    let record = DrawsJson {
        about: format!(
            "Express Entry draws{}, oldest first.{} Column descriptions: {}",
            record_age.as_ref().map(|record_age| format!(" up to {}", record_age.latest_draw.text)).unwrap_or_default(),
            record_age.filter(RecordAge::is_stale).map(|_| " Later draws may be missing.").unwrap_or_default(),
            services.http.base_url.absolute_url("/draws/data")
        ),
        up_to: draws.last().map(|draw| draw.date),
        columns: OrderedMap(descriptions.collect()),
        rounds: draws
            .iter()
            .map(|draw| DrawJson { draw, before_pool: &before_pool, after_pool: &after_pool })
            .collect(),
    };
    let body = serde_json::to_string(&record).context("draws.json")?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-cache")).content_type("application/json").body(body))
}

#[derive(Template)]
#[template(path = "draws/data_dictionary.html")]
struct DataDictionaryPage {
    layout: Layout,
    columns: Vec<Column>,
    draws: usize,
    record_age: Option<RecordAge>,
}

/// `GET /draws/data`
pub async fn data(layout: Layout, services: Data<Services>) -> PageResult {
    let draws = store::all_numbers(services.db.read()).await?.len();
    let record_age = record_age(services.db.read(), services.clock.now()).await?;
    html(StatusCode::OK, &DataDictionaryPage { layout, columns: columns(), draws, record_age })
}
