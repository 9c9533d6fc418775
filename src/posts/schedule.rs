//! Time of a scheduled publication, entered in the time zone of the office.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use crate::web::{DisplayTime, ascii_digits, office_time_zone, parse_entered_date};

/// Longest time in advance. A later date is a typing error.
const MAX_ADVANCE: SignedDuration = SignedDuration::from_hours(2 * 366 * 24);

/// A scheduled time, in the time zone of the office and in UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduledTime {
    pub at: Timestamp,
    /// `2026-12-01`, for the form.
    pub date: String,
    /// `09:00`, for the form.
    pub time: String,
    /// `December 1, 2026, 9:00 a.m. PKT`
    pub office: DisplayTime,
    /// `December 1, 2026, 4:00 a.m. UTC`
    pub utc: DisplayTime,
}

impl ScheduledTime {
    pub fn new(at: Timestamp) -> Self {
        Self::in_zone(at, &office_time_zone())
    }

    fn in_zone(at: Timestamp, zone: &TimeZone) -> Self {
        let local = at.to_zoned(zone.clone());
        let (date, time) = (local.date().to_string(), local.strftime("%H:%M").to_string());
        Self { at, date, time, office: DisplayTime::in_zone(at, zone), utc: DisplayTime::utc_minute(at) }
    }

    /// Date and time as in the form, such as `2026-12-01 09:00`.
    pub fn entered(&self) -> String {
        format!("{} {}", self.date, self.time)
    }

    /// Both times in one text, for messages.
    pub fn text(&self) -> String {
        format!("{} ({})", self.office.text, self.utc.text)
    }
}

/// Why an entered time cannot be used: the field and a sentence.
pub type ScheduleError = (&'static str, String);

/// Parses a date and a time in the time zone of the office.
pub fn parse_schedule(date: &str, time: &str, now: Timestamp) -> Result<ScheduledTime, ScheduleError> {
    parse_in_zone(date, time, now, &office_time_zone())
}

fn parse_in_zone(date: &str, time: &str, now: Timestamp, zone: &TimeZone) -> Result<ScheduledTime, ScheduleError> {
    let date: Date = parse_entered_date(date)
        .ok_or_else(|| ("schedule_date", "Enter the date of publication, such as 2026-12-31.".to_owned()))?;
    let time = parse_time(time)
        .ok_or_else(|| ("schedule_time", "Enter the time of publication, such as 14:30 or 2:30 p.m.".to_owned()))?;
    let at = resolve(date.to_datetime(time), zone)?;
    if at <= now {
        let is_today = now.to_zoned(zone.clone()).date() == date;
        let (field, now) =
            (if is_today { "schedule_time" } else { "schedule_date" }, DisplayTime::in_zone(now, zone).text);
        return Err((field, format!("This time is in the past. It is now {now}. Enter a later time.")));
    }
    if at.duration_since(now) > MAX_ADVANCE {
        return Err(("schedule_date", "Enter a date within the next two years.".to_owned()));
    }
    Ok(ScheduledTime::in_zone(at, zone))
}

/// The instant of a local time. Times that a change of the clocks skips or repeats are refused.
fn resolve(local: DateTime, zone: &TimeZone) -> Result<Timestamp, ScheduleError> {
    let ambiguous = zone.to_ambiguous_timestamp(local);
    let shown = clock_time(local.time());
    match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { .. } => {}
        AmbiguousOffset::Gap { .. } => {
            let next = ambiguous.later().map(|at| clock_time(at.to_zoned(zone.clone()).time())).unwrap_or_default();
            let sentence = format!(
                "{shown} does not exist on this day, because the clocks go forward. Enter {next} or another time."
            );
            return Err(("schedule_time", sentence));
        }
        AmbiguousOffset::Fold { .. } => {
            let sentence = format!(
                "{shown} occurs twice on this day, because the clocks go back. Enter an earlier or a later time."
            );
            return Err(("schedule_time", sentence));
        }
    }
    ambiguous.unambiguous().map_err(|_| ("schedule_date", "Enter a date within the next two years.".to_owned()))
}

