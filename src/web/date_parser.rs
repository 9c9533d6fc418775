//! Parser of dates and times typed by people, in English or French and in many spellings.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use crate::web::ascii_digits;

/// Parses a date such as `August 7, 2026`, `7 août 2026` or `2026-08-07`.
/// `12-04-2023` has the day first, as in the feed's draw 246.
pub fn parse_date(text: &str) -> Option<Date> {
    let parts = DateParts::parse(text)?;
    if parts.time.is_some() { None } else { parts.day() }
}

/// Parses a date entered in a form, where digits of any script are accepted.
pub fn parse_entered_date(text: &str) -> Option<Date> {
    parse_date(&ascii_digits(text.trim()))
}

/// Parses a date and time in UTC, to the second, such as `October 11, 2025 at 14:55:49 UTC`.
///
/// A text without a year (as in the feed's draw 208) means the last such day up to `latest`.
pub fn parse_timestamp(text: &str, latest: Date) -> Option<Timestamp> {
    let parts = DateParts::parse(text)?;
    let day = parts.day().or_else(|| parts.date_with_inferred_year(latest))?;
    day.to_datetime(parts.time?).to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

/// Parts of a date and a time of day found in a text.
#[derive(Default)]
struct DateParts {
    iso_date: Option<Date>,
    day: Option<i8>,
    month: Option<i8>,
    year: Option<i16>,
    time: Option<Time>,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Number(i16, usize),
    Punctuation(char),
}

impl DateParts {
    /// Returns `None` if the text contains anything else, so that nothing is guessed.
    fn parse(text: &str) -> Option<Self> {
        let mut parts = Self::default();
        let tokens = tokenize(text)?;
        let mut rest = tokens.as_slice();
        while !rest.is_empty() {
            rest = parts.consume(rest)?;
        }
        Some(parts)
    }

    fn consume<'a>(&mut self, tokens: &'a [Token]) -> Option<&'a [Token]> {
        use Token::{Number, Punctuation, Word};
        match tokens {
            [Number(h, _), Punctuation(':'), Number(m, 2), Punctuation(':'), Number(s, 2), rest @ ..] => {
                let time = Time::new(i8::try_from(*h).ok()?, i8::try_from(*m).ok()?, i8::try_from(*s).ok()?, 0).ok()?;
                self.time.replace(time).is_none().then_some(rest)
            }
            [Number(y, 4), Punctuation('-'), Number(m, 2), Punctuation('-'), Number(d, 2), rest @ ..]
            | [Number(d, 2), Punctuation('-'), Number(m, 2), Punctuation('-'), Number(y, 4), rest @ ..] => {
                let date = Date::new(*y, i8::try_from(*m).ok()?, i8::try_from(*d).ok()?).ok()?;
                self.iso_date.replace(date).is_none().then_some(rest)
            }
            [Number(year, 4), rest @ ..] => self.year.replace(*year).is_none().then_some(rest),
            [Number(day, 1 | 2), rest @ ..] => self.day.replace(i8::try_from(*day).ok()?).is_none().then_some(rest),
            [Word(half), Punctuation('.'), Word(m), rest @ ..] if matches!(half.as_str(), "a" | "p") && m == "m" => {
                self.time = in_half_of_day(self.time?, half == "p");
                Some(rest)
            }
            [Word(word), rest @ ..] => {
                if let Some(month) = month_number(word) {
                    return self.month.replace(month).is_none().then_some(rest);
                }
                if let (Some(time), "am" | "pm") = (self.time, word.as_str()) {
                    self.time = in_half_of_day(time, word == "pm");
                    return Some(rest);
                }
                let means_nothing = matches!(
                    word.as_str(),
                    "at" | "à" | "le" | "utc" | "tuc" | "gmt" | "z" | "t" | "st" | "nd" | "rd" | "th" | "er"
                );
                means_nothing.then_some(rest)
            }
            [Punctuation(',' | '.'), rest @ ..] => Some(rest),
            _ => None,
        }
    }

    /// Complete date. If the text contains two dates, they must be equal.
    fn day(&self) -> Option<Date> {
        let written = match (self.year, self.month, self.day) {
            (Some(year), Some(month), Some(day)) => Some(Date::new(year, month, day).ok()?),
            (None, None, None) => None,
            _ => return None,
        };
        match (written, self.iso_date) {
            (Some(written), Some(iso)) => (written == iso).then_some(iso),
            (written, iso) => written.or(iso),
        }
    }

    fn date_with_inferred_year(&self, last: Date) -> Option<Date> {
        let (None, Some(month), Some(day)) = (self.year, self.month, self.day) else { return None };
        let in_year = |year| Date::new(year, month, day).ok();
        in_year(last.year()).filter(|date| *date <= last).or_else(|| in_year(last.year() - 1))
    }
}

/// Time before or after noon. "PM" is redundant after a 24-hour time.
fn in_half_of_day(time: Time, is_pm: bool) -> Option<Time> {
    let hour = match (time.hour(), is_pm) {
        (hour @ ..12, true) => hour + 12,
        (12, false) => 0,
        (hour, _) => hour,
    };
    Time::new(hour, time.minute(), time.second(), 0).ok()
}

fn tokenize(text: &str) -> Option<Vec<Token>> {
    let mut tokens = vec![];
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let mut run = String::from(c);
        let same = |next: &char| if c.is_ascii_digit() { next.is_ascii_digit() } else { next.is_alphabetic() };
        if c.is_ascii_digit() || c.is_alphabetic() {
            while let Some(next) = chars.next_if(same) {
                run.push(next);
            }
        }
        if c.is_ascii_digit() {
            tokens.push(Token::Number(run.parse().ok()?, run.len()));
        } else if c.is_alphabetic() {
            tokens.push(Token::Word(run.to_lowercase()));
        } else if !c.is_whitespace() {
            tokens.push(Token::Punctuation(c));
        }
    }
    Some(tokens)
}

