//! Days that do not fit their date, and dates that no calendar has.

use jiff::civil::Weekday;

use crate::posts::check::dates::{Calendar, Dated};
use crate::posts::check::sentence::Sentence;
use crate::posts::check::{Found, MOST_FINDINGS, Rule};
use crate::web::Day;

/// What is wrong with the dates as such.
pub(super) fn findings(sentences: &[Sentence], calendar: &Calendar) -> Vec<Found> {
    let each = |sentence: &Sentence| -> Vec<Found> {
        sentence.dates.iter().filter_map(|date| wrong_date(sentence, date, calendar)).collect()
    };
    sentences.iter().flat_map(each).take(MOST_FINDINGS + 1).collect()
}

fn wrong_date(sentence: &Sentence, date: &Dated, calendar: &Calendar) -> Option<Found> {
    if !date.exists() {
        let at = sentence.span(date.pieces.start, date.pieces.end - 1);
        let typed = &sentence.block.text[at.clone()];
        return Some(sentence.finding(Rule::DateImpossible, at, format!("There is no {typed} in the calendar."), None));
    }
    let (weekday, piece) = date.weekday?;
    let days: Vec<_> = calendar.years_for(date).into_iter().filter_map(|year| date.in_year(year)).collect();
    if days.is_empty() || days.iter().any(|day| day.weekday() == weekday) {
        return None;
    }
    let at = sentence.pieces[piece].range.clone();
    let [day] = days.as_slice() else {
        let typed = &sentence.block.text[at.clone()];
        let reason = format!("That date was a {typed} in none of the years named in the text.");
        return Some(sentence.finding(Rule::Weekday, at, reason, None));
    };
    let right = name(day.weekday());
    let reason = format!("{} was a {right}.", Day::from(*day).text);
    Some(sentence.finding(Rule::Weekday, at, reason, Some(right.into())))
}

fn name(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

#[cfg(test)]
mod tests {
    use crate::posts::check::Rule;
    use crate::posts::check::tests::{found, mended};

    #[test]
    fn a_day_of_the_week_must_fit_its_date() {
        for (text, right) in [
            ("On Monday, June 28, 2023 it was held.", "On Wednesday, June 28, 2023 it was held."),
            ("**Tuesday** 28 June 2023", "**Wednesday** 28 June 2023"),
            ("on Tuesday (July 5, 2023)", "on Wednesday (July 5, 2023)"),
            ("on July 5, 2023 (Tuesday)", "on July 5, 2023 (Wednesday)"),
            ("on Tuesday, July 5", "on Wednesday, July 5"),
            ("on Tue, July 5", "on Wednesday, July 5"),
        ] {
            assert_eq!(found(text), [Rule::Weekday], "{text}");
            assert_eq!(mended(text), right);
        }
        for fine in [
            "On Wednesday, June 28, 2023 it was held.",
            "on Wednesday the 28th of June 2023",
            "on Wednesday, July 5",
            // The next January is nearer than the last one.
            "The office opens again on Monday, January 1.",
            "the Tuesday after June 28, 2023",
            "the sun June 28, 2023",
            // A Tuesday in 2022, a year the text names.
            "On Tuesday, July 5 it began; on July 6, 2022 it ended.",
        ] {
            assert!(found(fine).is_empty(), "{fine}");
        }
    }

    #[test]
    fn a_date_must_exist() {
        for text in
            ["on June 31, 2023", "on 30 February 2024", "until February 29, 2023", "since 2023-06-31", "by April 31"]
        {
            assert_eq!(found(text), [Rule::DateImpossible], "{text}");
        }
        for fine in ["on June 30, 2023", "on February 29, 2024", "by February 29", "In June 31 people were asked"] {
            assert!(found(fine).is_empty(), "{fine}");
        }
    }
}
