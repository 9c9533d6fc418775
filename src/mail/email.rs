//! E-mails: new, queued, and in the outbox, with their retry times.

use jiff::{SignedDuration, Timestamp};

use crate::mail::outage::backoff;
use crate::web::DisplayTime;

/// An e-mail to be queued.
#[derive(Clone, Debug)]
pub struct NewEmail {
    pub recipient: String,
    /// Address for replies, if it is not the sender.
    pub reply_to: Option<String>,
    /// Message-IDs of the e-mails that it follows, oldest first, separated by spaces, so that mail programs show one thread.
    pub in_reply_to: Option<String>,
    pub subject: String,
    pub text: String,
    pub html: String,
    pub inquiry_id: Option<i64>,
    pub purpose: Purpose,
    /// Keyed hash of the visitor's network, for automatic replies; empty if it is not counted.
    pub network_hash: String,
}

/// Purpose of an e-mail, which decides its priority, its limits and its headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum Purpose {
    /// A notice to staff. Sent first.
    Notification,
    /// A reply written by staff.
    Answer,
    /// Automatic reply to an address that a visitor entered.
    AutoReply,
    Digest,
}

impl Purpose {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Notification => "notification",
            Self::Answer => "answer",
            Self::AutoReply => "auto_reply",
            Self::Digest => "digest",
        }
    }

    /// Whether it is limited to half of the sending rate.
    pub fn is_bulk(self) -> bool {
        matches!(self, Self::AutoReply | Self::Digest)
    }
}

/// An e-mail with its unique Message-ID (`token@host`), which is the same on every attempt.
#[derive(Clone, Debug)]
pub struct QueuedEmail {
    pub message_id: String,
    pub email: NewEmail,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum DeliveryState {
    Queued,
    /// Accepted by the mail server, or saved to a file.
    Sent,
    Failed,
}

/// Transport that an e-mail was sent with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum TransportKind {
    Smtp,
    /// Written to a file, not sent.
    File,
    /// Memory, in tests.
    Memory,
}

/// An e-mail in the outbox.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct OutboxMessage {
    pub id: i64,
    pub message_id: String,
    pub recipient: String,
    pub reply_to: Option<String>,
    pub in_reply_to: Option<String>,
    pub subject: String,
    pub inquiry_id: Option<i64>,
    pub purpose: Purpose,
    pub state: DeliveryState,
    pub transport: Option<TransportKind>,
    pub attempts: i64,
    pub last_error: Option<String>,
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub queued_at: Timestamp,
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub next_attempt_at: Timestamp,
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub expires_at: Timestamp,
    /// Time of the first attempt, which is the `Date` of the message.
    pub first_tried_at: Option<jiff_sqlx::Timestamp>,
    /// When staff dismissed it. It no longer counts as failed.
    pub dismissed_at: Option<jiff_sqlx::Timestamp>,
    pub body_text: String,
    pub body_html: String,
}

/// Time to retry an e-mail: longer than a weekend with a broken mail server.
pub const EXPIRES_AFTER: SignedDuration = SignedDuration::from_hours(5 * 24);
/// Attempts that are made even if the clock says that the e-mail has expired, since the clock may be wrong.
const MIN_ATTEMPTS: i64 = 12;
const INITIAL_BACKOFF: SignedDuration = SignedDuration::from_mins(1);
const MAX_BACKOFF: SignedDuration = SignedDuration::from_hours(6);
/// Longest pause after a broken connection, which is not a rejection.
const MAX_BACKOFF_AFTER_DISCONNECT: SignedDuration = SignedDuration::from_mins(15);

/// Label and CSS class of a delivery state.
pub fn state_label(
    state: DeliveryState,
    attempts: i64,
    transport: Option<TransportKind>,
    is_dismissed: bool,
) -> &'static str {
    match state {
        DeliveryState::Queued if attempts == 0 => "queued",
        DeliveryState::Queued => "retrying",
        DeliveryState::Sent if transport == Some(TransportKind::File) => "saved to file",
        DeliveryState::Sent => "sent",
        DeliveryState::Failed if is_dismissed => "dismissed",
        DeliveryState::Failed => "failed",
    }
}

impl OutboxMessage {
    /// Next attempt after a rejection at `now`; `None` if the e-mail expires.
    pub fn next_retry(&self, now: Timestamp) -> Option<Timestamp> {
        self.retry_after(MAX_BACKOFF, now)
    }

    /// Next attempt after a broken connection at `now`; `None` if the e-mail expires.
    pub fn next_retry_after_disconnect(&self, now: Timestamp) -> Option<Timestamp> {
        self.retry_after(MAX_BACKOFF_AFTER_DISCONNECT, now)
    }

    fn retry_after(&self, max_backoff: SignedDuration, now: Timestamp) -> Option<Timestamp> {
        let next = now + backoff(INITIAL_BACKOFF, self.attempts + 1, max_backoff);
        (next <= self.expires_at || self.attempts + 1 < MIN_ATTEMPTS).then_some(next)
    }

    pub fn queued(&self) -> DisplayTime {
        DisplayTime::in_office(self.queued_at)
    }

    pub fn next_attempt(&self) -> DisplayTime {
        DisplayTime::in_office(self.next_attempt_at)
    }

    /// Whether staff can send it again: no mail server has accepted it.
    pub fn can_requeue(&self) -> bool {
        self.state != DeliveryState::Sent || self.transport == Some(TransportKind::File)
    }

    pub fn can_dismiss(&self) -> bool {
        self.state == DeliveryState::Failed && !self.is_dismissed()
    }

    pub fn is_dismissed(&self) -> bool {
        self.dismissed_at.is_some()
    }

    pub fn is_queued(&self) -> bool {
        self.state == DeliveryState::Queued
    }

    pub fn state_label(&self) -> &'static str {
        state_label(self.state, self.attempts, self.transport, self.is_dismissed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_grows_from_one_minute_to_six_hours() {
        let pause = |failures| backoff(INITIAL_BACKOFF, failures, MAX_BACKOFF);
        let minutes: Vec<i64> = (1..=11).map(|n| pause(n).as_secs() / 60).collect();
        assert_eq!(minutes, [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]);
        assert_eq!(pause(1_000_000).as_hours(), 6);
    }
}
