//! How the mail stands: what waits and since when, what failed, and when staff must be told.

use jiff::{SignedDuration, Timestamp};

use crate::web::{plural, relative_age};

/// A letter that waits longer than this is late.
const ALERT_AFTER: SignedDuration = SignedDuration::from_mins(15);

/// An outage of the mail server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutageSummary {
    /// Since when no e-mail can be sent.
    pub since: Timestamp,
    /// What the server or the system said last.
    pub reason: String,
}

/// How the mail stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutboxStatus {
    /// Letters that were given up, that staff have not dismissed, and whose inquiry is not in the trash.
    pub failed: i64,
    /// Letters that are to go out yet.
    pub waiting: i64,
    /// When the oldest of those that wait was queued.
    pub oldest_unsent: Option<Timestamp>,
    /// E-mails that were written to files, and reached nobody.
    pub written: i64,
    /// While the mail server cannot be used.
    pub outage: Option<OutageSummary>,
}

impl OutboxStatus {
    /// Whether the oldest letter has waited too long.
    pub fn is_late(&self, now: Timestamp) -> bool {
        self.oldest_unsent.is_some_and(|oldest| now.duration_since(oldest) > ALERT_AFTER)
    }

    /// Whether staff must see to it.
    pub fn needs_attention(&self, now: Timestamp) -> bool {
        self.failed > 0 || self.outage.is_some() || self.is_late(now)
    }

    /// What every page of the admin area says while it is alarming.
    pub fn alert_text(&self, now: Timestamp) -> Option<String> {
        if !self.needs_attention(now) {
            return None;
        }
        let late = if self.is_late(now) { self.waiting_sentence(now) } else { None };
        let sentences: Vec<String> =
            self.outage_sentence(now).into_iter().chain(self.failed_sentence()).chain(late).collect();
        Some(sentences.join(" "))
    }

    /// `The mail server has been unavailable for 12 minutes: cannot connect: Connection refused.`
    pub fn outage_sentence(&self, now: Timestamp) -> Option<String> {
        let outage = self.outage.as_ref()?;
        let reason = outage.reason.trim_end_matches('.');
        Some(format!("The mail server has been unavailable for {}: {reason}.", relative_age(outage.since, now)))
    }

    /// `2 e-mails were written to files: nobody received them.`
    pub fn written_sentence(&self) -> Option<String> {
        match self.written {
            0 => None,
            1 => Some("1 e-mail was written to a file: nobody received it.".into()),
            many => Some(format!("{many} e-mails were written to files: nobody received them.")),
        }
    }

    /// `2 letters could not be sent.`
    pub fn failed_sentence(&self) -> Option<String> {
        (self.failed > 0).then(|| format!("{} could not be sent.", plural(self.failed, "letter", "letters")))
    }

    /// `3 letters wait to be sent, the oldest for 4 minutes.`
    pub fn waiting_sentence(&self, now: Timestamp) -> Option<String> {
        let age = relative_age(self.oldest_unsent?, now);
        Some(match self.waiting {
            1 => format!("1 letter waits to be sent, for {age}."),
            many => format!("{} wait to be sent, the oldest for {age}.", plural(many, "letter", "letters")),
        })
    }

    /// The same for machines, a fact a line. Nothing in it tells who letters go to.
    pub fn health_lines(&self, now: Timestamp) -> String {
        let mut lines = match self.oldest_unsent {
            Some(oldest) => format!("outbox: {} waiting, oldest {}\n", self.waiting, relative_age(oldest, now)),
            None => "outbox: empty\n".to_owned(),
        };
        if let Some(outage) = &self.outage {
            lines.push_str(&format!("mail server unavailable for {}\n", relative_age(outage.since, now)));
        }
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
    fn failed_or_late_email_needs_attention() {
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
            let status = OutboxStatus {
                failed,
                waiting,
                oldest_unsent: (waiting > 0).then_some(queued),
                ..OutboxStatus::default()
            };
            let now = queued + SignedDuration::from_mins(minutes);
            assert_eq!(status.alert_text(now).as_deref(), alarm);
            assert_eq!(status.needs_attention(now), alarm.is_some());
            assert_eq!(status.health_lines(now), lines);
        }
        let late = OutboxStatus { waiting: 1, oldest_unsent: Some(queued), ..OutboxStatus::default() };
        assert!(!late.is_late(queued + SignedDuration::from_secs(900)));
        assert!(late.is_late(queued + SignedDuration::from_secs(901)));
    }

    #[test]
    fn outage_needs_attention_at_once_and_its_reason_is_not_in_health_lines() {
        let since: Timestamp = "2026-11-22T09:00:00Z".parse().unwrap();
        let outage = Some(OutageSummary { since, reason: "cannot connect: ali@example.com".into() });
        let status = OutboxStatus { outage, ..OutboxStatus::default() };
        let now = since + SignedDuration::from_mins(12);
        let alarm = "The mail server has been unavailable for 12 minutes: cannot connect: ali@example.com.";
        assert_eq!(status.alert_text(now).as_deref(), Some(alarm));
        assert_eq!(status.health_lines(now), "outbox: empty\nmail server unavailable for 12 minutes\n");
    }
}
