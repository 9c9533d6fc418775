//! Whether the clock can be believed: a machine may wake up in 2050, and nothing is to be deleted for that.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::clock::Clock;

/// Further than this no clock is off that keeps itself right.
const OFF_BY: SignedDuration = SignedDuration::from_hours(24);
/// How long a clock that jumped must go on from where it jumped to before it is believed: a day for somebody to notice.
const ON_PROBATION: SignedDuration = SignedDuration::from_hours(24);

/// What the clock shows, and how much time has really passed when it does.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// What it shows.
    pub shows: Timestamp,
    /// By [`Clock::has_run`](crate::clock::Clock::has_run).
    pub has_run: SignedDuration,
}

impl Reading {
    /// What `clock` shows now.
    pub fn of(clock: &Clock) -> Self {
        Self { shows: clock.now(), has_run: clock.has_run() }
    }

    /// Whether the clock went from here to there as clocks do.
    fn leads_to(&self, later: &Self) -> bool {
        let passed = later.has_run - self.has_run;
        (later.shows.duration_since(self.shows) - passed).abs() <= OFF_BY
    }
}

/// How far a reading may be believed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Belief {
    /// It is right.
    #[default]
    Sure,
    /// The site has just started, and what is kept is much older or newer: the site may have stood still, or the clock
    /// may be wrong.
    Unproven,
    /// It jumped while the site was running.
    Jumped,
}

/// What was believed so far.
#[derive(Debug, Default)]
pub struct Trust {
    believed: Option<Reading>,
    doubted: Option<Reading>,
}

impl Trust {
    /// Takes a reading; `newest` is the newest instant that is kept, where there is one.
    pub fn take(&mut self, reading: Reading, newest: Option<Timestamp>) -> Belief {
        let fits = match (&self.believed, newest) {
            (Some(believed), _) => believed.leads_to(&reading),
            (None, Some(newest)) => reading.shows.duration_since(newest).abs() <= OFF_BY,
            (None, None) => true,
        };
        let begun = self.doubted.filter(|doubted| doubted.leads_to(&reading)).unwrap_or(reading);
        if fits || reading.has_run - begun.has_run >= ON_PROBATION {
            *self = Self { believed: Some(reading), doubted: None };
            return Belief::Sure;
        }
        self.doubted = Some(begun);
        if self.believed.is_some() { Belief::Jumped } else { Belief::Unproven }
    }
}

/// The trust in the clock of one running site. Copies share it.
#[derive(Clone, Debug, Default)]
pub struct SharedTrust(Arc<Mutex<(Trust, Belief)>>);

impl SharedTrust {
    /// Takes a reading as `Trust::take` does. What is believed now, and what was believed before.
    pub fn take(&self, reading: Reading, newest: Option<Timestamp>) -> (Belief, Belief) {
        let mut trust = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let belief = trust.0.take(reading, newest);
        (belief, std::mem::replace(&mut trust.1, belief))
    }

    /// Whether the clock can be trusted at this moment: it was right when it was last looked at, and has not jumped since.
    pub fn is_sure(&self, reading: Reading) -> bool {
        let trust = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        trust.1 == Belief::Sure && trust.0.believed.is_none_or(|believed| believed.leads_to(&reading))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(shows: &str, hours: i64) -> Reading {
        Reading { shows: shows.parse().unwrap(), has_run: SignedDuration::from_hours(hours) }
    }

    #[test]
    fn a_clock_that_goes_on_is_believed_and_one_that_jumps_only_after_a_day() {
        let mut trust = Trust::default();
        assert_eq!(trust.take(reading("2026-11-22T09:00:00Z", 0), None), Belief::Sure);
        assert_eq!(trust.take(reading("2026-12-22T09:00:00Z", 30 * 24), None), Belief::Sure);
        assert_eq!(trust.take(reading("2026-12-22T15:00:00Z", 30 * 24), None), Belief::Sure, "set by some hours");
        for hours in [0, 1, 23] {
            let ahead = reading("2050-01-01T00:00:00Z", 30 * 24 + hours);
            assert_eq!(trust.take(ahead, None), Belief::Jumped, "{hours}");
        }
        assert_eq!(trust.take(reading("2050-01-02T00:00:00Z", 31 * 24), None), Belief::Sure, "it insists");
        assert_eq!(trust.take(reading("2026-12-23T15:00:00Z", 31 * 24), None), Belief::Jumped, "and is set right");
        assert_eq!(trust.take(reading("2026-12-24T15:00:00Z", 32 * 24), None), Belief::Sure);
    }

    #[test]
    fn a_clock_that_is_set_right_again_is_believed_at_once() {
        let mut trust = Trust::default();
        trust.take(reading("2026-11-22T09:00:00Z", 0), None);
        assert_eq!(trust.take(reading("1970-01-01T00:00:00Z", 1), None), Belief::Jumped);
        assert_eq!(trust.take(reading("2050-01-01T00:00:00Z", 20), None), Belief::Jumped);
        assert_eq!(trust.take(reading("2050-01-01T10:00:00Z", 30), None), Belief::Jumped, "the day began anew");
        assert_eq!(trust.take(reading("2026-11-23T16:00:00Z", 31), None), Belief::Sure);
    }

    #[test]
    fn at_a_start_the_newest_that_is_kept_speaks_for_the_clock() {
        let newest = Some("2026-11-22T09:00:00Z".parse().unwrap());
        assert_eq!(Trust::default().take(reading("2026-11-23T09:00:00Z", 0), newest), Belief::Sure);
        assert_eq!(Trust::default().take(reading("1970-01-01T00:00:00Z", 0), newest), Belief::Unproven);
        let mut trust = Trust::default();
        assert_eq!(trust.take(reading("2026-11-25T09:00:00Z", 0), newest), Belief::Unproven);
        assert_eq!(trust.take(reading("2026-11-26T08:00:00Z", 23), newest), Belief::Unproven);
        assert_eq!(trust.take(reading("2026-11-26T09:00:00Z", 24), newest), Belief::Sure);
    }
}
