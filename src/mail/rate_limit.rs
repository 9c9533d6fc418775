//! How fast letters go out: a few at once, and never more in a minute than the mail server bears.

use std::time::Duration;

use tokio::time::Instant;

use crate::mail::Purpose;

/// So many may go out at once before the pace is felt.
const MAX_BURST: u32 = 60;

/// The pace of one sender. What has gone out is remembered as the moment at which it will all have been made up for.
pub struct SendRateLimit {
    interval: Duration,
    burst_tolerance: Duration,
    theoretical_arrival: Option<Instant>,
}

impl SendRateLimit {
    /// At most `rate` letters in any minute, 60 or half of them at once. `rate` is at least 1.
    pub fn new(rate: u32) -> Self {
        let at_once = (rate / 2).clamp(1, MAX_BURST);
        // What goes out at once and what follows within the minute are `rate` together; rounded up, never down.
        let every = Duration::from_secs(60) / (rate.saturating_sub(at_once) + 1) + Duration::from_nanos(1);
        Self { interval: every, burst_tolerance: every * (at_once - 1), theoretical_arrival: None }
    }

    /// How long the next letter must wait at `now`.
    pub fn delay(&self, now: Instant) -> Duration {
        self.theoretical_arrival
            .map_or(Duration::ZERO, |at| at.saturating_duration_since(now).saturating_sub(self.burst_tolerance))
    }

    /// Counts a letter that goes out at `now`.
    pub fn record(&mut self, now: Instant) {
        self.theoretical_arrival = Some(self.theoretical_arrival.map_or(now, |at| at.max(now)) + self.interval);
    }
}

/// The pace of all e-mails together, and the share of it that automatic replies and digests may take: a flood of them
/// leaves half to e-mails that staff wait for.
pub struct SendRateLimits {
    all: SendRateLimit,
    bulk: SendRateLimit,
}

impl SendRateLimits {
    /// At most `rate` e-mails in any minute, half of them automatic replies and digests.
    pub fn new(rate: u32) -> Self {
        Self { all: SendRateLimit::new(rate), bulk: SendRateLimit::new((rate / 2).max(1)) }
    }

    /// How long the next e-mail of this purpose must wait at `now`.
    pub fn delay(&self, purpose: Purpose, now: Instant) -> Duration {
        let share = if purpose.is_bulk() { self.bulk.delay(now) } else { Duration::ZERO };
        self.all.delay(now).max(share)
    }

    /// Counts an e-mail that goes out at `now`.
    pub fn record(&mut self, purpose: Purpose, now: Instant) {
        self.all.record(now);
        if purpose.is_bulk() {
            self.bulk.record(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When the first `letters` go out, in milliseconds, if all of them wait from the beginning.
    fn send_times(rate: u32, emails: usize) -> Vec<u128> {
        let start = Instant::now();
        let (mut pace, mut now) = (SendRateLimit::new(rate), start);
        let send = |_| {
            now += pace.delay(now);
            pace.record(now);
            (now - start).as_millis()
        };
        (0..emails).map(send).collect()
    }

    #[test]
    fn burst_of_sixty_is_followed_by_one_by_one() {
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
        let start = Instant::now();
        let mut pace = SendRateLimit::new(300);
        for _ in 0..60 {
            assert_eq!(pace.delay(start), Duration::ZERO);
            pace.record(start);
        }
        assert!(pace.delay(start) > Duration::ZERO);
        let later = start + Duration::from_secs(3600);
        for _ in 0..60 {
            assert_eq!(pace.delay(later), Duration::ZERO);
            pace.record(later);
        }
        assert!(pace.delay(later) > Duration::ZERO);
    }

    #[test]
    fn automatic_replies_leave_half_of_the_rate_to_other_emails() {
        let start = Instant::now();
        let mut paces = SendRateLimits::new(10);
        let mut replies = 0;
        while paces.delay(Purpose::AutoReply, start).is_zero() {
            paces.record(Purpose::AutoReply, start);
            replies += 1;
        }
        assert_eq!(replies, 2, "of the five that go at once");
        assert!(paces.delay(Purpose::Notification, start).is_zero());
    }
}
