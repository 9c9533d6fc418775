//! How fast letters go out: a few at once, and never more in a minute than the mail server bears.

use std::time::Duration;

use tokio::time::Instant;

use crate::mail::Purpose;

/// So many may go out at once before the pace is felt.
const AT_ONCE: u32 = 60;

/// The pace of one sender. What has gone out is remembered as the moment at which it will all have been made up for.
pub struct Pace {
    every: Duration,
    ahead: Duration,
    made_up_at: Option<Instant>,
}

impl Pace {
    /// At most `rate` letters in any minute, 60 or half of them at once. `rate` is at least 1.
    pub fn new(rate: u32) -> Self {
        let at_once = (rate / 2).clamp(1, AT_ONCE);
        // What goes out at once and what follows within the minute are `rate` together; rounded up, never down.
        let every = Duration::from_secs(60) / (rate.saturating_sub(at_once) + 1) + Duration::from_nanos(1);
        Self { every, ahead: every * (at_once - 1), made_up_at: None }
    }

    /// How long the next letter must wait at `now`.
    pub fn wait(&self, now: Instant) -> Duration {
        self.made_up_at.map_or(Duration::ZERO, |at| at.saturating_duration_since(now).saturating_sub(self.ahead))
    }

    /// Counts a letter that goes out at `now`.
    pub fn count(&mut self, now: Instant) {
        self.made_up_at = Some(self.made_up_at.map_or(now, |at| at.max(now)) + self.every);
    }
}

/// The pace of all e-mails together, and the share of it that automatic replies and digests may take: a flood of them
/// leaves half to e-mails that staff wait for.
pub struct Paces {
    all: Pace,
    bulk: Pace,
}

impl Paces {
    /// At most `rate` e-mails in any minute, half of them automatic replies and digests.
    pub fn new(rate: u32) -> Self {
        Self { all: Pace::new(rate), bulk: Pace::new((rate / 2).max(1)) }
    }

    /// How long the next e-mail of this purpose must wait at `now`.
    pub fn wait(&self, purpose: Purpose, now: Instant) -> Duration {
        let share = if purpose.is_bulk() { self.bulk.wait(now) } else { Duration::ZERO };
        self.all.wait(now).max(share)
    }

    /// Counts an e-mail that goes out at `now`.
    pub fn count(&mut self, purpose: Purpose, now: Instant) {
        self.all.count(now);
        if purpose.is_bulk() {
            self.bulk.count(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When the first `letters` go out, in milliseconds, if all of them wait from the beginning.
    fn times(rate: u32, letters: usize) -> Vec<u128> {
        let start = Instant::now();
        let (mut pace, mut now) = (Pace::new(rate), start);
        let send = |_| {
            now += pace.wait(now);
            pace.count(now);
            (now - start).as_millis()
        };
        (0..letters).map(send).collect()
    }

    #[test]
    fn sixty_go_out_at_once_and_the_others_one_by_one() {
        let times = times(300, 100);
        assert!(times[..60].iter().all(|time| *time == 0), "{times:?}");
        assert!(times[60..].windows(2).all(|pair| (240..260).contains(&(pair[1] - pair[0]))), "{times:?}");
    }

    #[test]
    fn no_minute_has_more_letters_than_it_may() {
        for rate in [1, 2, 10, 100, 300, 3000] {
            let times = times(rate, rate as usize * 4);
            for (index, first) in times.iter().enumerate() {
                let in_minute = times[index..].iter().take_while(|time| **time < first + 60_000).count();
                assert!(in_minute <= rate as usize, "{rate}: {in_minute} from {first}");
            }
            let last = times[times.len() - 1];
            assert!(last <= 60_000 * 8, "{rate}: {last}");
        }
    }

    #[test]
    fn a_rest_is_made_up_for_and_not_saved() {
        let start = Instant::now();
        let mut pace = Pace::new(300);
        for _ in 0..60 {
            assert_eq!(pace.wait(start), Duration::ZERO);
            pace.count(start);
        }
        assert!(pace.wait(start) > Duration::ZERO);
        let later = start + Duration::from_secs(3600);
        for _ in 0..60 {
            assert_eq!(pace.wait(later), Duration::ZERO);
            pace.count(later);
        }
        assert!(pace.wait(later) > Duration::ZERO);
    }

    #[test]
    fn automatic_replies_leave_half_of_the_pace_to_other_e_mails() {
        let start = Instant::now();
        let mut paces = Paces::new(10);
        let mut replies = 0;
        while paces.wait(Purpose::AutoReply, start).is_zero() {
            paces.count(Purpose::AutoReply, start);
            replies += 1;
        }
        assert_eq!(replies, 2, "of the five that go at once");
        assert!(paces.wait(Purpose::Notification, start).is_zero());
    }
}
