//! Check for impossible dates and wrong days of the week.

use crate::fact_check::calendar::Calendar;
use crate::fact_check::date_parser::french_weekday_name;
use crate::fact_check::dates::ParsedDate;
use crate::fact_check::finding::{MAX_FINDINGS, RawFinding, Rule};
use crate::fact_check::sentence::Sentence;
use crate::web::DisplayDate;

/// What is wrong with the dates as such.
pub(super) fn findings(sentences: &[Sentence], calendar: &Calendar) -> Vec<RawFinding> {
    let each = |sentence: &Sentence| -> Vec<RawFinding> {
        sentence.dates.iter().filter_map(|date| wrong_date(sentence, date, calendar)).collect()
    };
    sentences.iter().flat_map(each).take(MAX_FINDINGS + 1).collect()
}

fn wrong_date(sentence: &Sentence, date: &ParsedDate, calendar: &Calendar) -> Option<RawFinding> {
    if !date.exists() {
        let at = sentence.span(date.tokens.start, date.tokens.end - 1);
        let typed = &sentence.block.text[at.clone()];
        return Some(sentence.finding(Rule::DateImpossible, at, format!("{typed} does not exist."), None));
    }
    let (weekday, token) = date.weekday?;
    let days: Vec<_> = calendar.years_for(date).into_iter().filter_map(|year| date.in_year(year)).collect();
    if days.is_empty() || days.iter().any(|day| day.weekday() == weekday) {
        return None;
    }
    let at = sentence.tokens[token].range.clone();
    let [day] = days.as_slice() else {
        let typed = &sentence.block.text[at.clone()];
        let reason = format!("This date is not a {typed} in any year mentioned in the text.");
        return Some(sentence.finding(Rule::Weekday, at, reason, None));
    };
    let english = day.strftime("%A").to_string();
    let reason = format!("{} was a {english}.", DisplayDate::from(*day).text);
    let replacement = if french_weekday_name(weekday) == sentence.word(token) {
        let is_capitalised = sentence.block.text[at.clone()].starts_with(char::is_uppercase);
        let french = french_weekday_name(day.weekday());
        if is_capitalised { format!("{}{}", french[..1].to_uppercase(), &french[1..]) } else { french.to_owned() }
    } else {
        english
    };
    Some(sentence.finding(Rule::Weekday, at, reason, Some(replacement)))
}

#[cfg(test)]
mod tests {
    use crate::fact_check::Rule;
    use crate::fact_check::tests::{rules_found, with_fixes_applied};

    #[test]
    fn wrong_weekday_is_reported() {
        for (text, right) in [
            ("On Monday, June 28, 2023 it was held.", "On Wednesday, June 28, 2023 it was held."),
            ("Lundi 25 novembre 2025, tirage 380", "Mardi 25 novembre 2025, tirage 380"),
            ("Le tirage a eu lieu le lundi 25 novembre 2025.", "Le tirage a eu lieu le mardi 25 novembre 2025."),
            ("**Tuesday** 28 June 2023", "**Wednesday** 28 June 2023"),
            ("on Tuesday (July 5, 2023)", "on Wednesday (July 5, 2023)"),
            ("on July 5, 2023 (Tuesday)", "on July 5, 2023 (Wednesday)"),
            ("on Tuesday, July 5", "on Wednesday, July 5"),
            ("on Tue, July 5", "on Wednesday, July 5"),
        ] {
            assert_eq!(rules_found(text), [Rule::Weekday], "{text}");
            assert_eq!(with_fixes_applied(text), right);
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
            assert!(rules_found(fine).is_empty(), "{fine}");
        }
    }

    #[test]
    fn impossible_date_is_reported() {
        for text in
            ["on June 31, 2023", "on 30 February 2024", "until February 29, 2023", "since 2023-06-31", "by April 31"]
        {
            assert_eq!(rules_found(text), [Rule::DateImpossible], "{text}");
        }
        for fine in ["on June 30, 2023", "on February 29, 2024", "by February 29", "In June 31 people were asked"] {
            assert!(rules_found(fine).is_empty(), "{fine}");
        }
    }
}
