//! Opening hours of the offices, and whether they are open at a given time.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use crate::web::{ascii_digits, office_time_zone, parse_entered_date};

/// Names of the days, from Monday.
pub const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
/// Days to look ahead for the next opening.
const MAX_DAYS_AHEAD: i64 = 14;
const MINUTES_PER_DAY: u16 = 24 * 60;

/// Opening hours per weekday in the office time zone, without the dates on which the offices are closed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpeningHours {
    /// From Monday. A day without periods is closed.
    days: [Vec<Period>; 7],
    closed_on: BTreeSet<Date>,
}

/// Minutes of the day from opening to closing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    opens: u16,
    closes: u16,
}

/// Whether the offices are open, ready to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfficeStatus {
    pub is_open: bool,
    /// `Open now, until 18.00` or `Closed now, opens Monday at 10.00`
    pub text: String,
}

impl OpeningHours {
    /// Hours as entered, from Monday, and closed dates, one per line. Invalid parts were rejected on input.
    pub fn new(days: [&str; 7], closed_on: &str) -> Self {
        Self {
            days: days.map(|text| parse_periods(text).unwrap_or_default()),
            closed_on: parse_dates(closed_on).unwrap_or_default(),
        }
    }

    /// Whether no hours are set.
    pub fn is_empty(&self) -> bool {
        self.days.iter().all(Vec::is_empty)
    }

    /// Days with the same hours together: (`Monday to Saturday`, `10.00–18.00`), (`Sunday`, `Closed`).
    pub fn lines(&self) -> Vec<(String, String)> {
        let mut lines: Vec<(String, String)> = vec![];
        let mut first = 0;
        for day in 1..=WEEKDAYS.len() {
            if day < WEEKDAYS.len() && self.days[day] == self.days[first] {
                continue;
            }
            let names = match day - 1 {
                last if last == first => WEEKDAYS[first].to_owned(),
                last => format!("{} to {}", WEEKDAYS[first], WEEKDAYS[last]),
            };
            let hours: Vec<String> = self.days[first].iter().map(Period::text).collect();
            lines.push((names, if hours.is_empty() { "Closed".into() } else { hours.join(", ") }));
            first = day;
        }
        lines
    }

    /// Status at `now`; `None` if no hours are set.
    pub fn status(&self, now: Timestamp) -> Option<OfficeStatus> {
        if self.is_empty() {
            return None;
        }
        let local = now.to_zoned(office_time_zone());
        let minute = u16::from(local.hour().unsigned_abs()) * 60 + u16::from(local.minute().unsigned_abs());
        let today = self.periods_on(local.date());
        if let Some(period) = today.iter().find(|period| (period.opens..period.closes).contains(&minute)) {
            return Some(OfficeStatus {
                is_open: true,
                text: format!("Open now, until {}", clock_text(period.closes)),
            });
        }
        let later_today = today.iter().find(|period| period.opens > minute).map(|period| ("today".to_owned(), period));
        let next = later_today.or_else(|| {
            (1..=MAX_DAYS_AHEAD).find_map(|ahead| {
                let date = local.date().checked_add(ahead.days()).ok()?;
                let name = match ahead {
                    1 => "tomorrow".to_owned(),
                    2..7 => WEEKDAYS[weekday(date)].to_owned(),
                    _ => date.strftime("%B %-d").to_string(),
                };
                Some((name, self.periods_on(date).first()?))
            })
        });
        let text = match next {
            Some((day, period)) => format!("Closed now, opens {day} at {}", clock_text(period.opens)),
            None => "Closed now".into(),
        };
        Some(OfficeStatus { is_open: false, text })
    }

    /// The time around `now` in which no page shows anything else: from the last to the next opening, closing or
    /// midnight in the office time zone (start inclusive, end exclusive).
    pub fn unchanged_period(&self, now: Timestamp) -> (Timestamp, Timestamp) {
        let date = now.to_zoned(office_time_zone()).date();
        let at = |minutes: u16| {
            let midnight = date.to_zoned(office_time_zone()).ok()?;
            midnight.checked_add(i64::from(minutes).minutes()).ok().map(|time| time.timestamp())
        };
        let (Some(midnight), Some(next_midnight)) = (at(0), at(MINUTES_PER_DAY)) else {
            // At the end of the range of dates: this instant only.
            return (now, now);
        };
        let changes = self.periods_on(date).iter().flat_map(|period| [period.opens, period.closes]).filter_map(at);
        changes.fold((midnight, next_midnight), |(start, end), change| {
            if change <= now { (start.max(change), end) } else { (start, end.min(change)) }
        })
    }

    fn periods_on(&self, date: Date) -> &[Period] {
        if self.closed_on.contains(&date) { &[] } else { &self.days[weekday(date)] }
    }
}

impl Period {
    fn text(&self) -> String {
        format!("{}–{}", clock_text(self.opens), clock_text(self.closes))
    }
}

/// Index in [`WEEKDAYS`].
fn weekday(date: Date) -> usize {
    usize::from(date.weekday().to_monday_zero_offset().unsigned_abs())
}

/// `10.00`, as the company writes times of opening.
fn clock_text(minutes: u16) -> String {
    format!("{}.{:02}", minutes / 60, minutes % 60)
}

/// Periods of a day, such as `10.00–13.00, 14:00 - 18`, in their order. An empty text has none.
pub fn parse_periods(text: &str) -> Option<Vec<Period>> {
    let text = ascii_digits(text).replace(" to ", "–").replace(['-', '—'], "–");
    let mut periods: Vec<Period> = vec![];
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (opens, closes) = part.split_once('–')?;
        let period = Period { opens: parse_clock(opens)?, closes: parse_clock(closes)? };
        let earliest = periods.last().map_or(0, |before| before.closes);
        if period.opens < earliest || period.closes <= period.opens {
            return None;
        }
        periods.push(period);
    }
    Some(periods)
}

