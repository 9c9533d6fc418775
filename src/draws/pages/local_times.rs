//! When a round was held, as clocks showed it in the three places that readers ask about.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// The places: a name, and its zone.
const TIME_ZONES: [(&str, &str); 3] = [("UTC", "UTC"), ("Ottawa", "America/Toronto"), ("Pakistan", "Asia/Karachi")];

/// What the clocks of a place showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalTime {
    /// Where.
    pub place: &'static str,
    /// The day and the time of day, for `<time>`.
    pub iso: String,
    /// `June 28, 2023`
    pub day: String,
    /// `10:04:34`
    pub time: String,
    /// How that day differs from the published one; empty where it does not.
    pub differs: &'static str,
}

/// What the clocks showed at `held_at`, for a round published with the date `published`.
pub fn local_times(held_at: Timestamp, published: Date) -> Vec<LocalTime> {
    let moment = |(place, zone): (&'static str, &str)| {
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        let there = held_at.to_zoned(zone);
        let differs = match there.date().cmp(&published) {
            std::cmp::Ordering::Less => "before the published date",
            std::cmp::Ordering::Equal => "",
            std::cmp::Ordering::Greater => "after the published date",
        };
        LocalTime {
            place,
            iso: there.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
            day: there.strftime("%B %-d, %Y").to_string(),
            time: there.strftime("%H:%M:%S").to_string(),
            differs,
        }
    };
    TIME_ZONES.into_iter().map(moment).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_evening_in_ottawa_is_the_next_day_elsewhere() {
        let all = local_times("2020-03-19T02:04:06Z".parse().unwrap(), "2020-03-18".parse().unwrap());
        let told: Vec<String> = all.iter().map(|m| format!("{} {} {}", m.day, m.time, m.differs)).collect();
        assert_eq!(
            told,
            [
                "March 19, 2020 02:04:06 after the published date",
                "March 18, 2020 22:04:06 ",
                "March 19, 2020 07:04:06 after the published date",
            ]
        );
        assert_eq!(all[1].iso, "2020-03-18T22:04:06-04:00");
    }
}
