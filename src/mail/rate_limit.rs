//! Limit on the number of e-mails sent per minute.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

use crate::mail::Purpose;

/// Maximum number of e-mails in one burst.
const MAX_BURST: u32 = 60;

struct SendRateLimit<C: Clock> {
    limiter: RateLimiter<NotKeyed, InMemoryState, C, NoOpMiddleware<C::Instant>>,
    clock: C,
}

impl<C: Clock + Clone> SendRateLimit<C> {
    /// Limit of `rate` e-mails in any minute, with at most 60 or half of them in one burst.
    fn new(rate: u32, clock: C) -> Self {
        let burst = NonZeroU32::new((rate / 2).min(MAX_BURST)).unwrap_or(NonZeroU32::MIN);
        // The burst and what follows it within the minute are `rate` together; rounded up, never down.
        let interval = Duration::from_secs(60) / (rate.saturating_sub(burst.get()) + 1) + Duration::from_nanos(1);
        let quota = Quota::with_period(interval).map_or(Quota::per_second(burst), |quota| quota.allow_burst(burst));
        Self { limiter: RateLimiter::direct_with_clock(quota, clock.clone()), clock }
    }

    /// Counts an e-mail, or returns how long it must wait.
    fn check(&self) -> Result<(), Duration> {
        self.limiter.check().map_err(|denied| denied.wait_time_from(self.clock.now()))
    }
}

/// Limits for all e-mails, and for automatic replies and digests, which use at most half of the rate. The other half
/// is for the e-mails that staff wait for.
pub struct SendRateLimits<C: Clock> {
    all: SendRateLimit<C>,
    bulk: SendRateLimit<C>,
    /// Whether `bulk` has counted an e-mail that still waits for `all`.
    bulk_counted: bool,
}

impl<C: Clock + Clone> SendRateLimits<C> {
    pub fn new(rate: u32, clock: C) -> Self {
        let (all, bulk) = (SendRateLimit::new(rate, clock.clone()), SendRateLimit::new((rate / 2).max(1), clock));
        Self { all, bulk, bulk_counted: false }
    }

    /// Counts an e-mail of this purpose, or returns how long it must wait.
    pub fn check(&mut self, purpose: Purpose) -> Result<(), Duration> {
        if purpose.is_bulk() && !self.bulk_counted {
            self.bulk.check()?;
            self.bulk_counted = true;
        }
        self.all.check()?;
        self.bulk_counted &= !purpose.is_bulk();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    /// When `emails` e-mails go out, in milliseconds, if all of them wait from the beginning.
    fn send_times(rate: u32, emails: usize) -> Vec<u128> {
        let clock = FakeRelativeClock::default();
        let limit = SendRateLimit::new(rate, clock.clone());
        let mut elapsed = Duration::ZERO;
        let send = |_| {
            while let Err(wait) = limit.check() {
                clock.advance(wait);
                elapsed += wait;
            }
            elapsed.as_millis()
        };
        (0..emails).map(send).collect()
    }

    #[test]
    fn burst_of_sixty_is_followed_by_single_emails() {
        let times = send_times(300, 100);
        assert!(times[..60].iter().all(|time| *time == 0), "{times:?}");
        assert!(times[60..].windows(2).all(|pair| (240..260).contains(&(pair[1] - pair[0]))), "{times:?}");
    }

    #[test]
    fn no_minute_exceeds_the_rate() {
        for rate in [1, 2, 10, 100, 300, 3000] {
            let times = send_times(rate, rate as usize * 4);
            for (index, first) in times.iter().enumerate() {
                let in_minute = times[index..].iter().take_while(|time| **time < first + 60_000).count();
                assert!(in_minute <= rate as usize, "{rate}: {in_minute} from {first}");
            }
            let last = times[times.len() - 1];
            assert!(last <= 60_000 * 8, "{rate}: {last}");
        }
    }

    #[test]
    fn idle_time_does_not_accumulate() {
        let clock = FakeRelativeClock::default();
        let limit = SendRateLimit::new(300, clock.clone());
        for _ in 0..2 {
            for _ in 0..60 {
                assert_eq!(limit.check(), Ok(()));
            }
            assert!(limit.check().is_err());
            clock.advance(Duration::from_secs(3600));
        }
    }

    #[test]
    fn automatic_replies_leave_half_of_the_rate_to_other_emails() {
        let mut limits = SendRateLimits::new(10, FakeRelativeClock::default());
        let replies = (0..10).take_while(|_| limits.check(Purpose::AutoReply).is_ok()).count();
        assert_eq!(replies, 2, "of the five in one burst");
        assert_eq!(limits.check(Purpose::Notification), Ok(()));
    }
}
