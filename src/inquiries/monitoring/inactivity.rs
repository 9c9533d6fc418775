//! Rule for the warning about missing inquiries.
//!
//! Warn if no inquiry came for 7 days although at least one came in each of the 8 weeks before.

use jiff::{SignedDuration, Timestamp};

pub const WEEKS: i32 = 8;
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Whether the newest inquiry is old enough for a warning. If not, the rule needs no others.
pub fn is_long(newest: Timestamp, now: Timestamp) -> bool {
    now.duration_since(newest) >= WEEK
}

/// The weeks until the newest inquiry that the rule looks at: after which time, and until which. Oldest first.
pub fn weeks(newest: Timestamp) -> Vec<(Timestamp, Timestamp)> {
    (0..WEEKS).rev().map(|week| (newest - WEEK * (week + 1), newest - WEEK * week)).collect()
}

/// Whole days without an inquiry, if the rule applies. `received` contains the time of at least one inquiry of each of
/// the [`weeks`] with any, oldest first.
pub fn unusual_inactivity(received: &[Timestamp], now: Timestamp) -> Option<i64> {
    let newest = *received.last()?;
    let had_one = |(after, until): (Timestamp, Timestamp)| received.iter().any(|at| *at > after && *at <= until);
    let applies = is_long(newest, now) && weeks(newest).into_iter().all(had_one);
    applies.then(|| now.duration_since(newest).as_hours() / 24)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: f64) -> Timestamp {
        Timestamp::from_second(1_780_000_000 + (day * 86_400.0) as i64).unwrap()
    }

    /// One inquiry on each of these days.
    fn on(days: impl IntoIterator<Item = f64>) -> Vec<Timestamp> {
        days.into_iter().map(at).collect()
    }

    #[test]
    fn alert_starts_after_seven_days_and_persists() {
        for per_day in [1, 8] {
            let received = on((0..60 * per_day).map(|n| f64::from(n) / f64::from(per_day)));
            let newest = 60.0 - 1.0 / f64::from(per_day);
            assert_eq!(unusual_inactivity(&received, at(newest + 6.99)), None);
            assert_eq!(unusual_inactivity(&received, at(newest + 7.0)), Some(7));
            assert_eq!(unusual_inactivity(&received, at(newest + 400.0)), Some(400));
        }
    }

    #[test]
    fn no_alert_without_an_inquiry_in_each_of_the_eight_weeks() {
        assert_eq!(unusual_inactivity(&[], at(0.0)), None);
        assert_eq!(unusual_inactivity(&on((0..49).map(f64::from)), at(100.0)), None, "seven weeks");
        let one_empty_week = (0..60).map(f64::from).filter(|day| !(30.0..45.0).contains(day));
        assert_eq!(unusual_inactivity(&on(one_empty_week), at(100.0)), None);
        let weekly = on((0..8).map(|week| f64::from(week * 7)));
        assert_eq!(unusual_inactivity(&weekly, at(49.0 + 7.0)), Some(7));
    }

    #[test]
    fn quiet_weekends_cause_no_alert() {
        let workdays = on((0..12 * 7 - 2).filter(|day| day % 7 < 5).map(f64::from));
        assert_eq!(unusual_inactivity(&workdays, at(81.0 + 3.0)), None);
    }

    #[test]
    fn clock_set_back_causes_no_alert() {
        assert_eq!(unusual_inactivity(&on((0..60).map(f64::from)), at(10.0)), None);
    }
}
