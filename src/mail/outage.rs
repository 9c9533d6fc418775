//! Outage of the mail server, with the pauses between attempts to reach it.

use jiff::{SignedDuration, Timestamp};

const INITIAL_BACKOFF: SignedDuration = SignedDuration::from_secs(15);
const MAX_BACKOFF: SignedDuration = SignedDuration::from_mins(5);

/// Outage of the mail server. It uses up no attempts of any e-mail.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Outage {
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub since: Timestamp,
    /// Number of failed attempts in a row.
    pub failures: i64,
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub retry_at: Timestamp,
    /// Last error.
    pub reason: String,
}

impl Outage {
    /// The outage after another failure at `now`, or a new one.
    pub fn after(before: Option<&Self>, reason: String, now: Timestamp) -> Self {
        let failures = before.map_or(0, |outage| outage.failures) + 1;
        let retry_at = now + backoff(INITIAL_BACKOFF, failures, MAX_BACKOFF);
        Self { since: before.map_or(now, |outage| outage.since), failures, retry_at, reason }
    }

    /// Whether the server must not be tried yet. A clock that was set back does not lengthen the pause.
    pub fn is_waiting(&self, now: Timestamp) -> bool {
        self.retry_at > now && self.retry_at <= now + MAX_BACKOFF
    }
}

/// Pause after a number of failures: it doubles with each, from `initial` to `max`.
pub fn backoff(initial: SignedDuration, failures: i64, max: SignedDuration) -> SignedDuration {
    let doublings = u32::try_from(failures - 1).unwrap_or(0).min(12);
    initial.saturating_mul(2_i32.pow(doublings)).min(max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn server_is_retried_after_15_seconds_up_to_every_five_minutes() {
        let start: Timestamp = "2026-11-22T09:00:00Z".parse().unwrap();
        let mut outage = Outage::after(None, "x".into(), start);
        let mut pauses = vec![];
        for _ in 0..7 {
            pauses.push(outage.retry_at.duration_since(start).as_secs());
            assert!(outage.is_waiting(start) && !outage.is_waiting(outage.retry_at));
            outage = Outage::after(Some(&outage), "x".into(), start);
        }
        assert_eq!(pauses, [15, 30, 60, 120, 240, 300, 300]);
        assert!(!outage.is_waiting(start - SignedDuration::from_hours(1)), "a clock that was set back");
    }
}
