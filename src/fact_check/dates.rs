//! Dates from running text, with optional year, time of day and day of the week.

use std::collections::BTreeSet;
use std::ops::Range;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::fact_check::tokens::Sentence;
use crate::web::month_number;

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
}

/// A time of day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct TimeOfDay {
    pub hour: i8,
    pub minute: i8,
    pub second: Option<i8>,
    /// Whether it is, as far as the text says, in UTC.
    pub is_utc: bool,
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

/// What a text says of years, for its dates without one.
pub(super) struct Calendar {
    /// The years that the text names with a month or a day.
    pub years: BTreeSet<i16>,
    pub reference_day: Date,
}

impl Calendar {
    pub fn of(sentences: &[Sentence], reference_day: Date) -> Self {
        let mut years = BTreeSet::new();
        for sentence in sentences {
            years.extend(sentence.dates.iter().filter_map(|date| date.year));
            for (at, token) in sentence.tokens.iter().enumerate().skip(1) {
                let before = sentence.word(at - 1);
                let is_dated = before == "in" || month_number(before).is_some();
                years.extend(token.number().and_then(|number| number.year()).filter(|_| is_dated));
            }
        }
        Self { years, reference_day }
    }

    /// The day a date means: without a year, the one nearest to another day.
    pub fn day_of(&self, date: &ParsedDate, near: Option<Date>) -> Option<Date> {
        if date.year.is_some() {
            return date.date();
        }
        let near = near.unwrap_or(self.reference_day);
        let days_away = |day: &Date| near.until(*day).map_or(i32::MAX, |span| span.get_days().abs());
        (near.year() - 1..=near.year() + 1).filter_map(|year| date.in_year(year)).min_by_key(days_away)
    }

    /// The years a date without one may be of.
    pub fn years_for(&self, date: &ParsedDate) -> BTreeSet<i16> {
        if let Some(year) = date.year {
            return BTreeSet::from([year]);
        }
        let mut years = self.years.clone();
        years.extend(self.day_of(date, None).map(|day| day.year()));
        if self.years.is_empty() {
            years.insert(self.reference_day.year());
        }
        years
    }

    /// Whether two days are at most `days` apart.
    pub fn are_close(one: Date, other: Date, days: i64) -> bool {
        let (Ok(first), Ok(last)) = (one.checked_sub(days.days()), one.checked_add(days.days())) else { return false };
        (first..=last).contains(&other)
    }
}
