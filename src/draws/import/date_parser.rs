//! Reading dates and instants as the publisher types them: by hand, in a dozen ways, in English or French.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

/// A day such as `August 7, 2026`, `7 août 2026` or `2026-08-07`; `None` where the text is no day.
/// `12-04-2023`, as round 246 was once dated, is day first.
pub fn parse_date(text: &str) -> Option<Date> {
    let written = DateParts::parse(text)?;
    if written.time.is_some() { None } else { written.day() }
}

/// An instant in UTC, such as `October 11, 2025 at 14:55:49 UTC`, to the second; `None` where the text is none.
///
/// A text without a year (as that of round 208) means the last such day up to `round_day`, the day of its round.
pub fn parse_timestamp(text: &str, round_day: Date) -> Option<Timestamp> {
    let written = DateParts::parse(text)?;
    let day = written.day().or_else(|| written.date_with_inferred_year(round_day))?;
    day.to_datetime(written.time?).to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

/// What stands in a text: the parts of a date, and a time of day.
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
    /// The number and how many digits it was typed with.
    Number(i16, usize),
    Punctuation(char),
}

impl DateParts {
    /// `None` where the text holds anything that belongs to no date, so that nothing is guessed.
    fn parse(text: &str) -> Option<Self> {
        let mut written = Self::default();
        let pieces = tokenize(text)?;
        let mut rest = pieces.as_slice();
        while !rest.is_empty() {
            rest = written.consume(rest)?;
        }
        Some(written)
    }

    fn consume<'a>(&mut self, pieces: &'a [Token]) -> Option<&'a [Token]> {
        use Token::{Number, Punctuation, Word};
        match pieces {
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
            [Word(word), rest @ ..] => {
                if let Some(month) = month_number(word) {
                    return self.month.replace(month).is_none().then_some(rest);
                }
                // On a 24-hour clock "PM" adds nothing; on one of 12 hours it does.
                if let (Some(time), "am" | "pm") = (self.time, word.as_str()) {
                    let is_early = time.hour() < 12;
                    self.time = match word.as_str() {
                        "pm" if is_early => Time::new(time.hour() + 12, time.minute(), time.second(), 0).ok(),
                        "am" if time.hour() == 12 => Time::new(0, time.minute(), time.second(), 0).ok(),
                        _ => Some(time),
                    };
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

    /// The whole date. A text that gives it twice must mean the same day both times.
    fn day(&self) -> Option<Date> {
        let in_words = match (self.year, self.month, self.day) {
            (Some(year), Some(month), Some(day)) => Some(Date::new(year, month, day).ok()?),
            (None, None, None) => None,
            _ => return None,
        };
        match (in_words, self.iso_date) {
            (Some(words), Some(whole)) => (words == whole).then_some(whole),
            (words, whole) => words.or(whole),
        }
    }

    fn date_with_inferred_year(&self, last: Date) -> Option<Date> {
        let (None, Some(month), Some(day)) = (self.year, self.month, self.day) else { return None };
        let in_year = |year| Date::new(year, month, day).ok();
        in_year(last.year()).filter(|date| *date <= last).or_else(|| in_year(last.year() - 1))
    }
}

fn tokenize(text: &str) -> Option<Vec<Token>> {
    let mut pieces = vec![];
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
            pieces.push(Token::Number(run.parse().ok()?, run.len()));
        } else if c.is_alphabetic() {
            pieces.push(Token::Word(run.to_lowercase()));
        } else if !c.is_whitespace() {
            pieces.push(Token::Punctuation(c));
        }
    }
    Some(pieces)
}

const MONTHS: [&[&str]; 12] = [
    &["january", "jan", "janvier"],
    &["february", "feb", "février", "fevrier"],
    &["march", "mar", "mars"],
    &["april", "apr", "avril"],
    &["may", "mai"],
    &["june", "jun", "juin"],
    &["july", "jul", "juillet"],
    &["august", "aug", "août", "aout"],
    &["september", "sep", "sept", "septembre"],
    &["october", "oct", "octobre"],
    &["november", "nov", "novembre"],
    &["december", "dec", "décembre", "decembre"],
];

/// The number of a month named in English or French, in small letters.
pub fn month_number(word: &str) -> Option<i8> {
    let place = MONTHS.iter().position(|names| names.contains(&word))?;
    i8::try_from(place + 1).ok()
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
