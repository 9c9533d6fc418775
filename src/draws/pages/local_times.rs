//! Time of a draw in UTC, Ottawa and Pakistan.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::web::{DisplayDate, time_with_seconds};

/// Place and its time zone.
const TIME_ZONES: [(&str, &str); 3] = [("UTC", "UTC"), ("Ottawa", "America/Toronto"), ("Pakistan", "Asia/Karachi")];

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalTime {
    pub place: &'static str,
    pub iso: String,
    pub day: String,
    pub time: String,
    pub differs: &'static str,
}

/// Local times at `held_at`. `published` is the date to which they are compared.
pub fn local_times(held_at: Timestamp, published: Date) -> Vec<LocalTime> {
    let local_time = |(place, zone): (&'static str, &str)| {
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        let local = held_at.to_zoned(zone);
        let differs = match local.date().cmp(&published) {
            std::cmp::Ordering::Less => "before the published date",
            std::cmp::Ordering::Equal => "",
            std::cmp::Ordering::Greater => "after the published date",
        };
        LocalTime {
            place,
            iso: local.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
            day: DisplayDate::from(local.date()).text,
            time: time_with_seconds(&local),
            differs,
        }
    };
    TIME_ZONES.into_iter().map(local_time).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_evening_in_ottawa_is_the_next_day_elsewhere() {
        let all = local_times("2020-03-19T02:04:06Z".parse().unwrap(), "2020-03-18".parse().unwrap());
        let texts: Vec<String> = all.iter().map(|m| format!("{} {} {}", m.day, m.time, m.differs)).collect();
        assert_eq!(
            texts,
            [
                "March 19, 2020 2:04:06 a.m. after the published date",
                "March 18, 2020 10:04:06 p.m. ",
                "March 19, 2020 7:04:06 a.m. after the published date",
            ]
        );
        assert_eq!(all[1].iso, "2020-03-18T22:04:06-04:00");
    }
}
