//! Whether the clock can be believed: a machine may wake up in 2050, and nothing is to be deleted for that.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::clock::Clock;

/// Further than this no clock is off that keeps itself right.
const MAX_DRIFT: SignedDuration = SignedDuration::from_hours(24);
/// How long a clock that jumped must go on from where it jumped to before it is believed: a day for somebody to notice.
const PROBATION_PERIOD: SignedDuration = SignedDuration::from_hours(24);

/// What the clock shows, and how much time has really passed when it does.
#[derive(Clone, Copy, Debug)]
pub struct ClockSample {
    /// What it shows.
    pub wall_clock: Timestamp,
    /// From [`Clock::monotonic`](crate::clock::Clock::monotonic).
    pub monotonic: SignedDuration,
}

impl ClockSample {
    /// What `clock` shows now.
    pub fn of(clock: &Clock) -> Self {
        Self { wall_clock: clock.now(), monotonic: clock.monotonic() }
    }

    /// Whether the clock went from here to there as clocks do.
    fn is_consistent_with(&self, later: &Self) -> bool {
        let passed = later.monotonic - self.monotonic;
        (later.wall_clock.duration_since(self.wall_clock) - passed).abs() <= MAX_DRIFT
    }
}

/// How far a reading may be believed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClockStatus {
    /// It is right.
    #[default]
    Trusted,
    /// The site has just started, and what is kept is much older or newer: the site may have stood still, or the clock
    /// may be wrong.
    Unverified,
    /// It jumped while the site was running.
    Jumped,
}

/// What was believed so far.
#[derive(Debug, Default)]
pub struct ClockGuard {
    trusted_sample: Option<ClockSample>,
    suspect_since: Option<ClockSample>,
}

impl ClockGuard {
    /// Takes a reading; `newest` is the newest instant that is kept, where there is one.
    pub fn observe(&mut self, reading: ClockSample, newest: Option<Timestamp>) -> ClockStatus {
        let fits = match (&self.trusted_sample, newest) {
            (Some(believed), _) => believed.is_consistent_with(&reading),
            (None, Some(newest)) => reading.wall_clock.duration_since(newest).abs() <= MAX_DRIFT,
            (None, None) => true,
        };
        let begun = self.suspect_since.filter(|doubted| doubted.is_consistent_with(&reading)).unwrap_or(reading);
        if fits || reading.monotonic - begun.monotonic >= PROBATION_PERIOD {
            *self = Self { trusted_sample: Some(reading), suspect_since: None };
            return ClockStatus::Trusted;
        }
        self.suspect_since = Some(begun);
        if self.trusted_sample.is_some() { ClockStatus::Jumped } else { ClockStatus::Unverified }
    }
}

/// The trust in the clock of one running site. Copies share it.
#[derive(Clone, Debug, Default)]
pub struct SharedClockGuard(Arc<Mutex<(ClockGuard, ClockStatus)>>);

impl SharedClockGuard {
    /// Takes a reading as `Trust::take` does. What is believed now, and what was believed before.
    pub fn observe(&self, reading: ClockSample, newest: Option<Timestamp>) -> (ClockStatus, ClockStatus) {
        let mut trust = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let belief = trust.0.observe(reading, newest);
        (belief, std::mem::replace(&mut trust.1, belief))
    }

    /// Whether the clock can be trusted at this moment: it was right when it was last looked at, and has not jumped since.
    pub fn is_trusted(&self, reading: ClockSample) -> bool {
        let trust = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        trust.1 == ClockStatus::Trusted
            && trust.0.trusted_sample.is_none_or(|believed| believed.is_consistent_with(&reading))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(shows: &str, hours: i64) -> ClockSample {
        ClockSample { wall_clock: shows.parse().unwrap(), monotonic: SignedDuration::from_hours(hours) }
    }

    #[test]
    fn steady_clock_is_trusted_and_jumped_clock_only_after_24h() {
        let mut trust = ClockGuard::default();
        assert_eq!(trust.observe(sample("2026-11-22T09:00:00Z", 0), None), ClockStatus::Trusted);
        assert_eq!(trust.observe(sample("2026-12-22T09:00:00Z", 30 * 24), None), ClockStatus::Trusted);
        assert_eq!(
            trust.observe(sample("2026-12-22T15:00:00Z", 30 * 24), None),
            ClockStatus::Trusted,
            "set by some hours"
        );
        for hours in [0, 1, 23] {
            let ahead = sample("2050-01-01T00:00:00Z", 30 * 24 + hours);
            assert_eq!(trust.observe(ahead, None), ClockStatus::Jumped, "{hours}");
        }
        assert_eq!(trust.observe(sample("2050-01-02T00:00:00Z", 31 * 24), None), ClockStatus::Trusted, "it insists");
        assert_eq!(
            trust.observe(sample("2026-12-23T15:00:00Z", 31 * 24), None),
            ClockStatus::Jumped,
            "and is set right"
        );
        assert_eq!(trust.observe(sample("2026-12-24T15:00:00Z", 32 * 24), None), ClockStatus::Trusted);
    }

    #[test]
    fn corrected_clock_is_trusted_immediately() {
        let mut trust = ClockGuard::default();
        trust.observe(sample("2026-11-22T09:00:00Z", 0), None);
        assert_eq!(trust.observe(sample("1970-01-01T00:00:00Z", 1), None), ClockStatus::Jumped);
        assert_eq!(trust.observe(sample("2050-01-01T00:00:00Z", 20), None), ClockStatus::Jumped);
        assert_eq!(trust.observe(sample("2050-01-01T10:00:00Z", 30), None), ClockStatus::Jumped, "the day began anew");
        assert_eq!(trust.observe(sample("2026-11-23T16:00:00Z", 31), None), ClockStatus::Trusted);
    }

    #[test]
    fn clock_is_checked_against_the_latest_stored_timestamp_at_startup() {
        let newest = Some("2026-11-22T09:00:00Z".parse().unwrap());
        assert_eq!(ClockGuard::default().observe(sample("2026-11-23T09:00:00Z", 0), newest), ClockStatus::Trusted);
        assert_eq!(ClockGuard::default().observe(sample("1970-01-01T00:00:00Z", 0), newest), ClockStatus::Unverified);
        let mut trust = ClockGuard::default();
        assert_eq!(trust.observe(sample("2026-11-25T09:00:00Z", 0), newest), ClockStatus::Unverified);
        assert_eq!(trust.observe(sample("2026-11-26T08:00:00Z", 23), newest), ClockStatus::Unverified);
        assert_eq!(trust.observe(sample("2026-11-26T09:00:00Z", 24), newest), ClockStatus::Trusted);
    }
}
