//! Parser for dates in running text: day and month in either order, with an optional time.

use jiff::civil::Weekday;

use crate::fact_check::dates::{ParsedDate, TimeOfDay};
use crate::fact_check::tokens::Token;
use crate::web::month_number;

/// The dates among the tokens of a sentence.
pub(super) fn dates(tokens: &[Token], text: &str, is_french: bool) -> Vec<ParsedDate> {
    let mut found = vec![];
    let mut at = 0;
    while at < tokens.len() {
        let read = month_first(tokens, at, text)
            .or_else(|| day_first(tokens, at, text, is_french))
            .or_else(|| iso(tokens, at))
            .or_else(|| slashed(tokens, at))
            .or_else(|| day_only(tokens, at, &found, text));
        let Some(mut date) = read else {
            at += 1;
            continue;
        };
        add_time(&mut date, tokens);
        date.weekday = weekday_beside(&date, tokens, text);
        at = date.tokens.end;
        found.push(date);
    }
    found
}

/// `June 28, 2023`, `Nov. 12 2022`, `July 5th`
fn month_first(tokens: &[Token], at: usize, text: &str) -> Option<ParsedDate> {
    let month = month_number(tokens[at].word())?;
    let mut end = at + 1;
    if tokens.get(end)?.is_punctuation('.') {
        end += 1;
    }
    let day = day_number(tokens.get(end)?)?;
    end += 1;
    let (year, end) = year_from(tokens, end);
    let date = ParsedDate { tokens: at..end, year, month, day, weekday: None, time: None, is_day_only: false };
    let is_date = is_month(&tokens[at], text, year) && (year.is_some() || !is_counting(tokens, end));
    is_date.then_some(date)
}

/// `28 June 2023`, `the 5th of July`
fn day_first(tokens: &[Token], at: usize, text: &str, is_french: bool) -> Option<ParsedDate> {
    let day = day_number(&tokens[at])?;
    if is_of_time(tokens, at) {
        return None;
    }
    let mut end = at + 1;
    if matches!(tokens.get(end)?.word(), "of" | "de") || tokens[end].is_punctuation('-') {
        end += 1;
    }
    let month_at = end;
    let month = month_number(tokens.get(month_at)?.word())?;
    if end > at + 1 && month_first(tokens, month_at, text).is_some_and(|date| date.year.is_some()) {
        // "Draw 23 of December 18, 2015"
        return None;
    }
    // In "round 251 June 28" the number before the month belongs to something else.
    let (year, end) = year_from(tokens, month_at + 1);
    (is_french || is_month(&tokens[month_at], text, year)).then_some(ParsedDate {
        tokens: at..end,
        year,
        month,
        day,
        weekday: None,
        time: None,
        is_day_only: false,
    })
}

/// `the 18th`, `le 16`: a day of the month that the sentence names before it.
fn day_only(tokens: &[Token], at: usize, earlier: &[ParsedDate], text: &str) -> Option<ParsedDate> {
    let day = day_number(&tokens[at])?;
    let before = tokens[..at].last()?.word();
    let is_day = match tokens[at].number()?.suffix.as_str() {
        "" => matches!(before, "le" | "du" | "au"),
        _ => matches!(before, "the" | "le" | "du" | "au"),
    };
    let next = tokens.get(at + 1).map_or("", Token::word);
    let is_end = matches!(
        next,
        "" | "at" | "with" | "and" | "it" | "for" | "when" | "to" | "à" | "avec" | "et" | "pour" | "quand"
    );
    if !is_day
        || !is_end
        || tokens.get(at + 1).is_some_and(|token| token.number().is_some() || token.is_punctuation(':'))
    {
        return None;
    }
    let last = earlier.last().map_or(0, |date| date.tokens.end);
    let named = tokens[last..at]
        .iter()
        .rev()
        .find_map(|token| month_number(token.word()).filter(|_| is_month(token, text, None)));
    let (year, month) = match named {
        Some(month) => (None, month),
        None => earlier.last().map(|date| (date.year, date.month))?,
    };
    Some(ParsedDate { tokens: at..at + 1, year, month, day, weekday: None, time: None, is_day_only: true })
}

/// Whether a number ends a time of day: in `12:47:27 June 28` the 27 are seconds.
fn is_of_time(tokens: &[Token], at: usize) -> bool {
    let Some([before, colon]) = at.checked_sub(2).and_then(|from| tokens.get(from..at)) else { return false };
    colon.is_punctuation(':') && before.number().is_some() && colon.range.end == tokens[at].range.start
}

