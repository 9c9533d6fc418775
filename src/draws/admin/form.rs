//! Form of the draw editor, and its conversion to a draw.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;

use crate::draws::draw::{MAX_NAME_LEN, MAX_PROGRAMS_LEN};
use crate::draws::import::fields::parse_count;
use crate::draws::pool::BANDS;
use crate::draws::validation::is_within_a_day;
use crate::draws::{Draw, DrawNumber, Pool};
use crate::web::{
    DisplayTime, FieldErrors, ascii_digits, multi_line, one_line, parse_entered_date, parse_timestamp, with_thousands,
};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct DrawForm {
    #[serde(deserialize_with = "one_line")]
    pub round: String,
    #[serde(deserialize_with = "one_line")]
    pub date: String,
    #[serde(deserialize_with = "one_line")]
    pub date_published: String,
    #[serde(deserialize_with = "one_line")]
    pub held_at: String,
    #[serde(deserialize_with = "one_line")]
    pub name: String,
    #[serde(deserialize_with = "one_line")]
    pub name_fr: String,
    pub category: String,
    #[serde(deserialize_with = "one_line")]
    pub programs: String,
    #[serde(deserialize_with = "one_line")]
    pub invitations: String,
    #[serde(deserialize_with = "one_line")]
    pub invitations_corrected: String,
    #[serde(deserialize_with = "one_line")]
    pub crs: String,
    #[serde(deserialize_with = "one_line")]
    pub tie_break: String,
    #[serde(deserialize_with = "one_line")]
    pub pool_as_of: String,
    #[serde(deserialize_with = "one_line")]
    pub source: String,
    #[serde(deserialize_with = "multi_line")]
    pub notes: String,
    #[serde(deserialize_with = "one_line")]
    pub reason: String,
    pub fingerprint: String,
    #[serde(flatten)]
    pub pool: BTreeMap<String, String>,
}

impl DrawForm {
    const FIELDS: [&'static str; 16] = [
        "reason",
        "round",
        "date",
        "date_published",
        "held_at",
        "name",
        "name_fr",
        "category",
        "programs",
        "invitations",
        "invitations_corrected",
        "crs",
        "tie_break",
        "pool_as_of",
        "source",
        "notes",
    ];

    pub fn of(draw: &Draw) -> Self {
        let instant =
            |at: Option<Timestamp>, typed: &str| at.map_or_else(|| typed.to_owned(), |at| DisplayTime::utc(at).text);
        let pool = draw
            .pool
            .as_ref()
            .map(|pool| pool.bands().map(|(band, count)| (band.column.to_owned(), with_thousands(count))).collect());
        Self {
            round: draw.round.to_string(),
            date: draw.date.to_string(),
            date_published: draw.date_published.map(|day| day.to_string()).unwrap_or_default(),
            held_at: instant(draw.held_at, &draw.held_at_published),
            name: draw.name.clone(),
            name_fr: draw.name_fr.clone(),
            category: draw.category.clone().unwrap_or_default(),
            programs: draw.programs.clone(),
            invitations: with_thousands(draw.invitations_published),
            invitations_corrected: draw.invitations_corrected.map(with_thousands).unwrap_or_default(),
            crs: draw.crs.to_string(),
            tie_break: instant(draw.tie_break, &draw.tie_break_published),
            pool_as_of: draw.pool.as_ref().map(|pool| pool.as_of.to_string()).unwrap_or_default(),
            pool: pool.unwrap_or_default(),
            notes: draw.notes.clone(),
            ..Self::default()
        }
    }

    /// Entered count of a pool band.
    pub fn band(&self, column: &str) -> &str {
        self.pool.get(column).map_or("", |typed| typed.trim())
    }

