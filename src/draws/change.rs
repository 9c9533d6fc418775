//! A correction in words: which figure changed, from what to what.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::draws::Correction;
use crate::draws::pool::BANDS;
use crate::web::{Day, Instant, grouped};

/// A change of the record, ready to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The day it was noted.
    pub day: Day,
    /// `true number of invitations`
    pub field: String,
    /// What stood there.
    pub before: String,
    /// What stands there since.
    pub after: String,
    /// How we know.
    pub source: String,
}

impl Change {
    /// Puts a correction into words.
    pub fn of(correction: &Correction) -> Self {
        let Correction { field, before, after, source, .. } = correction;
        let (before, after) =
            counts_that_differ(before, after).unwrap_or_else(|| (value(before, "not known"), value(after, "nothing")));
        Self { day: correction.day(), field: field_in_words(field), before, after, source: source.clone() }
    }
}

fn field_in_words(field: &str) -> String {
    match field {
        "date" => "date",
        "held_at" => "instant of the round",
        "held_at_published" => "instant of the round, as published",
        "name" => "name",
        "name_fr" => "French name",
        "category" | "category_key" => "kind of round",
        "programs" => "programs covered",
        "invitations" | "invitations_published" => "published number of invitations",
        "invitations_true" => "true number of invitations",
        "crs" => "CRS cut-off",
        "tie_break" => "tie-break",
        "tie_break_published" => "tie-break, as published",
        "pool" => "pool",
        "pool_as_of" => "day of the pool count",
        "source" => "source",
        "notes" => "notes",
        other => return other.replace('_', " "),
    }
    .into()
}

/// What is stored, as readers are used to see it.
fn value(stored: &str, if_empty: &str) -> String {
    if stored.is_empty() {
        return if_empty.into();
    }
    if let Ok(number) = stored.parse::<i64>() {
        return grouped(number);
    }
    if let Ok(instant) = stored.parse::<Timestamp>() {
        return Instant::utc(instant).text;
    }
    stored.parse::<Date>().map_or_else(|_| stored.to_owned(), |date| Day::from(date).text)
}

/// Of two counts of the pool, the bands in which they differ.
fn counts_that_differ(before: &str, after: &str) -> Option<(String, String)> {
    let read = |json: &str| serde_json::from_str::<BTreeMap<String, i64>>(json).ok();
    let new = read(after)?;
    let old = read(before).unwrap_or_default();
    let differing = || BANDS.iter().filter(|band| old.get(band.key) != new.get(band.key));
    let told = |counts: &BTreeMap<String, i64>| {
        let one = |band: &crate::draws::pool::Band| {
            counts.get(band.key).map(|count| format!("{}: {}", band.label, grouped(*count)))
        };
        let all: Vec<String> = differing().filter_map(one).collect();
        if all.is_empty() { "not known".into() } else { all.join("; ") }
    };
    Some((told(&old), told(&new)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(field: &str, before: &str, after: &str) -> String {
        let change = Change::of(&Correction {
            round: "262".into(),
            field: field.into(),
            before: before.into(),
            after: after.into(),
            corrected_at: "2026-11-22T09:00:00Z".parse().unwrap(),
            corrected_by: "Sheraz".into(),
            source: String::new(),
        });
        format!("{}: {} → {}", change.field, change.before, change.after)
    }

    #[test]
    fn a_change_is_told_as_readers_are_used_to_see_figures() {
        for (field, before, after, told) in [
            ("invitations_true", "681", "888", "true number of invitations: 681 → 888"),
            ("invitations", "", "27332", "published number of invitations: not known → 27,332"),
            (
                "tie_break",
                "2023-08-01T12:59:52Z",
                "2023-07-04T19:36:18Z",
                "tie-break: August 1, 2023, 12:59:52 UTC → July 4, 2023, 19:36:18 UTC",
            ),
            ("held_at", "2025-07-12T10:00:00Z", "", "instant of the round: July 12, 2025, 10:00:00 UTC → nothing"),
            ("date", "2023-04-12", "2023-04-13", "date: April 12, 2023 → April 13, 2023"),
            ("name", "A (2023-1)", "A (Version 1)", "name: A (2023-1) → A (Version 1)"),
            ("pool", "{\"0_300\":1,\"total\":5}", "{\"0_300\":1200,\"total\":5}", "pool: 0–300: 1 → 0–300: 1,200"),
            ("pool", "", "{\"total\":5}", "pool: not known → Total: 5"),
        ] {
            assert_eq!(change(field, before, after), told);
        }
    }
}
