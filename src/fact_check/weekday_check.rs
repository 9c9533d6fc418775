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
