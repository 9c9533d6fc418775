//! How the mail stands: what waits and since when, what failed, and when staff must be told.

use jiff::{SignedDuration, Timestamp};

use crate::web::{age, plural};

/// A letter that waits longer than this is late.
const PATIENCE: SignedDuration = SignedDuration::from_mins(15);

/// How the mail stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Letters that were given up.
    pub failed: i64,
    /// Letters that are to go out yet.
    pub waiting: i64,
    /// When the oldest of those that wait was queued.
    pub oldest_unsent: Option<Timestamp>,
}

impl Standing {
    /// Whether the oldest letter has waited too long.
    pub fn is_late(&self, now: Timestamp) -> bool {
        self.oldest_unsent.is_some_and(|oldest| now.duration_since(oldest) > PATIENCE)
    }

    /// Whether staff must see to it.
    pub fn is_alarming(&self, now: Timestamp) -> bool {
        self.failed > 0 || self.is_late(now)
    }

    /// What every page of the desk says while it is alarming.
    pub fn alarm(&self, now: Timestamp) -> Option<String> {
        if !self.is_alarming(now) {
            return None;
        }
        let late = if self.is_late(now) { self.waiting_sentence(now) } else { None };
        let sentences: Vec<String> = self.failed_sentence().into_iter().chain(late).collect();
        Some(sentences.join(" "))
    }

    /// `2 letters could not be sent.`
    pub fn failed_sentence(&self) -> Option<String> {
        (self.failed > 0).then(|| format!("{} could not be sent.", plural(self.failed, "letter", "letters")))
    }

    /// `3 letters wait to be sent, the oldest for 4 minutes.`
    pub fn waiting_sentence(&self, now: Timestamp) -> Option<String> {
        let age = age(self.oldest_unsent?, now);
        Some(match self.waiting {
            1 => format!("1 letter waits to be sent, for {age}."),
            many => format!("{} wait to be sent, the oldest for {age}.", plural(many, "letter", "letters")),
        })
    }

    /// The same for machines, a fact a line. Nothing in it tells who letters go to.
    pub fn lines(&self, now: Timestamp) -> String {
        let mut lines = match self.oldest_unsent {
            Some(oldest) => format!("outbox: {} waiting, oldest {}\n", self.waiting, age(oldest, now)),
            None => "outbox: empty\n".to_owned(),
        };
        if self.is_late(now) {
            lines.push_str("mail is late\n");
        }
        if self.failed > 0 {
            lines.push_str(&format!("{} failed\n", plural(self.failed, "letter", "letters")));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_is_alarming_when_a_letter_failed_or_waits_over_a_quarter_of_an_hour() {
        let queued: Timestamp = "2026-11-22T09:00:00Z".parse().unwrap();
        for (failed, waiting, minutes, alarm, lines) in [
            (0, 0, 0, None, "outbox: empty\n"),
            (0, 3, 15, None, "outbox: 3 waiting, oldest 15 minutes\n"),
            (
                0,
                1,
                16,
                Some("1 letter waits to be sent, for 16 minutes."),
                "outbox: 1 waiting, oldest 16 minutes\nmail is late\n",
            ),
            (2, 0, 0, Some("2 letters could not be sent."), "outbox: empty\n2 letters failed\n"),
            (1, 3, 1, Some("1 letter could not be sent."), "outbox: 3 waiting, oldest 1 minute\n1 letter failed\n"),
            (
                1,
                3,
                120,
                Some("1 letter could not be sent. 3 letters wait to be sent, the oldest for 2 hours."),
                "outbox: 3 waiting, oldest 2 hours\nmail is late\n1 letter failed\n",
            ),
        ] {
            let standing = Standing { failed, waiting, oldest_unsent: (waiting > 0).then_some(queued) };
            let now = queued + SignedDuration::from_mins(minutes);
            assert_eq!(standing.alarm(now).as_deref(), alarm);
            assert_eq!(standing.is_alarming(now), alarm.is_some());
            assert_eq!(standing.lines(now), lines);
        }
        let late = Standing { failed: 0, waiting: 1, oldest_unsent: Some(queued) };
        assert!(!late.is_late(queued + SignedDuration::from_secs(900)));
        assert!(late.is_late(queued + SignedDuration::from_secs(901)));
    }
}