/// Parses `14:30`, `14:30:00`, `2:30 p.m.` or `2 pm`, with digits of any script.
fn parse_time(text: &str) -> Option<Time> {
    let text: String = ascii_digits(text).to_lowercase().chars().filter(|c| !c.is_whitespace() && *c != '.').collect();
    ["%H:%M", "%H:%M:%S", "%I:%M%P", "%I%P"].iter().find_map(|format| Time::strptime(format, &text).ok())
}

/// `2:30 p.m.`
fn clock_time(time: Time) -> String {
    format!("{} {}", time.strftime("%-I:%M"), if time.hour() < 12 { "a.m." } else { "p.m." })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-22T09:00:00Z";

    fn parse(date: &str, time: &str, zone: &str) -> Result<String, ScheduleError> {
        let zone = TimeZone::get(zone).unwrap();
        parse_in_zone(date, time, NOW.parse().unwrap(), &zone).map(|scheduled| scheduled.text())
    }

    #[test]
    fn entered_time_is_in_the_zone_of_the_office_and_shown_with_utc() {
        let text = "November 23, 2026, 9:05 a.m. PKT (November 23, 2026, 4:05 a.m. UTC)";
        for (date, time) in [
            ("2026-11-23", "09:05"),
            ("November 23, 2026", "9:05 a.m."),
            ("2026-11-23", "9:05 AM"),
            ("2026-11-23", "09:05:00"),
            ("۲۰۲۶-۱۱-۲۳", "۰۹:۰۵"),
        ] {
            assert_eq!(parse(date, time, "Asia/Karachi").unwrap(), text, "{date} {time}");
        }
        let scheduled = ScheduledTime::new("2026-11-23T04:05:00Z".parse().unwrap());
        assert_eq!((&*scheduled.date, &*scheduled.time), ("2026-11-23", "09:05"));
    }

    #[test]
    fn time_that_the_clocks_skip_or_repeat_is_refused() {
        for (date, time, sentence) in [
            (
                "2027-03-14",
                "02:30",
                "2:30 a.m. does not exist on this day, because the clocks go forward. Enter 3:30 a.m.",
            ),
            ("2027-11-07", "01:30", "1:30 a.m. occurs twice on this day, because the clocks go back."),
        ] {
            let (field, found) = parse(date, time, "America/Toronto").unwrap_err();
            assert!(field == "schedule_time" && found.starts_with(sentence), "{found}");
        }
        // An hour before and after the change, the offset from UTC differs.
        for (time, utc) in [("01:59", "6:59 a.m. UTC"), ("03:00", "7:00 a.m. UTC")] {
            assert!(parse("2027-03-14", time, "America/Toronto").unwrap().contains(utc), "{time}");
        }
    }

    #[test]
    fn missing_past_and_distant_times_are_refused() {
        for (date, time, field, start) in [
            ("", "09:00", "schedule_date", "Enter the date"),
            ("2026-13-01", "09:00", "schedule_date", "Enter the date"),
            ("2026-11-23", "", "schedule_time", "Enter the time"),
            ("2026-11-23", "25:00", "schedule_time", "Enter the time"),
            (
                "2026-11-22",
                "14:00",
                "schedule_time",
                "This time is in the past. It is now November 22, 2026, 2:00 p.m. PKT.",
            ),
            ("2026-11-21", "15:00", "schedule_date", "This time is in the past."),
            ("2028-12-31", "09:00", "schedule_date", "Enter a date within the next two years."),
        ] {
            let (found, sentence) = parse(date, time, "Asia/Karachi").unwrap_err();
            assert!(found == field && sentence.starts_with(start), "{date} {time}: {found}: {sentence}");
        }
    }
}