/// `2023-06-28`
fn iso(tokens: &[Token], at: usize) -> Option<ParsedDate> {
    let [year, dash, month, dash_too, day] = tokens.get(at..at + 5)? else { return None };
    let is_tight = day.range.end - year.range.start <= 14;
    let (year, month, day) = (year.number()?, month.number()?, day.number()?);
    let is_iso = is_tight
        && (dash.is_punctuation('-') && dash_too.is_punctuation('-'))
        && (month.digits.len(), day.digits.len()) == (2, 2)
        && matches!(day.suffix.as_str(), "" | "t");
    let date = ParsedDate {
        tokens: at..at + 5,
        year: Some(year.year()?),
        month: i8::try_from(month.value?).ok()?,
        day: i8::try_from(day.value?).ok()?,
        weekday: None,
        time: None,
        is_day_only: false,
    };
    is_iso.then_some(date)
}

/// `28/06/2023`, `6/28/2023`. Where both are possible the day stands first, and only its figures tell what it is.
fn slashed(tokens: &[Token], at: usize) -> Option<ParsedDate> {
    let [first, slash, second, slash_too, year] = tokens.get(at..at + 5)? else { return None };
    let is_slashed =
        slash.is_punctuation('/') && slash_too.is_punctuation('/') && year.range.end - first.range.start <= 10;
    let (first, second) = (day_number(first)?, day_number(second)?);
    let (day, month) = if first <= 12 && second > 12 { (second, first) } else { (first, second) };
    let year = year.number()?.year()?;
    (is_slashed && (1..=12).contains(&month)).then_some(ParsedDate {
        tokens: at..at + 5,
        year: Some(year),
        month,
        day,
        weekday: None,
        time: None,
        is_day_only: first <= 12 && second <= 12,
    })
}

fn day_number(token: &Token) -> Option<i8> {
    let number = token.number()?;
    let is_day = number.digits.len() <= 2 && matches!(number.suffix.as_str(), "" | "st" | "nd" | "rd" | "th" | "er");
    number.value.filter(|day| is_day && (1..=31).contains(day)).and_then(|day| i8::try_from(day).ok())
}

fn year_from(tokens: &[Token], at: usize) -> (Option<i16>, usize) {
    let is_mark = tokens.get(at).is_some_and(|token| [',', '.', '-'].iter().any(|mark| token.is_punctuation(*mark)));
    let place = at + usize::from(is_mark);
    let year = tokens.get(place).and_then(Token::number).and_then(|number| number.year());
    match year {
        Some(year) => (Some(year), place + 1),
        None => (None, at),
    }
}

/// Months that are also other words must be written as names.
fn is_month(token: &Token, text: &str, year: Option<i16>) -> bool {
    let is_name = text[token.range.clone()].starts_with(char::is_uppercase);
    is_name || year.is_some() || !matches!(token.word(), "may" | "march" | "mar" | "mars" | "sept" | "dec" | "jan")
}

/// Whether a number before this place counts something: in June 30 rounds were held.
fn is_counting(tokens: &[Token], at: usize) -> bool {
    tokens.get(at).is_some_and(|token| {
        matches!(
            token.word(),
            "people" | "candidates" | "invitations" | "itas" | "rounds" | "draws" | "occupations" | "applicants"
        )
    })
}

/// Takes `at 14:04:34 UTC`, `(2:04 p.m. UTC)` or `14:04:34 UTC on` beside the date into it.
fn add_time(date: &mut ParsedDate, tokens: &[Token]) {
    let mut at = date.tokens.end;
    while tokens.get(at).is_some_and(|token| {
        token.is_punctuation(',')
            || token.is_punctuation('(')
            || token.is_punctuation('@')
            || matches!(token.word(), "at" | "à" | "t")
    }) {
        at += 1;
    }
    if let Some((time, end)) = time_from(tokens, at) {
        date.time = Some(time);
        date.tokens.end = end;
        return;
    }
    // The time first: look back for its longest form that ends where the date begins.
    let start = date.tokens.start;
    for before in (start.saturating_sub(12)..start).filter(|at| tokens[*at].number().is_some()) {
        if let Some((time, end)) = time_from(tokens, before)
            && let Some(between) = tokens.get(end..start)
            && between.iter().all(|token| token.is_punctuation(',') || token.word() == "on")
            && (time.second.is_some() || !between.is_empty() || tokens[end - 1].number().is_none())
        {
            date.time = Some(time);
            date.tokens.start = before;
            return;
        }
    }
}

