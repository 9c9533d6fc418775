//! When silence is unusual for this site: the rule, which knows nothing but instants.

use jiff::{SignedDuration, Timestamp};

/// How far back from the newest inquiry the others tell what is usual.
pub const LOOKBACK: SignedDuration = SignedDuration::from_hours(90 * 24);
/// From fewer nothing can be told.
const MIN_INQUIRIES: usize = 10;
/// A silence as long as a weekend is nobody's concern.
const MIN_INACTIVITY: SignedDuration = SignedDuration::from_hours(2 * 24);
/// What came in fewer days is taken to have come in so many: one busy day tells little of the days after.
const MIN_DAYS: f64 = 7.0;
/// How unlikely a silence must be, were inquiries to come as often as before.
const P_VALUE: f64 = 0.001;
/// So many longer pauses do not make a silence usual: a holiday, or the last time something was broken.
const MAX_LONGER_GAPS: usize = 2;

/// How many whole days there has been no inquiry, where that is unusual; `received` holds when the inquiries of
/// [`LOOKS_BACK`] came, oldest first.
///
/// The rate is that of the time before the silence, so that a long silence does not become usual by lasting. Sites on
/// which weekends are quiet know longer pauses than the rate alone would lead to expect: these count too.
pub fn unusual_inactivity(received: &[Timestamp], now: Timestamp) -> Option<i64> {
    let (first, newest) = (*received.first()?, *received.last()?);
    let inactivity = now.duration_since(newest);
    if received.len() < MIN_INQUIRIES || inactivity < MIN_INACTIVITY {
        return None;
    }
    let per_day = received.len() as f64 / days(newest.duration_since(first)).max(MIN_DAYS);
    let likelihood = (-per_day * days(inactivity)).exp();
    let longer = received.windows(2).filter(|pair| pair[1].duration_since(pair[0]) >= inactivity).count();
    (likelihood < P_VALUE && longer <= MAX_LONGER_GAPS).then(|| inactivity.as_hours() / 24)
}

fn days(time: SignedDuration) -> f64 {
    time.as_secs_f64() / 86_400.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: f64) -> Timestamp {
        Timestamp::from_second(1_780_000_000 + (day * 86_400.0) as i64).unwrap()
    }

    /// One inquiry each of these days.
    fn on(days: impl IntoIterator<Item = f64>) -> Vec<Timestamp> {
        days.into_iter().map(at).collect()
    }

    #[test]
    fn busier_sites_are_alerted_sooner() {
        // Twice a day: 3.5 days are one chance in a thousand.
        let twice_a_day = on((0..60).map(|n| f64::from(n) / 2.0));
        let newest = 29.5;
        assert_eq!(unusual_inactivity(&twice_a_day, at(newest + 3.3)), None);
        assert_eq!(unusual_inactivity(&twice_a_day, at(newest + 3.5)), Some(3));
        // Once a day, twice as long.
        let once_a_day = on((0..60).map(f64::from));
        assert_eq!(unusual_inactivity(&once_a_day, at(59.0 + 6.5)), None);
        assert_eq!(unusual_inactivity(&once_a_day, at(59.0 + 7.0)), Some(7));
        // Every fourth day: four weeks.
        let seldom = on((0..20).map(|n| f64::from(n * 4)));
        assert_eq!(unusual_inactivity(&seldom, at(76.0 + 20.0)), None);
        assert_eq!(unusual_inactivity(&seldom, at(76.0 + 28.0)), Some(28));
    }

    #[test]
    fn alert_starts_after_two_days_at_the_earliest_and_persists() {
        let busy = on((0..900).map(|n| f64::from(n) / 10.0));
        assert_eq!(unusual_inactivity(&busy, at(89.9 + 1.99)), None);
        assert_eq!(unusual_inactivity(&busy, at(89.9 + 2.01)), Some(2));
        assert_eq!(unusual_inactivity(&busy, at(89.9 + 400.0)), Some(400));
    }

    #[test]
    fn no_alert_with_fewer_than_ten_inquiries() {
        assert_eq!(unusual_inactivity(&[], at(0.0)), None);
        assert_eq!(unusual_inactivity(&on((0..9).map(f64::from)), at(100.0)), None);
        assert_eq!(unusual_inactivity(&on((0..10).map(f64::from)), at(100.0)), Some(91));
        // Ten in its first hour are no promise for the next days.
        let first_hour = on((0..10).map(|n| f64::from(n) / 240.0));
        assert_eq!(unusual_inactivity(&first_hour, at(4.0)), None);
        assert_eq!(unusual_inactivity(&first_hour, at(6.0)), Some(5));
    }

    #[test]
    fn quiet_weekends_cause_no_alert_and_one_earlier_outage_does_not_suppress_it() {
        let weeks = |last: i32| {
            (0..last)
                .flat_map(|day| (0..8).map(move |n| f64::from(day) + f64::from(n) / 10.0).filter(move |_| day % 7 < 5))
        };
        // Until Friday evening, day 4.7 of the week; Monday morning is 7.0.
        let workdays = on(weeks(12 * 7 - 2));
        let friday = 11.0 * 7.0 + 4.7;
        assert_eq!(unusual_inactivity(&workdays, at(friday + 2.25)), None, "a weekend like all others");
        assert_eq!(unusual_inactivity(&workdays, at(friday + 2.5)), Some(2), "and nobody on Monday");
        let broken_once = on((0..60).map(f64::from).filter(|day| !(20.0..35.0).contains(day)));
        assert_eq!(unusual_inactivity(&broken_once, at(59.0 + 10.0)), Some(10));
    }
}
