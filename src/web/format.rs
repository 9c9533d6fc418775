//! Formatting of numbers, dates, times and slugs for all pages.

use icu_properties::CodePointMapData;
use icu_properties::props::GeneralCategory;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// Time zone of the company's offices (Lahore and Islamabad).
pub fn office_time_zone() -> TimeZone {
    TimeZone::get("Asia/Karachi").unwrap_or(TimeZone::UTC)
}

/// Date in the office time zone.
pub fn office_date(now: Timestamp) -> Date {
    now.to_zoned(office_time_zone()).date()
}

/// Date for a `<time>` element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisplayDate {
    /// `2023-07-04`
    pub iso: String,
    /// `July 4, 2023`
    pub text: String,
}

impl From<Date> for DisplayDate {
    fn from(date: Date) -> Self {
        Self { iso: date.to_string(), text: date.strftime("%B %-d, %Y").to_string() }
    }
}

impl DisplayDate {
    /// Date of `instant` in the office time zone.
    pub fn in_office(instant: Timestamp) -> Self {
        instant.to_zoned(office_time_zone()).date().into()
    }
}

/// Time for a `<time>` element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisplayTime {
    /// `2023-06-28T14:04:34Z`
    pub iso: String,
    /// `June 28, 2023, 2:04 p.m. UTC`
    pub text: String,
}

impl DisplayTime {
    /// UTC to the second, for the official record: `June 28, 2023, 2:04:34 p.m. UTC`.
    pub fn utc(instant: Timestamp) -> Self {
        let local = instant.to_zoned(TimeZone::UTC);
        Self::new(instant, format!("{}, {} UTC", DisplayDate::from(local.date()).text, time_with_seconds(&local)))
    }

    /// UTC to the minute, for running text.
    pub fn utc_minute(instant: Timestamp) -> Self {
        let local = instant.to_zoned(TimeZone::UTC);
        Self::new(instant, format!("{}, {} UTC", DisplayDate::from(local.date()).text, time_of_day(&local, "%-I:%M")))
    }

    /// Office time to the minute, without its time zone.
    pub fn in_office(instant: Timestamp) -> Self {
        let local = instant.to_zoned(office_time_zone());
        Self::new(instant, format!("{}, {}", DisplayDate::from(local.date()).text, time_of_day(&local, "%-I:%M")))
    }

    /// Time to the minute in a time zone, with its abbreviation: `June 28, 2023, 7:04 p.m. PKT`.
    pub fn in_zone(instant: Timestamp, zone: &TimeZone) -> Self {
        let local = instant.to_zoned(zone.clone());
        let (date, time) = (DisplayDate::from(local.date()).text, time_of_day(&local, "%-I:%M"));
        Self::new(instant, format!("{date}, {time} {}", local.strftime("%Z")))
    }

    fn new(instant: Timestamp, text: String) -> Self {
        Self { iso: instant.to_string(), text }
    }
}

/// `2:04:34 p.m.`
pub fn time_with_seconds(at: &Zoned) -> String {
    time_of_day(at, "%-I:%M:%S")
}

fn time_of_day(at: &Zoned, format: &str) -> String {
    format!("{} {}", at.strftime(format), if at.hour() < 12 { "a.m." } else { "p.m." })
}

/// Time since `then` in the largest unit that fits: `less than a minute`, `4 minutes`, `3 hours`, `2 days`.
pub fn relative_age(then: Timestamp, now: Timestamp) -> String {
    match now.duration_since(then).as_mins() {
        ..1 => "less than a minute".into(),
        minutes @ 1..60 => plural(minutes, "minute", "minutes"),
        minutes @ 60..2880 => plural(minutes / 60, "hour", "hours"),
        minutes => plural(minutes / 1440, "day", "days"),
    }
}

/// `12,345`
pub fn with_thousands(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if number < 0 { format!("-{text}") } else { text }
}