    /// Converts the form to a draw. `before` is the draw that it replaces.
    pub fn parse(&self, before: Option<&Draw>) -> Result<Draw, FieldErrors> {
        let mut errors = FieldErrors::in_order(&Self::FIELDS);
        let round = self.round.trim().to_lowercase().parse::<DrawNumber>();
        if round.is_err() {
            errors.add("round", "Enter the draw number, such as 448 or 91a.");
        }
        let date = parse_entered_date(&self.date);
        if date.is_none() {
            errors.add("date", "Enter the date of the draw, such as October 1, 2026.");
        }
        let date_published = parse_entered_date(&self.date_published);
        if date_published.is_none() && !self.date_published.trim().is_empty() {
            errors.add(
                "date_published",
                "Enter a date, such as October 1, 2026, or leave this empty if the published date is right.",
            );
        }
        if self.name.trim().is_empty() {
            errors.add("name", "Enter the name of the draw as published.");
        }
        let invitations = parse_number(&self.invitations);
        if invitations.is_none() {
            errors.add("invitations", "Enter the number of invitations, such as 4,500.");
        }
        let corrected = parse_optional_number(&self.invitations_corrected);
        if corrected.is_none() {
            errors.add(
                "invitations_corrected",
                "Enter a whole number, or leave this empty if the published number is right.",
            );
        }
        let crs = parse_number(&self.crs);
        if crs.is_none() {
            errors.add("crs", "Enter the CRS cut-off as a whole number, such as 476.");
        }
        if self.source.trim().is_empty() {
            errors.add("source", "Enter the source of the figures.");
        }
        let texts = [
            ("name", &self.name, MAX_NAME_LEN),
            ("name_fr", &self.name_fr, MAX_NAME_LEN),
            ("programs", &self.programs, MAX_PROGRAMS_LEN),
            ("source", &self.source, 500),
            ("reason", &self.reason, 500),
            ("notes", &self.notes, 2000),
        ];
        for (field, typed, most) in texts {
            if typed.chars().count() > most {
                errors.add(field, format!("This must be {most} characters or fewer."));
            }
        }
        let day = date.unwrap_or_default();
        let published = |text: fn(&Draw) -> &String| before.map_or("", |old| text(old));
        let held_at =
            parse_instant_field("held_at", &self.held_at, published(|old| &old.held_at_published), day, &mut errors);
        let tie_break = parse_instant_field(
            "tie_break",
            &self.tie_break,
            published(|old| &old.tie_break_published),
            day,
            &mut errors,
        );
        let pool = self.parse_pool(&mut errors);
        let (Ok(round), Some(date), Some(invitations), Some(corrected), Some(crs), true) =
            (round, date, invitations, corrected, crs, errors.is_empty())
        else {
            return Err(errors);
        };
        let kept = |typed: &str, at: Option<Timestamp>, old: Option<(Option<Timestamp>, &str)>| match old {
            // The published spelling is kept as long as it means the same time.
            Some((old_at, old_typed)) if old_at == at && at.is_some() => old_typed.to_owned(),
            _ => typed.trim().to_owned(),
        };
        Ok(Draw {
            round,
            date,
            date_published: date_published.filter(|day| *day != date),
            held_at: held_at.filter(|at| is_within_a_day(*at, date)),
            held_at_published: kept(
                &self.held_at,
                held_at,
                before.map(|old| (old.held_at, old.held_at_published.as_str())),
            ),
            name: self.name.trim().to_owned(),
            name_fr: self.name_fr.trim().to_owned(),
            category: Some(self.category.trim().to_owned()).filter(|key| !key.is_empty()),
            programs: self.programs.trim().to_owned(),
            invitations_published: invitations,
            invitations_corrected: corrected.filter(|corrected| *corrected != invitations),
            crs,
            tie_break,
            tie_break_published: kept(
                &self.tie_break,
                tie_break,
                before.map(|old| (old.tie_break, old.tie_break_published.as_str())),
            ),
            pool,
            source: before.map_or_else(|| self.source.trim().to_owned(), |old| old.source.clone()),
            notes: self.notes.trim().to_owned(),
        })
    }

    fn parse_pool(&self, errors: &mut FieldErrors) -> Option<Pool> {
        let typed = BANDS.map(|band| self.band(band.column));
        if typed.iter().all(|typed| typed.is_empty()) && self.pool_as_of.trim().is_empty() {
            return None;
        }
        let as_of = parse_entered_date(&self.pool_as_of);
        if as_of.is_none() {
            errors.add("pool_as_of", "Enter the date of the pool count.");
        }
        let mut counts = [0; 18];
        for ((into, typed), band) in counts.iter_mut().zip(typed).zip(BANDS) {
            match parse_number(typed) {
                Some(read) => *into = read,
                None => errors
                    .add("pool_as_of", format!("Enter a number for every band of the pool; {} has none.", band.label)),
            }
        }
        Some(Pool { as_of: as_of?, counts })
    }
}

/// Accepts a time that cannot be parsed only if it is the published text, unchanged.
fn parse_instant_field(
    field: &'static str,
    typed: &str,
    published: &str,
    day: Date,
    errors: &mut FieldErrors,
) -> Option<Timestamp> {
    let plain = ascii_digits(typed.trim());
    let read = parse_timestamp(&plain, day);
    if read.is_none() && !plain.is_empty() && typed.trim() != published {
        errors.add(
            field,
            "Enter the date and time to the second in UTC, such as October 1, 2026 at 14:05:33 UTC, or leave this empty.",
        );
    }
    read
}

fn parse_number(typed: &str) -> Option<i64> {
    parse_count(&ascii_digits(typed.trim()))
}

/// Returns `Some(None)` if the field is empty and `None` if it is not a number.
#[expect(clippy::option_option, reason = "an empty field differs from an invalid number")]
fn parse_optional_number(typed: &str) -> Option<Option<i64>> {
    if typed.trim().is_empty() { Some(None) } else { parse_number(typed).map(Some) }
}
