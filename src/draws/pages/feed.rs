//! Atom feed of the latest draws.

use std::collections::HashMap;

use actix_web::web::Data;
use askama::Template;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;

use crate::draws::category::category_names;
use crate::draws::{Draw, RecordAge, record_age, store};
use crate::http::{PageError, PageResult, xml};
use crate::services::Services;
use crate::web::{DisplayTime, Layout, Query, plural};

#[derive(Template)]
#[template(path = "draws/feed.xml")]
struct Feed {
    layout: Layout,
    id: String,
    title: String,
    subtitle: String,
    draws_url: String,
    updated: Timestamp,
    entries: Vec<FeedEntry>,
}

struct FeedEntry {
    id: String,
    title: String,
    address: String,
    published: Timestamp,
    updated: Timestamp,
    summary: String,
    body: String,
}

#[derive(Template)]
#[template(path = "draws/feed_entry.html")]
struct EntryBody<'a> {
    draw: &'a Draw,
}

/// Number of draws in the feed: about half a year in the busiest year.
const FEED_LEN: i64 = 50;

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct FeedQuery {
    /// Draw type; empty for all.
    category: String,
}

/// `GET /draws/feed.atom?category=`
pub async fn feed(mut layout: Layout, query: Query<FeedQuery>, services: Data<Services>) -> PageResult {
    let category = query.0.category;
    let names = category_names(services.db.read()).await?;
    let name = names.iter().find(|name| name.key == category).map(|name| name.name.clone());
    if name.is_none() && !category.is_empty() {
        return Err(PageError::NotFound);
    }
    let draws = store::newest(services.db.read(), &category, FEED_LEN).await?;
    let mut draws_url = layout.absolute_url("/draws");
    let mut id = layout.firm.permanent_id("feed", "draws");
    if name.is_some() {
        layout.canonical = format!("{}?category={category}", layout.canonical);
        draws_url = format!("{draws_url}?category={category}");
        id = layout.firm.permanent_id("feed", &format!("draws/{category}"));
    }
    // Corrections are oldest first, so that the latest of each draw wins.
    let corrected: HashMap<String, Timestamp> = store::all_corrections(services.db.read())
        .await?
        .into_iter()
        .map(|correction| (correction.round, correction.corrected_at))
        .collect();
    let mut entries = vec![];
    for draw in &draws {
        let published = published_at(draw);
        let round = draw.round.to_string();
        let figures = format!("{}, CRS {}", plural(draw.invitations(), "invitation", "invitations"), draw.crs);
        entries.push(FeedEntry {
            title: format!("Draw {round}: {}: {figures}", draw.name),
            id: layout.firm.permanent_id("draw", &round),
            address: services.http.base_url.absolute_url(&format!("/draws/{round}")),
            published,
            updated: corrected.get(&round).copied().unwrap_or(published),
            summary: summary(draw),
            body: EntryBody { draw }.render()?,
        });
    }
    let updated = entries.iter().map(|entry| entry.updated).max().unwrap_or(Timestamp::UNIX_EPOCH);
    let subtitle = subtitle(record_age(services.db.read(), services.clock.now()).await?.as_ref());
    let title = name.map_or_else(|| "Express Entry draws".into(), |name| format!("Express Entry draws: {name}"));
    let feed = Feed { layout, id, title, subtitle, draws_url, updated, entries };
    xml("application/atom+xml; charset=utf-8", &feed)
}

fn subtitle(record_age: Option<&RecordAge>) -> String {
    let Some(record_age) = record_age else {
        return "Express Entry draws, newest first".into();
    };
    let day = &record_age.latest_draw.text;
    let missing = if record_age.is_stale() {
        format!(". The latest draw is {} old; later draws may be missing", record_age.days_text())
    } else {
        String::new()
    };
    format!("Express Entry draws up to {day}, newest first{missing}")
}

/// Time of the draw, or midnight UTC if it is not known.
fn published_at(draw: &Draw) -> Timestamp {
    let midnight = || draw.date.to_zoned(TimeZone::UTC).map_or(Timestamp::UNIX_EPOCH, |zoned| zoned.timestamp());
    draw.held_at.unwrap_or_else(midnight)
}

fn summary(draw: &Draw) -> String {
    let tie_break = draw.tie_break.map_or_else(|| draw.missing_tie_break_text(), |at| DisplayTime::utc_minute(at).text);
    format!(
        "{}: {}, CRS cut-off {}. Tie-break: {tie_break}.",
        draw.day().text,
        plural(draw.invitations(), "invitation", "invitations"),
        draw.crs
    )
}
