//! Rule that protects data from a wrong clock: jobs that delete data or queue digests wait for a trusted clock.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::clock::{Clock, MAX_CLOCK_SKEW};

/// Time that a clock must run steadily after a jump before it is trusted. Gives staff a day to correct it.
const PROBATION_PERIOD: SignedDuration = SignedDuration::from_hours(24);

/// Tells whether the clock can be trusted. Clones share the state.
///
/// The clock is not trusted if it differs by more than a day from the newest stored row at the start of the site, or from
/// the last check. It is trusted again once it is corrected, or has run steadily for a day.
#[derive(Clone, Debug)]
pub struct ClockGuard {
    clock: Clock,
    state: Arc<Mutex<GuardState>>,
}

#[derive(Debug)]
struct GuardState {
    /// The last reading that was trusted. At the start, the newest stored row.
    trusted: Option<ClockSample>,
    /// The first reading after a jump.
    jumped: Option<ClockSample>,
}

#[derive(Clone, Copy, Debug)]
struct ClockSample {
    wall_clock: Timestamp,
    /// From [`Clock::monotonic`].
    monotonic: SignedDuration,
}

impl ClockSample {
    /// Whether the wall clock advanced from here to `later` by about the time that passed.
    fn is_consistent_with(&self, later: &Self) -> bool {
        let passed = later.monotonic - self.monotonic;
        (later.wall_clock.duration_since(self.wall_clock) - passed).abs() <= MAX_CLOCK_SKEW
    }
}

impl ClockGuard {
    /// `newest_row` is the time of the newest row that an earlier run stored.
    pub fn new(clock: Clock, newest_row: Option<Timestamp>) -> Self {
        let trusted = newest_row.map(|wall_clock| ClockSample { wall_clock, monotonic: clock.monotonic() });
        Self { clock, state: Arc::new(Mutex::new(GuardState { trusted, jumped: None })) }
    }

    /// Whether the clock can be trusted now. Logs each change.
    pub fn check(&self) -> bool {
        let now = ClockSample { wall_clock: self.clock.now(), monotonic: self.clock.monotonic() };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = state.trusted.is_none_or(|trusted| trusted.is_consistent_with(&now));
        let jumped = state.jumped.filter(|jumped| jumped.is_consistent_with(&now)).unwrap_or(now);
        let is_trusted = fits || now.monotonic - jumped.monotonic >= PROBATION_PERIOD;
        match (is_trusted, state.jumped.is_some()) {
            (true, true) => tracing::info!("the clock is trusted again"),
            (false, false) => tracing::warn!(
                "the clock differs by more than a day from the newest record or the last check: nothing is deleted and \
                 no digest is queued until it is corrected or has run steadily for a day (clock)"
            ),
            _ => {}
        }
        if is_trusted {
            *state = GuardState { trusted: Some(now), jumped: None };
        } else {
            state.jumped = Some(jumped);
        }
        is_trusted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> Timestamp {
        time.parse().unwrap()
    }

    /// Checks a clock that shows `wall_clock` when the site has run for `hours`.
    fn check(guard: &ClockGuard, wall_clock: &str, hours: i64) -> bool {
        guard.clock.advance(SignedDuration::from_hours(hours) - guard.clock.monotonic());
        guard.clock.set(at(wall_clock));
        guard.check()
    }

    fn guard(newest_row: Option<&str>) -> ClockGuard {
        ClockGuard::new(Clock::fixed(Timestamp::UNIX_EPOCH), newest_row.map(at))
    }

    #[test]
    fn steady_clock_is_trusted_and_jumped_clock_only_after_24h() {
        let guard = guard(None);
        assert!(check(&guard, "2026-11-22T09:00:00Z", 0));
        assert!(check(&guard, "2026-12-22T09:00:00Z", 30 * 24));
        assert!(check(&guard, "2026-12-22T15:00:00Z", 30 * 24), "corrected by some hours");
        for hours in [0, 1, 23] {
            assert!(!check(&guard, "2050-01-01T00:00:00Z", 30 * 24 + hours), "{hours}");
        }
        assert!(check(&guard, "2050-01-02T00:00:00Z", 31 * 24), "steady for a day");
        assert!(!check(&guard, "2026-12-23T15:00:00Z", 31 * 24), "set back is a jump, too");
        assert!(check(&guard, "2026-12-24T15:00:00Z", 32 * 24));
    }

    #[test]
    fn corrected_clock_is_trusted_immediately() {
        let guard = guard(None);
        check(&guard, "2026-11-22T09:00:00Z", 0);
        assert!(!check(&guard, "1970-01-01T00:00:00Z", 1));
        assert!(!check(&guard, "2050-01-01T00:00:00Z", 20));
        assert!(!check(&guard, "2050-01-01T10:00:00Z", 30), "the day starts again with each jump");
        assert!(check(&guard, "2026-11-23T16:00:00Z", 31));
    }

    #[test]
    fn clock_is_checked_against_the_newest_row_at_startup() {
        let newest = Some("2026-11-22T09:00:00Z");
        assert!(check(&guard(newest), "2026-11-23T09:00:00Z", 0));
        assert!(!check(&guard(newest), "2026-11-23T09:00:01Z", 0));
        assert!(!check(&guard(newest), "1970-01-01T00:00:00Z", 0));
        let guard = guard(newest);
        assert!(!check(&guard, "2026-11-25T09:00:00Z", 0));
        assert!(!check(&guard, "2026-11-26T08:00:00Z", 23));
        assert!(check(&guard, "2026-11-26T09:00:00Z", 24));
    }

    #[test]
    fn clones_share_the_state() {
        let guard = guard(Some("2026-11-22T09:00:00Z"));
        assert!(!check(&guard.clone(), "2050-01-01T00:00:00Z", 0));
        assert!(check(&guard.clone(), "2050-01-02T00:00:00Z", 24));
        assert!(!check(&guard, "2026-11-23T09:00:00Z", 24));
    }
}