/// Converts the decimal digits of all scripts to ASCII digits.
pub fn ascii_digits(text: &str) -> String {
    text.chars().map(|c| ascii_digit(c).unwrap_or(c)).collect()
}

/// ASCII digit of a decimal digit of any script.
pub fn ascii_digit(c: char) -> Option<char> {
    if c.is_ascii() {
        return c.is_ascii_digit().then_some(c);
    }
    let is_decimal = CodePointMapData::<GeneralCategory>::new().get(c) == GeneralCategory::DecimalNumber;
    is_decimal.then(|| deunicode::deunicode_char(c)?.chars().next().filter(char::is_ascii_digit))?
}

/// `1 e-mail`, `2 e-mails`
pub fn plural(count: i64, one: &str, many: &str) -> String {
    format!("{} {}", with_thousands(count), if count == 1 { one } else { many })
}

/// [`plural`] for the length of a collection.
pub fn plural_len(count: usize, one: &str, many: &str) -> String {
    plural(i64::try_from(count).unwrap_or(i64::MAX), one, many)
}

/// URL slug of a title in any script: ASCII, at most 80 characters, cut between words.
pub fn slug(title: &str) -> String {
    let mut slug = slug::slugify(without_thousands(title));
    if slug.len() > 80 {
        let cut = slug[..81].rfind('-').unwrap_or(80);
        slug.truncate(cut);
    }
    if slug.is_empty() { "post".into() } else { slug }
}

/// Converts `1,500` to `1500`, so that the number stays in one piece when the text is split into words.
pub fn without_thousands(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let is_digit = |place: Option<usize>| place.and_then(|place| chars.get(place)).is_some_and(char::is_ascii_digit);
    let groups = |place: usize| chars[place] == ',' && is_digit(place.checked_sub(1)) && is_digit(Some(place + 1));
    (0..chars.len()).filter(|place| !groups(*place)).map(|place| chars[place]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        for (number, text) in
            [(0, "0"), (500, "500"), (1500, "1,500"), (27332, "27,332"), (1234567, "1,234,567"), (-1000, "-1,000")]
        {
            assert_eq!(with_thousands(number), text);
        }
    }

    #[test]
    fn relative_age_uses_the_largest_unit() {
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        for (then, words) in [
            ("2026-11-22T12:05:00Z", "less than a minute"),
            ("2026-11-22T11:59:00Z", "1 minute"),
            ("2026-11-22T10:00:00Z", "2 hours"),
            ("2026-11-20T12:00:00Z", "2 days"),
        ] {
            assert_eq!(relative_age(then.parse().unwrap(), now), words);
        }
    }

    #[test]
    fn times_are_shown_in_utc_or_office_time() {
        let instant = "2023-06-28T22:04:34Z".parse().unwrap();
        assert_eq!(DisplayTime::utc(instant).text, "June 28, 2023, 10:04:34 p.m. UTC");
        assert_eq!(DisplayTime::utc_minute(instant).text, "June 28, 2023, 10:04 p.m. UTC");
        assert_eq!(DisplayTime::in_office(instant).text, "June 29, 2023, 3:04 a.m.");
        let midnight = "2023-06-28T00:00:00Z".parse().unwrap();
        assert_eq!(DisplayTime::utc(midnight).text, "June 28, 2023, 12:00:00 a.m. UTC");
        assert_eq!(DisplayDate::in_office(instant).text, "June 29, 2023");
    }

    #[test]
    fn a_slug_is_ascii_short_and_never_empty() {
        assert_eq!(slug("Canada Invites 500 — Santé & “Health”!"), "canada-invites-500-sante-health");
        assert_eq!(slug("Round 255, 1,500 invited"), "round-255-1500-invited");
        assert_eq!(slug("!!!"), "post");
        let long = slug(&"express entry ".repeat(20));
        assert!(long.len() <= 80 && !long.ends_with('-'), "{long}");
        assert!(!slug("کینیڈا").is_empty());
    }
}
