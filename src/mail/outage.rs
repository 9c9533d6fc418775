//! An outage of the mail server: since when, why, and when it is tried again.

use jiff::{SignedDuration, Timestamp};

/// The pause after the first failure; it doubles with each.
const INITIAL_BACKOFF: SignedDuration = SignedDuration::from_secs(15);
const MAX_BACKOFF: SignedDuration = SignedDuration::from_mins(5);

/// Since when no e-mail can be sent. It belongs to the server: no e-mail is given up for it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Outage {
    /// When it was first noticed.
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub since: Timestamp,
    /// Attempts in a row that failed.
    pub failures: i64,
    /// When the server is tried again.
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub retry_at: Timestamp,
    /// What the server or the system said last.
    pub reason: String,
}

impl Outage {
    /// The outage after another failure at `now`, or a new one.
    pub fn after(before: Option<&Self>, reason: String, now: Timestamp) -> Self {
        let failures = before.map_or(0, |outage| outage.failures) + 1;
        Self { since: before.map_or(now, |outage| outage.since), failures, retry_at: now + backoff(failures), reason }
    }

    /// Whether the server is not to be tried yet. A clock that was set back does not make the pause longer.
    pub fn is_waiting(&self, now: Timestamp) -> bool {
        self.retry_at > now && self.retry_at <= now + MAX_BACKOFF
    }
}

fn backoff(failures: i64) -> SignedDuration {
    let doublings = u32::try_from(failures - 1).unwrap_or(0).min(5);
    INITIAL_BACKOFF.saturating_mul(2_i32.pow(doublings)).min(MAX_BACKOFF)
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
