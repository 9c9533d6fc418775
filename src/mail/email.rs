//! A letter: what it says, and when it is tried again.

use jiff::{SignedDuration, Timestamp};

use crate::web::DisplayTime;

/// A letter to be queued.
#[derive(Clone, Debug)]
pub struct NewEmail {
    /// Address it goes to.
    pub recipient: String,
    /// Address an answer goes to, where that is not the sender.
    pub reply_to: Option<String>,
    /// Message-ID of the letter it follows, so that mail programs keep the thread.
    pub in_reply_to: Option<String>,
    /// One line.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The same as simple HTML.
    pub html: String,
    /// The inquiry it is about.
    pub inquiry_id: Option<i64>,
    /// What it is for.
    pub purpose: Purpose,
    /// A keyed digest of the network that set off an automatic reply; empty for every other e-mail, and where the network
    /// is not counted.
    pub network: String,
}

/// What an e-mail is for: that decides its place in the queue, its limits, and whether it is marked as automatic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum Purpose {
    /// Tells staff of something. Sent first.
    Notification,
    /// An answer that a member of staff typed.
    Answer,
    /// The program's reply to something that a visitor did, to an address that anybody may have typed.
    AutoReply,
    /// The daily digest.
    Digest,
}

impl Purpose {
    /// The word that the database holds.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Notification => "notification",
            Self::Answer => "answer",
            Self::AutoReply => "auto_reply",
            Self::Digest => "digest",
        }
    }

    /// Whether it goes out at a share of the pace, so that others need not wait for it.
    pub fn is_bulk(self) -> bool {
        matches!(self, Self::AutoReply | Self::Digest)
    }
}

/// A letter with the Message-ID it keeps for life, in the form `token@host`.
#[derive(Clone, Debug)]
pub struct QueuedEmail {
    /// Unique.
    pub message_id: String,
    /// What it says, and to whom.
    pub email: NewEmail,
}

/// How far a letter got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Waits for its next attempt.
    Queued,
    /// Taken by the mail server, or written as a file.
    Sent,
    /// Given up; staff must see to it.
    Failed,
}

/// What took a letter away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum TransportKind {
    /// A mail server.
    Smtp,
    /// A file, which reaches nobody.
    File,
    /// A test's mailbag.
    Memory,
}

/// A letter in the outbox.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct OutboxMessage {
    /// Number in the outbox.
    pub id: i64,
    /// Kept for life.
    pub message_id: String,
    /// Address it goes to.
    pub recipient: String,
    /// Address an answer goes to.
    pub reply_to: Option<String>,
    /// Message-ID of the letter it follows.
    pub in_reply_to: Option<String>,
    /// One line.
    pub subject: String,
    /// The inquiry it is about.
    pub inquiry_id: Option<i64>,
    /// What it is for.
    pub purpose: Purpose,
    /// How far it got.
    pub state: DeliveryState,
    /// What took it away.
    pub transport: Option<TransportKind>,
    /// How often it was tried.
    pub attempts: i64,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// When it was queued.
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub queued_at: Timestamp,
    /// When it is tried next.
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub next_attempt_at: Timestamp,
    /// When it is given up.
    #[sqlx(try_from = "jiff_sqlx::Timestamp")]
    pub expires_at: Timestamp,
    /// When it was first handed to the mail server: the date that it carries. `None` before that.
    pub first_tried_at: Option<jiff_sqlx::Timestamp>,
    /// When staff dismissed it after it had failed: it is not counted any more.
    pub dismissed_at: Option<jiff_sqlx::Timestamp>,
    /// The plain text.
    pub body_text: String,
    /// The same as HTML.
    pub body_html: String,
}

/// A letter is tried for five days: longer than a weekend with a broken mail server.
pub const EXPIRES_AFTER: SignedDuration = SignedDuration::from_hours(5 * 24);
const INITIAL_BACKOFF: SignedDuration = SignedDuration::from_mins(1);
/// However late it is by the clock, which may be wrong: so often it is tried at least, which takes more than a day.
const MIN_ATTEMPTS: i64 = 12;
const MAX_BACKOFF: SignedDuration = SignedDuration::from_hours(6);
/// The longest pause after a connection that broke while the text was handed over: nobody refused the e-mail.
const MAX_BACKOFF_AFTER_DISCONNECT: SignedDuration = SignedDuration::from_mins(15);

/// The pause after the `attempts`-th attempt failed: one minute, then twice as long each time, at most six hours.
pub fn backoff(attempts: i64) -> SignedDuration {
    let doublings = u32::try_from(attempts - 1).unwrap_or(0).min(12);
    INITIAL_BACKOFF.saturating_mul(2_i32.pow(doublings)).min(MAX_BACKOFF)
}

/// The state of an e-mail in a word, the same on every page.
pub fn state_label(
    state: DeliveryState,
    attempts: i64,
    transport: Option<TransportKind>,
    is_dismissed: bool,
) -> &'static str {
    match state {
        DeliveryState::Queued if attempts == 0 => "waiting",
        DeliveryState::Queued => "trying again",
        DeliveryState::Sent if transport == Some(TransportKind::File) => "written to a file",
        DeliveryState::Sent => "sent",
        DeliveryState::Failed if is_dismissed => "dismissed",
        DeliveryState::Failed => "failed",
    }
}

impl OutboxMessage {
    /// When to try again after a refusal at `now`; `None` when it is time to give up.
    pub fn next_retry(&self, now: Timestamp) -> Option<Timestamp> {
        self.unless_expired(now + backoff(self.attempts + 1))
    }

    /// When to try again after the connection broke at `now`; `None` when it is time to give up.
    pub fn next_retry_after_disconnect(&self, now: Timestamp) -> Option<Timestamp> {
        self.unless_expired(now + backoff(self.attempts + 1).min(MAX_BACKOFF_AFTER_DISCONNECT))
    }

    fn unless_expired(&self, next: Timestamp) -> Option<Timestamp> {
        (next <= self.expires_at || self.attempts + 1 < MIN_ATTEMPTS).then_some(next)
    }

    /// When it was queued, for the admin area.
    pub fn queued(&self) -> DisplayTime {
        DisplayTime::in_office(self.queued_at)
    }

    /// When it is tried next, for the admin area.
    pub fn next_attempt(&self) -> DisplayTime {
        DisplayTime::in_office(self.next_attempt_at)
    }

    /// Whether staff may have it sent again: any letter that no mail server has taken.
    pub fn can_requeue(&self) -> bool {
        self.state != DeliveryState::Sent || self.transport == Some(TransportKind::File)
    }

    /// For the admin area.
    pub fn is_queued(&self) -> bool {
        self.state == DeliveryState::Queued
    }

    /// Whether staff may dismiss it.
    pub fn can_dismiss(&self) -> bool {
        self.state == DeliveryState::Failed && self.dismissed_at.is_none()
    }

    /// Whether staff dismissed it.
    pub fn is_dismissed(&self) -> bool {
        self.dismissed_at.is_some()
    }

    /// The state in a word, for staff.
    pub fn state_label(&self) -> &'static str {
        state_label(self.state, self.attempts, self.transport, self.is_dismissed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_grows_from_one_minute_to_six_hours() {
        let minutes: Vec<i64> = (1..=11).map(|n| backoff(n).as_secs() / 60).collect();
        assert_eq!(minutes, [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]);
        assert_eq!(backoff(1_000_000).as_hours(), 6);
    }
}
