//! A letter: what it says, and when it is tried again.

use jiff::{SignedDuration, Timestamp};

use crate::web::Instant;

/// A letter to be queued.
#[derive(Clone, Debug)]
pub struct Letter {
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
pub struct Addressed {
    /// Unique.
    pub message_id: String,
    /// What it says, and to whom.
    pub letter: Letter,
}

/// How far a letter got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum State {
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
pub enum Carrier {
    /// A mail server.
    Smtp,
    /// A file, which reaches nobody.
    File,
    /// A test's mailbag.
    Memory,
}

/// A letter in the outbox.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Outgoing {
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
    pub state: State,
    /// What took it away.
    pub sent_by: Option<Carrier>,
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
    pub give_up_at: Timestamp,
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
pub const TRIED_FOR: SignedDuration = SignedDuration::from_hours(5 * 24);
const FIRST_PAUSE: SignedDuration = SignedDuration::from_mins(1);
/// However late it is by the clock, which may be wrong: so often it is tried at least, which takes more than a day.
const TRIED_AT_LEAST: i64 = 12;
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(6);
/// The longest pause after a connection that broke while the text was handed over: nobody refused the e-mail.
const LONGEST_AFTER_BREAK: SignedDuration = SignedDuration::from_mins(15);

/// The pause after the `attempts`-th attempt failed: one minute, then twice as long each time, at most six hours.
pub fn pause_after(attempts: i64) -> SignedDuration {
    let doublings = u32::try_from(attempts - 1).unwrap_or(0).min(12);
    FIRST_PAUSE.saturating_mul(2_i32.pow(doublings)).min(LONGEST_PAUSE)
}

/// The state of an e-mail in a word, the same on every page.
pub fn state_word(state: State, attempts: i64, sent_by: Option<Carrier>, is_dismissed: bool) -> &'static str {
    match state {
        State::Queued if attempts == 0 => "waiting",
        State::Queued => "trying again",
        State::Sent if sent_by == Some(Carrier::File) => "written to a file",
        State::Sent => "sent",
        State::Failed if is_dismissed => "dismissed",
        State::Failed => "failed",
    }
}

impl Outgoing {
    /// When to try again after a refusal at `now`; `None` when it is time to give up.
    pub fn retry_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.not_too_late(now + pause_after(self.attempts + 1))
    }

    /// When to try again after the connection broke at `now`; `None` when it is time to give up.
    pub fn retry_after_break(&self, now: Timestamp) -> Option<Timestamp> {
        self.not_too_late(now + pause_after(self.attempts + 1).min(LONGEST_AFTER_BREAK))
    }

    fn not_too_late(&self, next: Timestamp) -> Option<Timestamp> {
        (next <= self.give_up_at || self.attempts + 1 < TRIED_AT_LEAST).then_some(next)
    }

    /// When it was queued, for the desk.
    pub fn queued(&self) -> Instant {
        Instant::in_office(self.queued_at)
    }

    /// When it is tried next, for the desk.
    pub fn next_attempt(&self) -> Instant {
        Instant::in_office(self.next_attempt_at)
    }

    /// Whether staff may have it sent again: any letter that no mail server has taken.
    pub fn can_be_sent_again(&self) -> bool {
        self.state != State::Sent || self.sent_by == Some(Carrier::File)
    }

    /// For the desk.
    pub fn is_queued(&self) -> bool {
        self.state == State::Queued
    }

    /// Whether staff may dismiss it.
    pub fn can_be_dismissed(&self) -> bool {
        self.state == State::Failed && self.dismissed_at.is_none()
    }

    /// Whether staff dismissed it.
    pub fn is_dismissed(&self) -> bool {
        self.dismissed_at.is_some()
    }

    /// The state in a word, for staff.
    pub fn state_word(&self) -> &'static str {
        state_word(self.state, self.attempts, self.sent_by, self.is_dismissed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_from_a_minute_to_six_hours() {
        let minutes: Vec<i64> = (1..=11).map(|n| pause_after(n).as_secs() / 60).collect();
        assert_eq!(minutes, [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]);
        assert_eq!(pause_after(1_000_000).as_hours(), 6);
    }
}
