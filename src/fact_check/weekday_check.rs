//! Check for impossible dates and wrong days of the week.

use std::collections::HashSet;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::draws::Draw;
use crate::fact_check::calendar::Calendar;
use crate::fact_check::date_parser::french_weekday_name;
use crate::fact_check::dates::ParsedDate;
use crate::fact_check::finding::{MAX_FINDINGS, RawFinding, Rule};
use crate::fact_check::sentence::Sentence;
use crate::web::DisplayDate;

/// What is wrong with the dates as such.
pub(super) fn findings(sentences: &[Sentence], calendar: &Calendar, draws: &[Draw]) -> Vec<RawFinding> {
    let days: HashSet<Date> = draws.iter().map(|draw| draw.date).collect();
    let each = |sentence: &Sentence| -> Vec<RawFinding> {
        sentence.dates.iter().filter_map(|date| wrong_date(sentence, date, calendar, &days)).collect()
    };
    sentences.iter().flat_map(each).take(MAX_FINDINGS + 1).collect()
}

fn wrong_date(
    sentence: &Sentence,
    date: &ParsedDate,
    calendar: &Calendar,
    days_of_draws: &HashSet<Date>,
) -> Option<RawFinding> {
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
    // "Thursday, August 4", where a draw was held on Thursday, August 3: the day may be wrong instead.
    let may_be_day = (-3..=3).any(|days| {
        let other = day.saturating_add(days.days());
        other.weekday() == weekday && days_of_draws.contains(&other)
    });
    Some(sentence.finding(Rule::Weekday, at, reason, Some(replacement).filter(|_| !may_be_day)))
}
