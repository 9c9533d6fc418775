//! What time it is: handed to every rule as an argument, so that a test lives through five days in a moment.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};

/// Only a clock that was wrong noted an instant further ahead than this. What waits for such an instant waits no longer,
/// and nothing is shut for so long.
pub const AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// The clock of one running site. Copies show the same time.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System { since: Instant },
    Set(Arc<Standing>),
}

#[derive(Debug)]
struct Standing {
    shows: AtomicI64,
    has_run: AtomicI64,
}

impl Clock {
    /// The machine's own clock.
    pub fn system() -> Self {
        Self(Source::System { since: Instant::now() })
    }

    /// A clock that stands at `start` until it is moved.
    pub fn standing_at(start: Timestamp) -> Self {
        let standing = Standing { shows: AtomicI64::new(start.as_second()), has_run: AtomicI64::new(0) };
        Self(Source::Set(Arc::new(standing)))
    }

    /// The present instant in UTC, to the whole second: as it is stored, so that texts sort as instants do.
    pub fn now(&self) -> Timestamp {
        let seconds = match &self.0 {
            Source::System { .. } => Timestamp::now().as_second(),
            Source::Set(standing) => standing.shows.load(Ordering::SeqCst),
        };
        Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// How much time has really passed since the clock was made, whatever it was set to meanwhile.
    pub fn has_run(&self) -> SignedDuration {
        match &self.0 {
            Source::System { since } => SignedDuration::try_from(since.elapsed()).unwrap_or(SignedDuration::MAX),
            Source::Set(standing) => SignedDuration::from_secs(standing.has_run.load(Ordering::SeqCst)),
        }
    }

    /// Lets time pass on a standing clock; the machine's own clock is left alone.
    pub fn advance(&self, by: SignedDuration) {
        if let Source::Set(standing) = &self.0 {
            standing.shows.fetch_add(by.as_secs(), Ordering::SeqCst);
            standing.has_run.fetch_add(by.as_secs(), Ordering::SeqCst);
        }
    }

    /// Sets a standing clock to `instant` though no time has passed, as a clock that was wrong is set.
    pub fn set(&self, instant: Timestamp) {
        if let Source::Set(standing) = &self.0 {
            standing.shows.store(instant.as_second(), Ordering::SeqCst);
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
        copy.set("2050-01-01T00:00:00Z".parse().unwrap());
        assert_eq!((clock.now().to_string().as_str(), clock.has_run().as_hours()), ("2050-01-01T00:00:00Z", 6));
    }
}
