//! Opening hours as stored and as entered in the settings.

use serde::{Deserialize, Serialize};

use crate::web::{FieldErrors, OpeningHours, WEEKDAYS, multi_line, one_line, parse_dates, parse_periods};

/// Hours per weekday, such as `10.00–18.00`, empty for a closed day; and closed dates, one per line.
#[derive(Clone, Debug, Default, Deserialize, Serialize, sqlx::FromRow)]
#[serde(default)]
pub struct WeeklyHours {
    #[serde(deserialize_with = "one_line")]
    pub hours_monday: String,
    #[serde(deserialize_with = "one_line")]
    pub hours_tuesday: String,
    #[serde(deserialize_with = "one_line")]
    pub hours_wednesday: String,
    #[serde(deserialize_with = "one_line")]
    pub hours_thursday: String,
    #[serde(deserialize_with = "one_line")]
    pub hours_friday: String,
    #[serde(deserialize_with = "one_line")]
    pub hours_saturday: String,
    #[serde(deserialize_with = "one_line")]
    pub hours_sunday: String,
    #[serde(deserialize_with = "multi_line")]
    pub closed_dates: String,
}

impl WeeklyHours {
    const MAX_LEN: usize = 60;
    const MAX_CLOSED_DATES_LEN: usize = 1000;

    pub fn monday_to_saturday(hours: &str) -> Self {
        let day = || hours.to_owned();
        Self {
            hours_monday: day(),
            hours_tuesday: day(),
            hours_wednesday: day(),
            hours_thursday: day(),
            hours_friday: day(),
            hours_saturday: day(),
            ..Self::default()
        }
    }

    /// Field name, name of the day and hours, from Monday.
    pub fn days(&self) -> [(&'static str, &'static str, &str); 7] {
        let [monday, tuesday, wednesday, thursday, friday, saturday, sunday] = WEEKDAYS;
        [
            ("hours_monday", monday, &self.hours_monday),
            ("hours_tuesday", tuesday, &self.hours_tuesday),
            ("hours_wednesday", wednesday, &self.hours_wednesday),
            ("hours_thursday", thursday, &self.hours_thursday),
            ("hours_friday", friday, &self.hours_friday),
            ("hours_saturday", saturday, &self.hours_saturday),
            ("hours_sunday", sunday, &self.hours_sunday),
        ]
    }

    pub fn opening_hours(&self) -> OpeningHours {
        OpeningHours::new(self.days().map(|(_, _, hours)| hours), &self.closed_dates)
    }

    /// Adds a message to each field that cannot be read.
    pub fn check(&self, errors: &mut FieldErrors) {
        for (field, day, hours) in self.days() {
            if hours.chars().count() > Self::MAX_LEN || parse_periods(hours).is_none() {
                let example = "such as 10.00–18.00 or 10.00–13.00, 14.00–18.00";
                errors.add(field, format!("Enter the hours of {day} as 24-hour times, {example}."));
            }
        }
        if self.closed_dates.chars().count() > Self::MAX_CLOSED_DATES_LEN || parse_dates(&self.closed_dates).is_none() {
            errors.add("closed_dates", "Enter each closed date on its own line, such as 2026-12-25.");
        }
    }
}
