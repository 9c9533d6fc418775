//! What time it is: handed to every rule as an argument, so that a test lives through five days in a moment.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};

/// Only a clock that was wrong noted an instant further ahead than this. What waits for such an instant waits no longer,
/// and nothing is shut for so long.
pub const MAX_CLOCK_SKEW: SignedDuration = SignedDuration::from_hours(24);

/// The clock of one running site. Copies show the same time.
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
    /// The machine's own clock.
    pub fn system() -> Self {
        Self(Source::System { since: Instant::now() })
    }

    /// A clock that stands at `start` until it is moved.
    pub fn fixed(start: Timestamp) -> Self {
        let manual =
            ManualClock { wall_seconds: AtomicI64::new(start.as_second()), monotonic_seconds: AtomicI64::new(0) };
        Self(Source::Manual(Arc::new(manual)))
    }

    /// The present instant in UTC, to the whole second: as it is stored, so that texts sort as instants do.
    pub fn now(&self) -> Timestamp {
        let seconds = match &self.0 {
            Source::System { .. } => Timestamp::now().as_second(),
            Source::Manual(manual) => manual.wall_seconds.load(Ordering::SeqCst),
        };
        Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// How much time has really passed since the clock was made, whatever it was set to meanwhile.
    pub fn monotonic(&self) -> SignedDuration {
        match &self.0 {
            Source::System { since } => SignedDuration::try_from(since.elapsed()).unwrap_or(SignedDuration::MAX),
            Source::Manual(manual) => SignedDuration::from_secs(manual.monotonic_seconds.load(Ordering::SeqCst)),
        }
    }

    /// Lets time pass on a standing clock; the machine's own clock is left alone.
    pub fn advance(&self, by: SignedDuration) {
        if let Source::Manual(manual) = &self.0 {
            manual.wall_seconds.fetch_add(by.as_secs(), Ordering::SeqCst);
            manual.monotonic_seconds.fetch_add(by.as_secs(), Ordering::SeqCst);
        }
    }

    /// Sets a standing clock to `instant` though no time has passed, as a clock that was wrong is set.
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
