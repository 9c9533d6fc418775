//! Why a letter did not leave: for now or for good, and whether its recipient's address is the reason.

use lettre::transport::smtp::Error;

use crate::mail::server::Step;

/// Why a letter did not leave.
#[derive(Debug)]
pub struct Refusal {
    /// For staff; it may name the recipient, so it is not for the log.
    pub reason: String,
    /// Whether the server will never take this letter.
    pub for_good: bool,
    /// Whether the address it goes to is one that takes no letter at all.
    pub blames_address: bool,
}

impl Refusal {
    /// One that may pass.
    pub fn for_now(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), for_good: false, blames_address: false }
    }

    /// One that will be the same at every later attempt.
    pub fn for_good(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), for_good: true, blames_address: false }
    }

    /// What a mail server answered at this step.
    pub fn by_server(step: Step, error: &Error) -> Self {
        let code = error.status().map_or(0, u16::from);
        let said = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
        let mut reason = error.to_string();
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            if !reason.contains(&cause.to_string()) {
                reason = format!("{reason}: {cause}");
            }
            source = cause.source();
        }
        let verdict = verdict(step, code, status_in(&said));
        Self { reason, for_good: verdict != Verdict::ForNow, blames_address: verdict == Verdict::NoSuchAddress }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    ForNow,
    ForGood,
    NoSuchAddress,
}

/// What a refusal at this step means: `code` is the three digits, `status` the enhanced status behind them (RFC 3463).
fn verdict(step: Step, code: u16, status: Option<[u16; 3]>) -> Verdict {
    // Before the recipient is named it is about us: our sign-in, our sender, our address. So is 530 to 538. The
    // operator will mend that, and the letter is as good as before.
    let about_us = matches!(step, Step::Connecting | Step::Sender) || (530..=538).contains(&code);
    if about_us || !(500..600).contains(&code) {
        return Verdict::ForNow;
    }
    match status {
        // 5.1.7 and 5.1.8 are the sender's address, which some servers judge only once the recipient is named.
        Some([5, 1, 7 | 8]) => Verdict::ForGood,
        Some([5, 1, _] | [5, 2, 1]) => Verdict::NoSuchAddress,
        // Policy, content, a full mailbox, the server itself: the next letter may be welcome.
        Some([5, 2 | 3 | 5 | 6 | 7, _]) => Verdict::ForGood,
        _ if step == Step::Recipient && matches!(code, 550 | 551 | 553) => Verdict::NoSuchAddress,
        _ => Verdict::ForGood,
    }
}

/// The enhanced status an answer begins with: `5.1.1 No such user`.
fn status_in(said: &str) -> Option<[u16; 3]> {
    let parts: Vec<u16> =
        said.split_whitespace().next()?.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    parts.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_refusal_of_the_recipient_marks_the_address() {
        for (step, code, said, expected) in [
            (Step::Recipient, 550, "5.1.1 No such user", Verdict::NoSuchAddress),
            (Step::Recipient, 550, "No such user here", Verdict::NoSuchAddress),
            (Step::Recipient, 550, "5.4.1 Recipient address rejected", Verdict::NoSuchAddress),
            (Step::Recipient, 551, "User not local", Verdict::NoSuchAddress),
            (Step::Recipient, 553, "5.1.3 Bad address", Verdict::NoSuchAddress),
            (Step::Recipient, 550, "5.2.1 Mailbox disabled", Verdict::NoSuchAddress),
            (Step::Recipient, 521, "5.1.10 Null MX", Verdict::NoSuchAddress),
            (Step::Text, 550, "5.1.1 No such user", Verdict::NoSuchAddress),
            (Step::Recipient, 550, "5.7.1 Blocked by policy", Verdict::ForGood),
            (Step::Recipient, 553, "5.1.8 Sender's domain not found", Verdict::ForGood),
            (Step::Recipient, 552, "5.2.2 Mailbox full", Verdict::ForGood),
            (Step::Recipient, 554, "Relay access denied", Verdict::ForGood),
            (Step::Text, 550, "This looks like spam", Verdict::ForGood),
            (Step::Text, 554, "5.7.1 Refused", Verdict::ForGood),
            (Step::Recipient, 530, "5.7.0 Authentication required", Verdict::ForNow),
            (Step::Recipient, 451, "4.1.1 Try later", Verdict::ForNow),
            (Step::Text, 0, "", Verdict::ForNow),
            (Step::Connecting, 554, "5.3.2 No service", Verdict::ForNow),
            (Step::Connecting, 535, "5.7.8 Bad credentials", Verdict::ForNow),
            (Step::Sender, 550, "5.1.1 No such user", Verdict::ForNow),
        ] {
            assert_eq!(verdict(step, code, status_in(said)), expected, "{step:?} {code} {said}");
        }
    }

    #[test]
    fn a_status_is_three_numbers_at_the_beginning() {
        assert_eq!(status_in("5.1.1 No such user\nsecond line"), Some([5, 1, 1]));
        for none in ["", "No such user 5.1.1", "5.1", "5.1.1.1 x", "192.0.2.1", "5.1.x"] {
            assert_eq!(status_in(none), None, "{none}");
        }
    }
}
