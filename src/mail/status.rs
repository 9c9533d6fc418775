//! Status of the outbox: queued and failed e-mails, outages, and when staff are alerted.

use jiff::{SignedDuration, Timestamp};

use crate::web::{plural, relative_age};

/// Age from which a queued e-mail is late.
const ALERT_AFTER: SignedDuration = SignedDuration::from_mins(15);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutageSummary {
    pub since: Timestamp,
    pub reason: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutboxStatus {
    /// Failed e-mails that staff have not dismissed and whose inquiry is not in the trash.
    pub failed: i64,
    pub waiting: i64,
    /// When the oldest waiting e-mail was queued.
    pub oldest_unsent: Option<Timestamp>,
    /// E-mails saved to files instead of being sent.
    pub written: i64,
    pub outage: Option<OutageSummary>,
}

impl OutboxStatus {
    pub fn is_late(&self, now: Timestamp) -> bool {
        self.oldest_unsent.is_some_and(|oldest| now.duration_since(oldest) > ALERT_AFTER)
    }

    /// Alert for every page of the admin area.
    pub fn alert_text(&self, now: Timestamp) -> Option<String> {
        let late = if self.is_late(now) { self.waiting_sentence(now) } else { None };
        let sentences = [self.outage_sentence(now), self.failed_sentence(), late];
        let sentences: Vec<String> = sentences.into_iter().flatten().collect();
        (!sentences.is_empty()).then(|| sentences.join(" "))
    }

    pub fn outage_sentence(&self, now: Timestamp) -> Option<String> {
        let outage = self.outage.as_ref()?;
        let reason = outage.reason.trim_end_matches('.');
        Some(format!("The mail server has been unavailable for {}: {reason}.", relative_age(outage.since, now)))
    }

    pub fn written_sentence(&self) -> Option<String> {
        match self.written {
            0 => None,
            1 => Some("1 e-mail was saved to a file and not sent.".into()),
            many => Some(format!("{many} e-mails were saved to files and not sent.")),
        }
    }

    pub fn failed_sentence(&self) -> Option<String> {
        (self.failed > 0).then(|| format!("{} could not be sent.", plural(self.failed, "e-mail", "e-mails")))
    }

    pub fn waiting_sentence(&self, now: Timestamp) -> Option<String> {
        let age = relative_age(self.oldest_unsent?, now);
        Some(match self.waiting {
            1 => format!("1 e-mail has been queued for {age}."),
            many => format!("{many} e-mails are queued, the oldest for {age}."),
        })
    }

    /// Lines of the health check, which name no addresses.
    pub fn health_lines(&self, now: Timestamp) -> String {
        let mut lines = match self.oldest_unsent {
            Some(oldest) => format!("outbox: {} queued, oldest {}\n", self.waiting, relative_age(oldest, now)),
            None => "outbox: empty\n".to_owned(),
        };
        if let Some(outage) = &self.outage {
            lines.push_str(&format!("mail server unavailable for {}\n", relative_age(outage.since, now)));
        }
        if self.is_late(now) {
            lines.push_str("mail is late\n");
        }
        if self.failed > 0 {
            lines.push_str(&format!("{} failed\n", plural(self.failed, "e-mail", "e-mails")));
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
            (0, 3, 15, None, "outbox: 3 queued, oldest 15 minutes\n"),
            (
                0,
                1,
                16,
                Some("1 e-mail has been queued for 16 minutes."),
                "outbox: 1 queued, oldest 16 minutes\nmail is late\n",
            ),
            (2, 0, 0, Some("2 e-mails could not be sent."), "outbox: empty\n2 e-mails failed\n"),
            (1, 3, 1, Some("1 e-mail could not be sent."), "outbox: 3 queued, oldest 1 minute\n1 e-mail failed\n"),
            (
                1,
                3,
                120,
                Some("1 e-mail could not be sent. 3 e-mails are queued, the oldest for 2 hours."),
                "outbox: 3 queued, oldest 2 hours\nmail is late\n1 e-mail failed\n",
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
