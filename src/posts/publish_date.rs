//! Publish date of a post, which staff can set to an earlier day.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::posts::post_form::PostForm;
use crate::web::{FieldErrors, office_date, office_time_zone, parse_entered_date};

impl PostForm {
    /// The publish date chosen by staff.
    pub fn publish_day(&self) -> Option<Date> {
        parse_entered_date(&self.publish_date)
    }

    /// The publish date as it is stored: `2023-07-04`, or empty.
    pub fn stored_publish_date(&self) -> String {
        self.publish_day().map(|day| day.to_string()).unwrap_or_default()
    }

    /// Time of first publication: the chosen date, or else `current`, or else `now`.
    ///
    /// An earlier day has no time of day; noon in the office keeps its date in most other time zones.
    pub fn published_at(&self, current: Option<Timestamp>, now: Timestamp) -> Timestamp {
        let Some(day) = self.publish_day() else { return current.unwrap_or(now) };
        let on_day = [current, Some(now)].into_iter().flatten().find(|at| office_date(*at) == day);
        let noon = || day.at(12, 0, 0, 0).to_zoned(office_time_zone()).map_or(now, |noon| noon.timestamp());
        on_day.unwrap_or_else(noon)
    }

    /// Reports a publish date in the future. A post that should appear later is scheduled instead.
    pub fn check_publish_date(&self, now: Timestamp, errors: &mut FieldErrors) {
        if self.publish_day().is_some_and(|day| day > office_date(now)) {
            errors.add("publish_date", "The publish date cannot be in the future. To publish later, use Schedule.");
        }
    }
}
