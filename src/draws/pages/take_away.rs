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

use crate::clock::Clock;
use crate::db::Database;
use crate::draws::pool::{BANDS, Band, BandKind};
use crate::draws::{Draw, Kind, UpTo, store, up_to};
use crate::web::{Layout, PageResult, SiteAddress, html};

/// A figure of a round under its name: both files, and the page that explains them, are made from these.
struct Column {
    name: String,
    meaning: String,
    value: Box<dyn Fn(&Draw) -> Value>,
}

fn column(name: &str, meaning: &str, value: impl Fn(&Draw) -> Value + 'static) -> Column {
    Column { name: name.into(), meaning: meaning.into(), value: Box::new(value) }
}

/// What stands before the pool.
fn figures() -> Vec<Column> {
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
fn remarks() -> Vec<Column> {
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
        column(&format!("pool_{}", band.key), &meaning_of(band), value)
    });
    std::iter::once(as_of).chain(bands).collect()
}

fn meaning_of(band: Band) -> String {
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
    [figures(), pool_columns(), remarks()].into_iter().flatten().collect()
}

fn kind_key(kind: Kind) -> &'static str {
    match kind {
        Kind::General => "general",
        Kind::Program => "program",
        Kind::Category => "category",
    }
}

/// An empty text is one that nobody knows.
fn text(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { json!(text) }
}

/// `GET /draws.csv`: every round, oldest first.
pub async fn csv(db: Data<Database>) -> PageResult {
    let columns = columns();
    let mut writer = csv::Writer::from_writer(vec![]);
    writer.write_record(columns.iter().map(|column| &column.name)).context("the heads of draws.csv")?;
    for draw in oldest_first(&db).await? {
        let cells = columns.iter().map(|column| cell(&(column.value)(&draw)));
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

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        // What begins like this would be computed by a spreadsheet instead of shown.
        Value::String(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r']) => format!("'{text}"),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Names and values in their own order, which a map would lose.
struct Ordered(Vec<(String, Value)>);

impl Serialize for Ordered {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// A round with its pool as an object of its own.
struct Whole<'a> {
    draw: &'a Draw,
    figures: &'a [Column],
    remarks: &'a [Column],
}

impl Serialize for Whole<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for column in self.figures {
            map.serialize_entry(&column.name, &(column.value)(self.draw))?;
        }
        let pool = self.draw.pool.as_ref().map(|pool| {
            let bands = pool.bands().map(|(band, count)| (band.key.to_owned(), json!(count)));
            Ordered(std::iter::once((AS_OF.0.to_owned(), json!(pool.as_of))).chain(bands).collect())
        });
        map.serialize_entry("pool", &pool)?;
        for column in self.remarks {
            map.serialize_entry(&column.name, &(column.value)(self.draw))?;
        }
        map.end()
    }
}

#[derive(serde::Serialize)]
struct Record<'a> {
    about: String,
    /// The day of the latest draw.
    up_to: Option<Date>,
    columns: Ordered,
    rounds: Vec<Whole<'a>>,
}

/// `GET /draws.json`: the same, the pool as an object of its own.
pub async fn json(db: Data<Database>, clock: Data<Clock>, site: Data<SiteAddress>) -> PageResult {
    let up_to = up_to(db.read(), clock.now()).await?;
    let draws = oldest_first(&db).await?;
    let (figures, remarks) = (figures(), remarks());
    let meanings = columns().into_iter().map(|column| {
        let name = column.name.strip_prefix("pool_").map_or(column.name.clone(), |band| format!("pool.{band}"));
        (name, json!(column.meaning))
    });
    let record = Record {
        about: format!(
            "Express Entry draws (rounds of invitations){}, oldest first.{} What each column means: {}",
            up_to.as_ref().map(|up_to| format!(" up to {}", up_to.day.text)).unwrap_or_default(),
            up_to.filter(UpTo::is_old).map(|_| " Later draws may be missing.").unwrap_or_default(),
            site.absolute("/draws/data")
        ),
        up_to: draws.last().map(|draw| draw.date),
        columns: Ordered(meanings.collect()),
        rounds: draws.iter().map(|draw| Whole { draw, figures: &figures, remarks: &remarks }).collect(),
    };
    let body = serde_json::to_string(&record).context("draws.json")?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-cache")).content_type("application/json").body(body))
}

#[derive(Template)]
#[template(path = "draws/data.html")]
struct DataPage {
    layout: Layout,
    columns: Vec<Column>,
    rounds: usize,
    up_to: Option<UpTo>,
}

/// `GET /draws/data`
pub async fn data(layout: Layout, db: Data<Database>, clock: Data<Clock>) -> PageResult {
    let rounds = store::rounds(db.read()).await?.len();
    let up_to = up_to(db.read(), clock.now()).await?;
    html(StatusCode::OK, &DataPage { layout, columns: columns(), rounds, up_to })
}