/// English and French names of the months.
const MONTHS: [(&[&str], &[&str]); 12] = [
    (&["january", "jan"], &["janvier"]),
    (&["february", "feb"], &["février", "fevrier"]),
    (&["march", "mar"], &["mars"]),
    (&["april", "apr"], &["avril"]),
    (&["may"], &["mai"]),
    (&["june", "jun"], &["juin"]),
    (&["july", "jul"], &["juillet"]),
    (&["august", "aug"], &["août", "aout"]),
    (&["september", "sep", "sept"], &["septembre"]),
    (&["october", "oct"], &["octobre"]),
    (&["november", "nov"], &["novembre"]),
    (&["december", "dec"], &["décembre", "decembre"]),
];

/// Number of a month from its lower-case English or French name.
pub fn month_number(word: &str) -> Option<i8> {
    let index = MONTHS.iter().position(|(en, fr)| en.contains(&word) || fr.contains(&word))?;
    i8::try_from(index + 1).ok()
}

/// French name of a month, 1 to 12.
pub fn french_month_name(month: i8) -> &'static str {
    let index = usize::try_from(month - 1).ok();
    index.and_then(|index| MONTHS.get(index)?.1.first().copied()).unwrap_or_default()
}

/// Whether a lower-case word is the French name of a month.
pub fn is_french_month(word: &str) -> bool {
    MONTHS.iter().any(|(_, french)| french.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_parsed_in_every_published_format() {
        for (typed, instant) in [
            ("June 28, 2023 14:04:34 UTC", "2023-06-28T14:04:34Z"),
            ("August 7, 2026 at 10:08:20 UTC", "2026-08-07T10:08:20Z"),
            ("August 07, 2026, at 10:08:20 UTC", "2026-08-07T10:08:20Z"),
            ("June 4, 2024 at12:48:30 UTC", "2024-06-04T12:48:30Z"),
            ("August 15, 2024 at 2024-08-15 15:11:54 UTC", "2024-08-15T15:11:54Z"),
            ("August 19th 2026 at 10:00:00 UTC", "2026-08-19T10:00:00Z"),
            ("July 3rd 2026 at 10:00:00 UTC", "2026-07-03T10:00:00Z"),
            ("August 30. 2023 at 10:00:00 UTC", "2023-08-30T10:00:00Z"),
            ("April 26,2023 18:10:04 UTC", "2023-04-26T18:10:04Z"),
            ("May 1, 2024 at  9:05:06 UTC ", "2024-05-01T09:05:06Z"),
            (" March 1, 2024  at 19:05:06", "2024-03-01T19:05:06Z"),
            ("June 22, 2021 at 20:19:59 PM UTC", "2021-06-22T20:19:59Z"),
            ("October 25, 2023 at 15:48:39 AM UTC", "2023-10-25T15:48:39Z"),
            ("October 25, 2023 at 03:48:39 PM UTC", "2023-10-25T15:48:39Z"),
            ("October 25, 2023, 3:48:39 p.m. UTC", "2023-10-25T15:48:39Z"),
            ("October 25, 2023, 12:48:39 a.m. UTC", "2023-10-25T00:48:39Z"),
            ("October 7 at 16:38:21 UTC", "2021-10-07T16:38:21Z"),
            ("December 7 at 16:38:21 UTC", "2020-12-07T16:38:21Z"),
            ("7 août 2026 à 10:08:20 UTC", "2026-08-07T10:08:20Z"),
            ("le 1er février 2026 à 10:08:20 TUC", "2026-02-01T10:08:20Z"),
            ("2022-11-12T12:47:27Z", "2022-11-12T12:47:27Z"),
            ("2022-11-12 12:47:27", "2022-11-12T12:47:27Z"),
        ] {
            let read = parse_timestamp(typed, "2021-10-27".parse().unwrap());
            assert_eq!(read.map(|at| at.to_string()).as_deref(), Some(instant), "{typed}");
        }
    }

    #[test]
    fn invalid_timestamps_are_rejected() {
        for bad in [
            "",
            "soon",
            "June 28, 2023",
            "June 31, 2023 at 14:04:34 UTC",
            "June 28, 2023 at 25:04:34 UTC",
            "June 28, 2023 at 14:04 UTC",
            "June 28, 2023 at 14:04:34 EST",
            "June 28, 2023 at 2023-06-29 14:04:34 UTC",
            "June July 28, 2023 at 14:04:34 UTC",
            "28, 2023 at 14:04:34 UTC",
            "99999999999999999999 at 14:04:34",
        ] {
            assert_eq!(parse_timestamp(bad, "2023-06-28".parse().unwrap()), None, "{bad}");
        }
    }

    #[test]
    fn dates_are_parsed_in_both_languages_and_orders() {
        let day: Date = "2026-08-07".parse().unwrap();
        for typed in ["August 7, 2026", "7 août 2026", "2026-08-07", "07-08-2026", "Aug 7 2026"] {
            assert_eq!(parse_date(typed), Some(day), "{typed}");
        }
        for bad in ["August 2026", "2026-13-01", "August 7, 2026 at 10:08:20 UTC", "7/8/2026", ""] {
            assert_eq!(parse_date(bad), None, "{bad}");
        }
    }
}