/// Minutes of the day of a 24-hour time, such as `10`, `10.30` or `24:00`.
fn parse_clock(text: &str) -> Option<u16> {
    let (hours, minutes) = text.trim().split_once(['.', ':']).unwrap_or((text.trim(), "00"));
    if hours.len() > 2 || minutes.len() != 2 {
        return None;
    }
    let (hours, minutes) = (hours.parse::<u16>().ok()?, minutes.parse::<u16>().ok()?);
    let total = hours * 60 + minutes;
    (minutes < 60 && total <= MINUTES_PER_DAY).then_some(total)
}

/// Dates, one per line.
pub fn parse_dates(text: &str) -> Option<BTreeSet<Date>> {
    text.lines().filter(|line| !line.trim().is_empty()).map(parse_entered_date).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Monday to Friday with a break, Saturday until midnight, closed on December 25, 2026 (a Friday).
    fn hours() -> OpeningHours {
        let day = "10.00–13.00, 14.00–18.00";
        OpeningHours::new([day, day, day, day, day, "10-24", ""], "2026-12-25")
    }

    /// Instant of a time in the office time zone (UTC+5).
    fn at(text: &str) -> Timestamp {
        format!("{text}:00+05:00").parse().unwrap()
    }

    #[test]
    fn status_follows_the_clock_of_the_office() {
        for (time, is_open, text) in [
            ("2026-11-23T09:59", false, "Closed now, opens today at 10.00"),
            ("2026-11-23T10:00", true, "Open now, until 13.00"),
            ("2026-11-23T13:00", false, "Closed now, opens today at 14.00"),
            ("2026-11-23T17:59", true, "Open now, until 18.00"),
            ("2026-11-23T18:00", false, "Closed now, opens tomorrow at 10.00"),
            ("2026-11-28T23:59", true, "Open now, until 24.00"),
            ("2026-11-29T00:00", false, "Closed now, opens tomorrow at 10.00"),
            ("2026-12-24T20:00", false, "Closed now, opens Saturday at 10.00"),
            ("2026-12-25T12:00", false, "Closed now, opens tomorrow at 10.00"),
        ] {
            assert_eq!(hours().status(at(time)), Some(OfficeStatus { is_open, text: text.into() }), "{time}");
        }
        assert_eq!(OpeningHours::default().status(at("2026-11-23T12:00")), None);
        let weekly = OpeningHours::new(["10-11", "", "", "", "", "", ""], "2026-11-30");
        assert_eq!(weekly.status(at("2026-11-23T12:00")).unwrap().text, "Closed now, opens December 7 at 10.00");
        let closed = OpeningHours::new(["10-11", "", "", "", "", "", ""], "2026-11-30\n2026-12-07");
        assert_eq!(closed.status(at("2026-11-23T12:00")).unwrap().text, "Closed now");
    }

    #[test]
    fn status_changes_only_at_the_ends_of_the_unchanged_period() {
        for (time, start, end) in [
            ("2026-11-23T00:00", "2026-11-23T00:00", "2026-11-23T10:00"),
            ("2026-11-23T12:59", "2026-11-23T10:00", "2026-11-23T13:00"),
            ("2026-11-23T13:00", "2026-11-23T13:00", "2026-11-23T14:00"),
            ("2026-11-23T20:00", "2026-11-23T18:00", "2026-11-24T00:00"),
            ("2026-12-25T12:00", "2026-12-25T00:00", "2026-12-26T00:00"),
        ] {
            assert_eq!(hours().unchanged_period(at(time)), (at(start), at(end)), "{time}");
        }
        // In every minute of two weeks.
        let mut now = at("2026-12-14T00:00");
        for _ in 0..14 * 24 * 60 {
            let (start, end) = hours().unchanged_period(now);
            assert!(start <= now && now < end);
            let is_open = |time: Timestamp| hours().status(time).unwrap().is_open;
            assert_eq!(is_open(now), is_open(start), "{now}");
            now += 1.minute();
        }
    }

    #[test]
    fn days_with_the_same_hours_are_one_line() {
        let text = |lines: Vec<(String, String)>| {
            lines.iter().map(|(days, hours)| format!("{days}: {hours}")).collect::<Vec<_>>()
        };
        let expected = ["Monday to Friday: 10.00–13.00, 14.00–18.00", "Saturday: 10.00–24.00", "Sunday: Closed"];
        assert_eq!(text(hours().lines()), expected);
        assert_eq!(text(OpeningHours::new(["9-17"; 7], "").lines()), ["Monday to Sunday: 9.00–17.00"]);
    }

    #[test]
    fn hours_are_read_as_staff_write_them() {
        for text in ["10.00–18.00", "10:00 - 18:00", "10 to 18", "10—18", "۱۰.۰۰–۱۸.۰۰"] {
            assert_eq!(parse_periods(text), Some(vec![Period { opens: 600, closes: 1080 }]), "{text}");
        }
        assert_eq!(parse_periods(" "), Some(vec![]));
        for text in ["10", "closed", "18–10", "10–10", "10–24.01", "10.5–18", "9–12, 11–14", "10.60–18", "99999–100000"]
        {
            assert_eq!(parse_periods(text), None, "{text}");
        }
        assert_eq!(parse_dates("2026-12-25\n\nMarch 20, 2027\n").map(|dates| dates.len()), Some(2));
        assert_eq!(parse_dates("tomorrow"), None);
    }
}
