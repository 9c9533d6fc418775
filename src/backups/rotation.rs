//! Backup rotation: names, due times, and which backups are kept (seven daily, four weekly, six monthly).

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, Time, Weekday, time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::web::office_time_zone;

/// Time of the nightly backup, in the time zone of the offices.
pub const BACKUP_TIME: Time = time(2, 30, 0, 0);

/// File systems round modification times.
const MTIME_TOLERANCE: SignedDuration = SignedDuration::from_secs(1);
const KEEP_DAILY: usize = 7;
const KEEP_WEEKLY: usize = 4;
const KEEP_MONTHLY: usize = 6;

/// Date of the backup that is due by `now`.
pub fn date_of(now: Timestamp) -> Date {
    let here = now.to_zoned(office_time_zone());
    if here.time() < BACKUP_TIME { here.date().saturating_sub(1.day()) } else { here.date() }
}

/// Time at which the backup of a date was due.
pub fn due_at(night: Date) -> Timestamp {
    let zone: TimeZone = office_time_zone();
    zone.to_ambiguous_timestamp(night.to_datetime(BACKUP_TIME)).compatible().unwrap_or(Timestamp::MIN)
}

/// Time at which a backup was made, from the modification time of its file.
///
/// The time of a file that was copied or touched is not plausible. Then the due time is used.
pub fn made_at(night: Date, written: Option<Timestamp>, now: Timestamp) -> Timestamp {
    let (due, next) = (due_at(night), due_at(night.saturating_add(1.day())));
    written.filter(|at| (due..next.min(now.saturating_add(MTIME_TOLERANCE).unwrap_or(now))).contains(at)).unwrap_or(due)
}

pub fn file_name(night: Date) -> String {
    format!("site-{night}.tar.gz")
}

/// Date in the name of a backup; `None` for other files.
pub fn date_from_name(name: &str) -> Option<Date> {
    let night: Date = name.strip_prefix("site-")?.strip_suffix(".tar.gz")?.parse().ok()?;
    (file_name(night) == name).then_some(night)
}

/// Date of the newest backup among `names`. Dates in the future come from a wrong clock and do not count.
pub fn newest_in<'a>(names: impl IntoIterator<Item = &'a str>, now: Timestamp) -> Option<Date> {
    names.into_iter().filter_map(date_from_name).filter(|night| *night <= date_of(now)).max()
}

/// Backups to keep: the seven newest, and the first of each of the last four weeks (from Sunday) and six months.
///
/// Backups dated after `tonight` are kept too, without counting.
pub fn to_keep(backups: &BTreeSet<Date>, tonight: Date) -> BTreeSet<Date> {
    let (past, future): (BTreeSet<Date>, BTreeSet<Date>) = backups.iter().partition(|night| **night <= tonight);
    let mut kept = future;
    kept.extend(past.iter().rev().take(KEEP_DAILY));
    kept.extend(first_per_period(&past, sunday_of, KEEP_WEEKLY));
    kept.extend(first_per_period(&past, Date::first_of_month, KEEP_MONTHLY));
    kept
}

/// First backup of each of the last `count` periods that have one.
fn first_per_period(backups: &BTreeSet<Date>, period: impl Fn(Date) -> Date, count: usize) -> Vec<Date> {
    let mut first: BTreeMap<Date, Date> = BTreeMap::new();
    for night in backups {
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
    fn backup_day_starts_at_half_past_two_office_time() {
        assert_eq!(date_of(at("2026-11-22T21:29:59Z")), date(2026, 11, 22));
        assert_eq!(date_of(at("2026-11-22T21:30:00Z")), date(2026, 11, 23));
        assert_eq!(due_at(date(2026, 11, 23)), at("2026-11-22T21:30:00Z"));
    }

    #[test]
    fn backup_age_counts_from_when_it_was_made() {
        let (night, now) = (date(2026, 11, 23), at("2026-11-23T12:00:00Z"));
        let made = |written: Option<&str>| made_at(night, written.map(at), now).to_string();
        assert_eq!(made(Some("2026-11-23T08:15:00Z")), "2026-11-23T08:15:00Z", "a missed backup made later");
        for copied in [None, Some("2026-11-23T12:00:02Z"), Some("2026-11-30T00:00:00Z"), Some("2026-11-22T00:00:00Z")] {
            assert_eq!(made(copied), "2026-11-22T21:30:00Z", "{copied:?}");
        }
    }

    #[test]
    fn only_files_named_by_the_site_are_backups() {
        assert_eq!(date_from_name("site-2026-11-23.tar.gz"), Some(date(2026, 11, 23)));
        for other in ["site-2026-11-23.tar.gz.part", "site-2026-1-2.tar.gz", "site-x.tar.gz", "mine.tar.gz"] {
            assert_eq!(date_from_name(other), None, "{other}");
        }
        let names = ["site-2026-11-20.tar.gz", "site-2026-11-21.tar.gz", "site-2031-01-01.tar.gz", "note"];
        assert_eq!(newest_in(names, at("2026-11-23T00:00:00Z")), Some(date(2026, 11, 21)));
    }

    #[test]
    fn seven_daily_four_weekly_and_six_monthly_backups_are_kept() {
        let mut backups = BTreeSet::new();
        let mut night = date(2026, 1, 1);
        while night <= date(2027, 3, 10) {
            backups.insert(night);
            backups = to_keep(&backups, night);
            night = night.tomorrow().unwrap();
        }
        let expected: BTreeSet<Date> = (4..=10)
            .map(|day| date(2027, 3, day))
            .chain([date(2027, 2, 14), date(2027, 2, 21), date(2027, 2, 28), date(2027, 3, 7)])
            .chain([(2026, 10), (2026, 11), (2026, 12), (2027, 1), (2027, 2), (2027, 3)].map(|(y, m)| date(y, m, 1)))
            .collect();
        assert_eq!(backups, expected);
    }

    #[test]
    fn rotation_with_missed_days_deletes_nothing_that_is_needed_later() {
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
                left = to_keep(&left, night);
                assert_eq!(left, to_keep(&all, night), "the same as if nothing had ever been deleted");
                assert!(left.len() <= KEEP_DAILY + KEEP_WEEKLY + KEEP_MONTHLY);
                assert!(all.iter().rev().take(KEEP_DAILY).all(|newest| left.contains(newest)));
                let months: BTreeSet<Date> = all.iter().map(|day| day.first_of_month()).collect();
                for month in months.iter().rev().take(KEEP_MONTHLY) {
                    assert!(left.iter().any(|day| day.first_of_month() == *month), "{month} has none");
                }
                assert_eq!(to_keep(&left, night), left, "a second run deletes nothing");
            }
        }
    }

    #[test]
    fn backup_dated_in_the_future_displaces_nothing() {
        let backups: BTreeSet<Date> = (1..=7).map(|day| date(2026, 11, day)).collect();
        let mut odd = backups.clone();
        odd.extend([date(2031, 1, 1), date(2031, 1, 2)]);
        assert_eq!(to_keep(&odd, date(2026, 11, 7)), odd);
    }
}
