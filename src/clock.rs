//! Clock that tests can set. Rules take the time as a parameter.

mod guard;

pub use guard::ClockGuard;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};

/// Largest error of a clock that is kept right.
///
/// A larger jump is a fault, see [`ClockGuard`]. A stored time further in the future was written while the clock was wrong.
pub const MAX_CLOCK_SKEW: SignedDuration = SignedDuration::from_hours(24);

/// The clock of a running site. Clones share the time.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System { since: Instant },
    Manual(Arc<ManualClock>),
}

#[derive(Debug)]
struct ManualClock {
    wall_seconds: AtomicI64,
    monotonic_seconds: AtomicI64,
}

impl Clock {
    /// The clock of the operating system.
    pub fn system() -> Self {
        Self(Source::System { since: Instant::now() })
    }

    /// A clock that stays at `start` until it is changed, for tests.
    pub fn fixed(start: Timestamp) -> Self {
        let manual =
            ManualClock { wall_seconds: AtomicI64::new(start.as_second()), monotonic_seconds: AtomicI64::new(0) };
        Self(Source::Manual(Arc::new(manual)))
    }

    /// The current time, truncated to the second as it is stored, so that stored texts sort by time.
    pub fn now(&self) -> Timestamp {
        let seconds = match &self.0 {
            Source::System { .. } => Timestamp::now().as_second(),
            Source::Manual(manual) => manual.wall_seconds.load(Ordering::SeqCst),
        };
        Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Time since the clock was created, unaffected by changes of the wall clock.
    pub fn monotonic(&self) -> SignedDuration {
        match &self.0 {
            Source::System { since } => SignedDuration::try_from(since.elapsed()).unwrap_or(SignedDuration::MAX),
            Source::Manual(manual) => SignedDuration::from_secs(manual.monotonic_seconds.load(Ordering::SeqCst)),
        }
    }

    /// Moves a fixed clock forward. No effect on the system clock.
    pub fn advance(&self, by: SignedDuration) {
        if let Source::Manual(manual) = &self.0 {
            manual.wall_seconds.fetch_add(by.as_secs(), Ordering::SeqCst);
            manual.monotonic_seconds.fetch_add(by.as_secs(), Ordering::SeqCst);
        }
    }

    /// Sets a fixed clock without time passing, like a correction of a wrong clock.
    pub fn set(&self, instant: Timestamp) {
        if let Source::Manual(manual) = &self.0 {
            manual.wall_seconds.store(instant.as_second(), Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixed_clock_moves_only_when_advanced_or_set() {
        let clock = Clock::fixed("2026-11-22T09:00:00Z".parse().unwrap());
        let copy = clock.clone();
        clock.advance(SignedDuration::from_hours(6));
        assert_eq!(copy.now().to_string(), "2026-11-22T15:00:00Z");
        copy.set("2050-01-01T00:00:00Z".parse().unwrap());
        assert_eq!((clock.now().to_string().as_str(), clock.monotonic().as_hours()), ("2050-01-01T00:00:00Z", 6));
    }
}
