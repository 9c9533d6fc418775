//! Dates from running text, with optional year, time of day and day of the week.

use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

/// A date in a sentence; it need not exist in any calendar.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ParsedDate {
    /// Its tokens in the sentence, time and zone included, the day of the week not.
    pub tokens: Range<usize>,
    pub year: Option<i16>,
    pub month: i8,
    pub day: i8,
    /// The day of the week beside it, and which token that is.
    pub weekday: Option<(Weekday, usize)>,
    pub time: Option<TimeOfDay>,
    /// Whether only the day is written, of a month named before: "the 18th".
    pub is_day_only: bool,
}

/// A time of day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct TimeOfDay {
    pub hour: i8,
    pub minute: i8,
    pub second: Option<i8>,
    /// Whether it is, as far as the text says, in UTC.
    pub is_utc: bool,
    /// Whether the text says so.
    pub has_zone: bool,
}

impl ParsedDate {
    /// The day, where the year is given and the day exists.
    pub fn date(&self) -> Option<Date> {
        self.in_year(self.year?)
    }

    pub fn in_year(&self, year: i16) -> Option<Date> {
        Date::new(year, self.month, self.day).ok()
    }

    /// Whether there is such a day: in the year given, or in any.
    pub fn exists(&self) -> bool {
        self.in_year(self.year.unwrap_or(2024)).is_some()
    }

    /// Whether it could mean this instant: to the precision in which it was written.
    pub fn matches(&self, instant: Timestamp) -> bool {
        let at = instant.to_zoned(TimeZone::UTC).datetime();
        if !self.is_day(at.date()) {
            return false;
        }
        // A time in another zone is left to people.
        self.time.filter(|time| time.is_utc).is_none_or(|time| {
            (at.hour(), at.minute()) == (time.hour, time.minute)
                && time.second.is_none_or(|second| second == at.second())
        })
    }

    /// Whether it could mean this day.
    pub fn is_day(&self, day: Date) -> bool {
        (day.month(), day.day()) == (self.month, self.day) && self.year.is_none_or(|year| year == day.year())
    }
}