fn time_from(tokens: &[Token], at: usize) -> Option<(TimeOfDay, usize)> {
    let part = |at: usize| {
        let number = tokens.get(at)?.number().filter(|number| number.digits.len() <= 2)?;
        Some((i8::try_from(number.value?).ok()?, number.suffix.as_str()))
    };
    // Place of the number after `:`, or in French after `mark`: `14:05:23`, `14 h 05 min 23 s`, `14h05`.
    let next_part = |at: usize, suffix: &str, mark: &str| {
        let is_separator = |token: &Token| token.is_punctuation(':') || token.word() == mark;
        match suffix {
            "" => tokens.get(at + 1).is_some_and(is_separator).then_some(at + 2),
            _ => (suffix == mark).then_some(at + 1),
        }
    };
    let (mut hour, hour_suffix) = part(at)?;
    let minute_at = next_part(at, hour_suffix, "h")?;
    let (minute, mut suffix) = part(minute_at)?;
    let mut end = minute_at + 1;
    let mut second = None;
    if let Some(second_at) = next_part(minute_at, suffix, "min")
        && let Some((seconds, after)) = part(second_at)
    {
        (second, suffix, end) = (Some(seconds), after, second_at + 1);
        end += usize::from(tokens.get(end).is_some_and(|token| token.word() == "s"));
    }
    let word = |at: usize| tokens.get(at).map_or("", Token::word);
    let is_dotted = matches!(word(end), "a" | "p") && word(end + 2) == "m";
    let half = if suffix.is_empty() { word(end) } else { suffix };
    let half = if is_dotted { if word(end) == "a" { "am" } else { "pm" } } else { half };
    match half {
        "pm" if hour < 12 => hour += 12,
        "am" if hour == 12 => hour = 0,
        _ => {}
    }
    if matches!(half, "am" | "pm") && suffix.is_empty() {
        let has_dot = is_dotted && tokens.get(end + 3).is_some_and(|token| token.is_punctuation('.'));
        end += if is_dotted { 3 + usize::from(has_dot) } else { 1 };
    }
    let is_zone = |zone: &str| matches!(zone, "utc" | "z" | "gmt" | "tuc");
    let has_zone = is_zone(suffix) || is_zone(word(end));
    end += usize::from(is_zone(word(end)));
    let other = matches!(
        word(end),
        "est" | "edt" | "et" | "eastern" | "pst" | "pdt" | "pkt" | "cst" | "mst" | "ottawa" | "local"
    );
    Some((TimeOfDay { hour, minute, second, is_utc: has_zone || !other, has_zone }, end))
}

/// `Wednesday, June 28`, `Tuesday (July 5)`, `July 5 (Tuesday)`
fn weekday_beside(date: &ParsedDate, tokens: &[Token], text: &str) -> Option<(Weekday, usize)> {
    let named = |at: usize| {
        let token = tokens.get(at)?;
        let is_capitalised = text[token.range.clone()].starts_with(char::is_uppercase);
        let english = weekday_named(token.word()).filter(|_| is_capitalised);
        english.or_else(|| french_weekday_named(token.word())).map(|weekday| (weekday, at))
    };
    let is_link = |token: &Token| {
        token.is_punctuation(',') || token.is_punctuation('(') || token.is_punctuation('.') || token.word() == "the"
    };
    let mut before = date.tokens.start;
    while before > 0 && date.tokens.start - before < 2 && is_link(&tokens[before - 1]) {
        before -= 1;
    }
    let ahead = before.checked_sub(1).and_then(named);
    let is_bracketed = tokens.get(date.tokens.end).is_some_and(|token| token.is_punctuation('('));
    ahead.or_else(|| named(date.tokens.end + 1).filter(|_| is_bracketed))
}

/// French names of weekdays, which have no capital letter.
const FRENCH_WEEKDAYS: [(Weekday, &str); 7] = [
    (Weekday::Monday, "lundi"),
    (Weekday::Tuesday, "mardi"),
    (Weekday::Wednesday, "mercredi"),
    (Weekday::Thursday, "jeudi"),
    (Weekday::Friday, "vendredi"),
    (Weekday::Saturday, "samedi"),
    (Weekday::Sunday, "dimanche"),
];

fn french_weekday_named(word: &str) -> Option<Weekday> {
    FRENCH_WEEKDAYS.iter().find(|(_, name)| *name == word).map(|(weekday, _)| *weekday)
}

pub(super) fn french_weekday_name(weekday: Weekday) -> &'static str {
    FRENCH_WEEKDAYS.iter().find(|(other, _)| *other == weekday).map_or("", |(_, name)| name)
}

fn weekday_named(word: &str) -> Option<Weekday> {
    Some(match word {
        "monday" | "mon" => Weekday::Monday,
        "tuesday" | "tue" | "tues" => Weekday::Tuesday,
        "wednesday" | "wed" => Weekday::Wednesday,
        "thursday" | "thu" | "thur" | "thurs" => Weekday::Thursday,
        "friday" | "fri" => Weekday::Friday,
        "saturday" | "sat" => Weekday::Saturday,
        "sunday" | "sun" => Weekday::Sunday,
        _ => return None,
    })
}

#[cfg(test)]
#[path = "tests/date_parser.rs"]
mod tests;
