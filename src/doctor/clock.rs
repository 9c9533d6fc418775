//! Checks of the clock and of the time zone of the offices.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::doctor::Finding;

pub fn check(now: Timestamp) -> Vec<Finding> {
    let year = now.to_zoned(TimeZone::UTC).year();
    let mut findings = vec![];
    // A year before the program was written, or far in the future, means an unset clock.
    if !(2026..2100).contains(&year) {
        findings.push(Finding::fail(format!("clock: the time is {now}"), "set the clock of this machine"));
    } else {
        findings.push(Finding::ok(format!("clock: {now}")));
    }
    if TimeZone::get("Asia/Karachi").is_err() {
        findings.push(Finding::fail("clock: the time zone Asia/Karachi is missing", "install the package tzdata"));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Level;

    #[test]
    fn unset_clock_is_reported() {
        let level = |text: &str| check(text.parse().unwrap())[0].level;
        assert_eq!(level("2026-11-23T00:00:00Z"), Level::Ok);
        assert_eq!(level("1970-01-01T00:03:00Z"), Level::Fail);
        assert_eq!(level("2106-02-07T06:28:15Z"), Level::Fail);
    }
}
