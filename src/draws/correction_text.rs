//! Text of corrections: which figure changed, from which value to which.

use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::SqliteExecutor;

use crate::draws::pool::BANDS;
use crate::draws::{Correction, store};
use crate::web::{DisplayDate, DisplayTime, with_thousands};

/// Change of one field, formatted for display.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeText {
    pub field: String,
    pub before: String,
    pub after: String,
}

/// Correction of the record, formatted for display.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorrectionText {
    pub round: String,
    pub at: Timestamp,
    pub day: DisplayDate,
    pub text: ChangeText,
    pub is_addition: bool,
    pub by: String,
    pub source: String,
}

impl ChangeText {
    /// Formats a change; `field` is the column name.
    pub fn of(field: &str, before: &str, after: &str) -> Self {
        if field == "pool_as_of" && after.is_empty() {
            let counted = format!("counted on {}", format_value(before, "an unknown date"));
            return Self { field: "pool".into(), before: counted, after: "none".into() };
        }
        Self { field: field_label(field), before: format_value(before, "none"), after: format_value(after, "none") }
    }
}

/// Whether a change gets its own line. A pool that is removed as a whole is shown once, with its date.
pub fn is_listed_separately(field: &str, after: &str) -> bool {
    !after.is_empty() || !field.starts_with("pool_") || field == "pool_as_of"
}

impl CorrectionText {
    pub fn all(corrections: &[Correction]) -> Vec<Self> {
        corrections.iter().filter(|one| is_listed_separately(&one.field, &one.after)).map(Self::of).collect()
    }

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

/// Corrections of figures in these draws after `since`, oldest first.
pub async fn corrections_since(
    db: impl SqliteExecutor<'_>,
    numbers: &[String],
    since: Timestamp,
) -> sqlx::Result<Vec<CorrectionText>> {
    const FIGURES: [&str; 6] = ["date", "held_at", "invitations", "invitations_corrected", "crs", "tie_break"];
    let corrections = store::corrections_since(db, numbers, since).await?;
    let was_wrong =
        |correction: &&Correction| FIGURES.contains(&correction.field.as_str()) && !correction.before.is_empty();
    Ok(corrections.iter().filter(was_wrong).map(CorrectionText::of).collect())
}

/// All corrections that readers see, oldest first.
pub async fn public_corrections(db: impl SqliteExecutor<'_>) -> sqlx::Result<Vec<CorrectionText>> {
    let all = store::all_corrections(db).await?;
    Ok(CorrectionText::all(&all.into_iter().filter(Correction::is_for_readers).collect::<Vec<_>>()))
}

fn field_label(field: &str) -> String {
    match field {
        "date_published" => "published date",
        "held_at" => "time of the draw",
        "name_fr" => "French name",
        "programs" => "programs covered",
        "invitations" => "published number of invitations",
        "invitations_corrected" => "number of invitations",
        "crs" => "CRS cut-off",
        "category_key" => "category",
        "tie_break" => "tie-break",
        "pool_as_of" => "date of the pool count",
        other => {
            let band = BANDS.iter().find(|band| band.column == other);
            return band.map_or_else(|| other.to_owned(), |band| format!("pool, {}", band.label));
        }
    }
    .into()
}

/// Fields added on each day, such as `tie-break, pool`. Fields that only staff see are left out.
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

fn to_sentence(source: &str) -> String {
    let mut chars = source.trim().chars();
    let Some(first) = chars.next() else { return String::new() };
    let text = first.to_uppercase().chain(chars).collect::<String>();
    if text.ends_with(['.', '!', '?']) { text } else { format!("{text}.") }
}

/// Formats a stored number, time or date for display.
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
        let change = ChangeText::of(field, before, after);
        format!("{}: {} → {}", change.field, change.before, change.after)
    }

    #[test]
    fn corrections_show_formatted_values() {
        for (field, before, after, text) in [
            ("invitations_corrected", "681", "888", "number of invitations: 681 → 888"),
            ("invitations", "", "27332", "published number of invitations: none → 27,332"),
            (
                "tie_break",
                "2023-08-01T12:59:52Z",
                "2023-07-04T19:36:18Z",
                "tie-break: August 1, 2023, 12:59:52 p.m. UTC → July 4, 2023, 7:36:18 p.m. UTC",
            ),
            ("held_at", "2025-07-12T10:00:00Z", "", "time of the draw: July 12, 2025, 10:00:00 a.m. UTC → none"),
            ("date", "2023-04-12", "2023-04-13", "date: April 12, 2023 → April 13, 2023"),
            ("name", "A (2023-1)", "A (Version 1)", "name: A (2023-1) → A (Version 1)"),
            ("pool_491_500", "1", "1200", "pool, 491–500: 1 → 1,200"),
        ] {
            assert_eq!(change(field, before, after), text);
        }
    }
}
