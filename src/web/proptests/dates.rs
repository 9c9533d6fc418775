//! Property tests of the date parser: it reads every usual spelling, and guesses nothing.

use jiff::ToSpan;
use jiff::civil::{Date, Time, date};
use jiff::tz::TimeZone;
use proptest::prelude::*;

use crate::test_support::{check_property, text_from};
use crate::web::{DisplayTime, parse_date, parse_timestamp};

/// Date and time since 2015, the first year with draws.
fn date_and_time() -> impl Strategy<Value = (Date, Time)> {
    ((0..7_000_i64), (0..86_400_i64)).prop_map(|(days, seconds)| {
        let day = date(2015, 1, 1).saturating_add(days.days());
        (day, Time::midnight().saturating_add(seconds.seconds()))
    })
}

#[test]
fn written_timestamps_are_parsed_back() {
    check_property(200, date_and_time(), |(day, time)| {
        let instant = day.to_datetime(time).to_zoned(TimeZone::UTC).unwrap();
        for pattern in [
            "%B %-d, %Y at %H:%M:%S UTC",
            "%b. %d, %Y, at %H:%M:%S",
            "%d %B %Y at %H:%M:%S UTC",
            "%B %-d, %Y at %I:%M:%S %p UTC",
            "%Y-%m-%dT%H:%M:%SZ",
            "%d-%m-%Y %H:%M:%S",
        ] {
            let typed = instant.strftime(pattern).to_string();
            assert_eq!(parse_timestamp(&typed, day), Some(instant.timestamp()), "{typed}");
        }
        let shown = DisplayTime::utc(instant.timestamp()).text;
        assert_eq!(parse_timestamp(&shown, day), Some(instant.timestamp()), "{shown}");
        for pattern in ["%B %-d, %Y", "%-d %b %Y", "%Y-%m-%d", "%d-%m-%Y"] {
            let typed = instant.strftime(pattern).to_string();
            assert_eq!(parse_date(&typed), Some(day), "{typed}");
        }
        let without_year = instant.strftime("%B %-d at %H:%M:%S UTC").to_string();
        assert_eq!(parse_timestamp(&without_year, day), Some(instant.timestamp()), "{without_year}");
    });
}

/// Numbers in ASCII digits in a text.
fn numbers(typed: &str) -> Vec<i64> {
    typed.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
}

#[test]
fn no_timestamp_is_invented() {
    const PIECES: &[&str] = &[
        "June",
        "28",
        "2023",
        "14:04:34",
        "UTC",
        "at",
        " ",
        ",",
        ".",
        "-",
        ":",
        "28, ",
        "2023-06-28",
        "28-06-2023",
        "am",
        "PM",
        "1st",
        "er",
        "le ",
        "à",
        "00",
        "0000",
        "9999",
        "12",
        "Z",
        "T",
        "February 30",
        "99999",
        "juin",
        "\u{a0}",
        "٢٨",
        "January ",
        "1 ",
        "31 ",
    ];
    check_property(500, text_from(PIECES, 10), |typed| {
        let known = numbers(&typed);
        let holds = |number: i64| assert!(known.contains(&number), "{number} is not in {typed:?}");
        if let Some(day) = parse_date(&typed) {
            [i64::from(day.year()), i64::from(day.day())].into_iter().for_each(holds);
        }
        let latest = date(2023, 6, 30);
        if let Some(instant) = parse_timestamp(&typed, latest) {
            let read = instant.to_zoned(TimeZone::UTC);
            [i64::from(read.day()), i64::from(read.minute()), i64::from(read.second())].into_iter().for_each(holds);
            let _ = DisplayTime::utc(instant);
        }
    });
}
