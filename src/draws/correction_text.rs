//! A correction in words: which figure changed, from what to what.

use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::SqliteExecutor;

use crate::draws::pool::BANDS;
use crate::draws::{Correction, store};
use crate::web::{DisplayDate, DisplayTime, with_thousands};

/// A change of one figure, ready to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeText {
    /// `true number of invitations`
    pub field: String,
    /// What stood there; `not known` where nothing did.
    pub before: String,
    /// What stands there since.
    pub after: String,
}

/// A correction of the record, ready to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorrectionText {
    /// Of which round.
    pub round: String,
    /// When it was noted.
    pub at: Timestamp,
    /// The day it was noted.
    pub day: DisplayDate,
    /// What changed.
    pub text: ChangeText,
    /// Whether nothing stood there before, so that nothing was wrong.
    pub is_addition: bool,
    /// Who noted it.
    pub by: String,
    /// How we know.
    pub source: String,
}

impl ChangeText {
    /// Puts a change into words; `field` is the column.
    pub fn of(field: &str, before: &str, after: &str) -> Self {
        if field == "pool_as_of" && after.is_empty() {
            let counted = format!("counted on {}", format_value(before, "a day that is not known"));
            return Self { field: "pool".into(), before: counted, after: "nothing".into() };
        }
        Self {
            field: field_label(field),
            before: format_value(before, "not known"),
            after: format_value(after, "nothing"),
        }
    }
}

/// Whether a change has a line of its own: a pool that is taken out as a whole is told once, with its date.
pub fn is_listed_separately(field: &str, after: &str) -> bool {
    !after.is_empty() || !field.starts_with("pool_") || field == "pool_as_of"
}

impl CorrectionText {
    /// The corrections in words, each in one line.
    pub fn all(corrections: &[Correction]) -> Vec<Self> {
        corrections.iter().filter(|one| is_listed_separately(&one.field, &one.after)).map(Self::of).collect()
    }

    /// Puts a correction into words.
    pub fn of(correction: &Correction) -> Self {
        Self {
            round: correction.round.clone(),
            at: correction.corrected_at,
            day: correction.day(),
            text: ChangeText::of(&correction.field, &correction.before, &correction.after),
            is_addition: correction.before.is_empty(),
            by: correction.corrected_by.clone(),
            source: to_sentence(&correction.source),
        }
    }
}

/// Corrections of figures of these rounds after `since`: what somebody who read them then should know. Oldest first.
pub async fn corrections_since(
    db: impl SqliteExecutor<'_>,
    rounds: &[String],
    since: Timestamp,
) -> sqlx::Result<Vec<CorrectionText>> {
    const FIGURES: [&str; 6] = ["date", "held_at", "invitations", "invitations_corrected", "crs", "tie_break"];
    let corrections = store::corrections_since(db, rounds, since).await?;
    let was_wrong =
        |correction: &&Correction| FIGURES.contains(&correction.field.as_str()) && !correction.before.is_empty();
    Ok(corrections.iter().filter(was_wrong).map(CorrectionText::of).collect())
}

fn field_label(field: &str) -> String {
    match field {
        "date_published" => "published date",
        "held_at" => "instant of the round",
        "name_fr" => "French name",
        "programs" => "programs covered",
        "invitations" => "published number of invitations",
        "invitations_corrected" => "true number of invitations",
        "crs" => "CRS cut-off",
        "category_key" => "category",
        "tie_break" => "tie-break",
        "pool_as_of" => "day of the pool count",
        other => {
            let band = BANDS.iter().find(|band| band.column == other);
            return band.map_or_else(|| other.to_owned(), |band| format!("pool, {}", band.label));
        }
    }
    .into()
}

/// Additions of a day in one line, the pool as one: `tie-break, pool`. What only the admin area needs is left out.
pub fn additions(corrections: &[Correction]) -> Vec<(DisplayDate, String)> {
    let mut days: Vec<(DisplayDate, Vec<String>)> = vec![];
    for correction in corrections.iter().filter(|correction| correction.before.is_empty()) {
        let what = match correction.field.as_str() {
            "name_fr" | "notes" | "category_key" => continue,
            pool if pool.starts_with("pool_") => "pool".to_owned(),
            other => field_label(other),
        };
        let day = correction.day();
        match days.last_mut().filter(|(last, _)| *last == day) {
            Some((_, all)) if all.contains(&what) => {}
            Some((_, all)) => all.push(what),
            None => days.push((day, vec![what])),
        }
    }
    days.into_iter().map(|(day, all)| (day, all.join(", "))).collect()
}

/// A source as a sentence of its own.
fn to_sentence(source: &str) -> String {
    let mut chars = source.trim().chars();
    let Some(first) = chars.next() else { return String::new() };
    let text = first.to_uppercase().chain(chars).collect::<String>();
    if text.ends_with(['.', '!', '?']) { text } else { format!("{text}.") }
}

/// What is stored, as readers are used to see it.
fn format_value(stored: &str, if_empty: &str) -> String {
    if stored.is_empty() {
        return if_empty.into();
    }
    if let Ok(number) = stored.parse::<i64>() {
        return with_thousands(number);
    }
    if let Ok(instant) = stored.parse::<Timestamp>() {
        return DisplayTime::utc(instant).text;
    }
    stored.parse::<Date>().map_or_else(|_| stored.to_owned(), |date| DisplayDate::from(date).text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(field: &str, before: &str, after: &str) -> String {
        let words = ChangeText::of(field, before, after);
        format!("{}: {} → {}", words.field, words.before, words.after)
    }

    #[test]
    fn corrections_show_formatted_values() {
        for (field, before, after, told) in [
            ("invitations_corrected", "681", "888", "true number of invitations: 681 → 888"),
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
            ("pool_491_500", "1", "1200", "pool, 491–500: 1 → 1,200"),
        ] {
            assert_eq!(change(field, before, after), told);
        }
    }
}
