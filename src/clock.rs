//! What time it is: handed to every rule as an argument, so that a test lives through five days in a moment.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

/// The clock of one running site. Copies show the same time.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System(Instant),
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's own clock.
    pub fn system() -> Self {
        Self(Source::System(Instant::now()))
    }

    /// A clock that stands at `start` until it is moved.
    pub fn standing_at(start: Timestamp) -> Self {
        Self(Source::Set(Arc::new(AtomicI64::new(start.as_second()))))
    }

    /// The present instant in UTC, to the whole second: as it is stored, so that texts sort as instants do.
    pub fn now(&self) -> Timestamp {
        let seconds = match &self.0 {
            Source::System(_) => Timestamp::now().as_second(),
            Source::Set(seconds) => seconds.load(Ordering::SeqCst),
        };
        Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// How long it has been running. It goes on evenly where somebody sets the machine's clock, so it measures pauses.
    pub fn running(&self) -> Duration {
        match &self.0 {
            Source::System(since) => since.elapsed(),
            Source::Set(seconds) => Duration::from_secs(u64::try_from(seconds.load(Ordering::SeqCst)).unwrap_or(0)),
        }
    }

    /// Moves a standing clock forward; the machine's own clock is left alone.
    pub fn advance(&self, by: SignedDuration) {
        if let Source::Set(seconds) = &self.0 {
            seconds.fetch_add(by.as_secs(), Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standing_clock_moves_only_when_told() {
        let clock = Clock::standing_at("2026-11-22T09:00:00Z".parse().unwrap());
        let copy = clock.clone();
        clock.advance(SignedDuration::from_hours(6));
        assert_eq!(copy.now().to_string(), "2026-11-22T15:00:00Z");
        let before = copy.running();
        clock.advance(SignedDuration::from_secs(5));
        assert_eq!(copy.running() - before, Duration::from_secs(5));
    }
}
