//! Which night's copies are kept: seven days, four weeks, six months. No I/O.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, Time, Weekday, time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::web::firm_zone;

/// When a night's copy is made, by the clock of the firm's offices.
pub const AT: Time = time(2, 30, 0, 0);

/// File systems round the time of a file.
const A_SECOND: SignedDuration = SignedDuration::from_secs(1);
const DAYS: usize = 7;
const WEEKS: usize = 4;
const MONTHS: usize = 6;

/// The night whose copy should be there by now.
pub fn night_of(now: Timestamp) -> Date {
    let here = now.to_zoned(firm_zone());
    if here.time() < AT { here.date().saturating_sub(1.day()) } else { here.date() }
}

/// When the copy of a night was due.
pub fn due_at(night: Date) -> Timestamp {
    let zone: TimeZone = firm_zone();
    zone.to_ambiguous_timestamp(night.to_datetime(AT)).compatible().unwrap_or(Timestamp::MIN)
}

/// When the backup of a night was made, by the time its file was written.
///
/// A file that was copied or touched since has another time: then the earliest moment counts at which it can have been made.
pub fn made_at(night: Date, written: Option<Timestamp>, now: Timestamp) -> Timestamp {
    let (due, next) = (due_at(night), due_at(night.saturating_add(1.day())));
    written.filter(|at| (due..next.min(now.saturating_add(A_SECOND).unwrap_or(now))).contains(at)).unwrap_or(due)
}

/// What the copy of a night is called.
pub fn file_name(night: Date) -> String {
    format!("site-{night}.tar.gz")
}

/// The night of a copy by its name; `None` for whatever else lies in the directory.
pub fn night_in(name: &str) -> Option<Date> {
    let night: Date = name.strip_prefix("site-")?.strip_suffix(".tar.gz")?.parse().ok()?;
    (file_name(night) == name).then_some(night)
}

/// The newest night of which `names` hold a copy, as far as `now` has come: one of the future was made by a clock that
/// was wrong.
pub fn newest_in<'a>(names: impl IntoIterator<Item = &'a str>, now: Timestamp) -> Option<Date> {
    names.into_iter().filter_map(night_in).filter(|night| *night <= night_of(now)).max()
}

/// Which of the copies stay: the seven newest, the first of each of the four newest weeks (from Sunday on) and of each of
/// the six newest months. Those after `tonight` stay as well, without counting.
pub fn kept(copies: &BTreeSet<Date>, tonight: Date) -> BTreeSet<Date> {
    let (past, future): (BTreeSet<Date>, BTreeSet<Date>) = copies.iter().partition(|night| **night <= tonight);
    let mut kept = future;
    kept.extend(past.iter().rev().take(DAYS));
    kept.extend(firsts(&past, sunday_of, WEEKS));
    kept.extend(firsts(&past, Date::first_of_month, MONTHS));
    kept
}

/// The first copy of each of the newest periods that have one.
fn firsts(copies: &BTreeSet<Date>, period: impl Fn(Date) -> Date, count: usize) -> Vec<Date> {
    let mut first: BTreeMap<Date, Date> = BTreeMap::new();
    for night in copies {
        first.entry(period(*night)).or_insert(*night);
    }
    first.into_values().rev().take(count).collect()
}

fn sunday_of(day: Date) -> Date {
    let since = day.weekday().since(Weekday::Sunday);
    day.saturating_sub(i32::from(since).days())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_night_begins_at_half_past_two_in_the_office() {
        assert_eq!(night_of(at("2026-11-22T21:29:59Z")), date(2026, 11, 22));
        assert_eq!(night_of(at("2026-11-22T21:30:00Z")), date(2026, 11, 23));
        assert_eq!(due_at(date(2026, 11, 23)), at("2026-11-22T21:30:00Z"));
    }

    #[test]
    fn the_age_of_a_backup_counts_from_the_moment_it_was_made() {
        let (night, now) = (date(2026, 11, 23), at("2026-11-23T12:00:00Z"));
        let made = |written: Option<&str>| made_at(night, written.map(at), now).to_string();
        assert_eq!(made(Some("2026-11-23T08:15:00Z")), "2026-11-23T08:15:00Z", "a night that was made up for");
        for copied in [None, Some("2026-11-23T12:00:02Z"), Some("2026-11-30T00:00:00Z"), Some("2026-11-22T00:00:00Z")] {
            assert_eq!(made(copied), "2026-11-22T21:30:00Z", "{copied:?}");
        }
    }

    #[test]
    fn only_names_of_ours_are_copies() {
        assert_eq!(night_in("site-2026-11-23.tar.gz"), Some(date(2026, 11, 23)));
        for other in ["site-2026-11-23.tar.gz.part", "site-2026-1-2.tar.gz", "site-x.tar.gz", "mine.tar.gz"] {
            assert_eq!(night_in(other), None, "{other}");
        }
        let names = ["site-2026-11-20.tar.gz", "site-2026-11-21.tar.gz", "site-2031-01-01.tar.gz", "note"];
        assert_eq!(newest_in(names, at("2026-11-23T00:00:00Z")), Some(date(2026, 11, 21)));
    }

    #[test]
    fn of_a_site_that_ran_every_night_seven_days_four_sundays_and_six_firsts_are_kept() {
        let mut copies = BTreeSet::new();
        let mut night = date(2026, 1, 1);
        while night <= date(2027, 3, 10) {
            copies.insert(night);
            copies = kept(&copies, night);
            night = night.tomorrow().unwrap();
        }
        let expected: BTreeSet<Date> = (4..=10)
            .map(|day| date(2027, 3, day))
            .chain([date(2027, 2, 14), date(2027, 2, 21), date(2027, 2, 28), date(2027, 3, 7)])
            .chain([(2026, 10), (2026, 11), (2026, 12), (2027, 1), (2027, 2), (2027, 3)].map(|(y, m)| date(y, m, 1)))
            .collect();
        assert_eq!(copies, expected);
    }

    #[test]
    fn whatever_nights_are_missed_the_newest_stay_and_nothing_is_thrown_away_that_is_needed_later() {
        let mut random = StdRng::seed_from_u64(20_261_123);
        for _ in 0..60 {
            let chance = random.random_range(0.05..1.0);
            let (mut all, mut left) = (BTreeSet::new(), BTreeSet::new());
            let mut night = date(2026, random.random_range(1..=12), random.random_range(1..=28));
            for _ in 0..400 {
                night = night.tomorrow().unwrap();
                if !random.random_bool(chance) {
                    continue;
                }
                all.insert(night);
                left.insert(night);
                left = kept(&left, night);
                assert_eq!(left, kept(&all, night), "the same as if nothing had ever been thrown away");
                assert!(left.len() <= DAYS + WEEKS + MONTHS);
                assert!(all.iter().rev().take(DAYS).all(|newest| left.contains(newest)));
                let months: BTreeSet<Date> = all.iter().map(|day| day.first_of_month()).collect();
                for month in months.iter().rev().take(MONTHS) {
                    assert!(left.iter().any(|day| day.first_of_month() == *month), "{month} has none");
                }
                assert_eq!(kept(&left, night), left, "a second look throws nothing away");
            }
        }
    }

    #[test]
    fn a_copy_of_the_future_pushes_nothing_out() {
        let copies: BTreeSet<Date> = (1..=7).map(|day| date(2026, 11, day)).collect();
        let mut odd = copies.clone();
        odd.extend([date(2031, 1, 1), date(2031, 1, 2)]);
        assert_eq!(kept(&odd, date(2026, 11, 7)), odd);
    }
}
