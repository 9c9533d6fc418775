//! What a mail server's refusal of a recipient or a text means: for now or for good, and whether it is the address.
//!
//! Providers use the codes freely (a quota comes as 550, an unknown user as 554), so the words count as well. In doubt an
//! e-mail is tried again, and an address is not marked.

use crate::mail::refusal::Verdict;
use crate::mail::server::Step;

/// A quota, a limit, a full mailbox, a busy server: whatever the code says, this passes.
const LIMITS: &[&str] = &[
    "quota",
    "overquota",
    "limit",
    "limits",
    "limited",
    "limiting",
    "limitation",
    "exceeded",
    "exceeds",
    "exceeding",
    "throttled",
    "throttling",
    "rate",
    "ratelimit",
    "ratelimited",
    "too many",
    "too fast",
    "too much mail",
    "frequency",
    "full",
    "insufficient",
    "out of space",
    "no space",
    "out of storage",
    "storage",
    "overloaded",
    "congestion",
    "busy",
    "greylisted",
    "graylisted",
    "greylisting",
    "deferred",
    "temporary",
    "temporarily",
    "try again",
    "try later",
    "retry",
    "per hour",
    "per day",
    "per minute",
    "daily",
    "hourly",
    "suspended",
    // Other languages of large providers.
    "cuota",
    "límite",
    "llena",
    "limite",
    "dépassé",
    "dépassée",
    "plein",
    "pleine",
    "voll",
    "überschritten",
];

/// A message that is too large stays so, though its refusal names a limit.
const SIZE: &[&str] = &["message size", "size limit", "message too large", "message too big", "too large", "too big"];

/// The server has nothing against the address, but against us or the text.
const POLICY: &[&str] = &[
    "policy",
    "policies",
    "spam",
    "blocked",
    "blocklist",
    "blocklisted",
    "blacklist",
    "blacklisted",
    "denylist",
    "rbl",
    "dnsbl",
    "spamhaus",
    "reputation",
    "unsolicited",
    "suspicious",
    "authentication",
    "authenticated",
    "authenticate",
    "unauthenticated",
    "spf",
    "dkim",
    "dmarc",
    "relay",
    "relaying",
    "denied",
    "prohibited",
    "not permitted",
    "not allowed",
    "not authorized",
    "unauthorized",
    "forbidden",
    "banned",
    "rcpthosts",
];

/// It is about who sends, which is the same for every recipient.
const ABOUT_US: &[&str] = &[
    "sender",
    "mail from",
    "helo",
    "ehlo",
    "client host",
    "your ip",
    "ip address",
    "reverse dns",
    "ptr",
    "your domain",
    "your account",
];

/// The server says that there is no such mailbox.
const UNKNOWN: &[&str] = &[
    "user unknown",
    "unknown user",
    "unknown recipient",
    "recipient unknown",
    "unknown address",
    "address unknown",
    "unknown mailbox",
    "mailbox unknown",
    "unknown local",
    "no such user",
    "no such recipient",
    "no such mailbox",
    "no such address",
    "no such person",
    "no such account",
    "no mailbox",
    "no account",
    "does not exist",
    "doesn't have a",
    "doesn't exist",
    "user not found",
    "recipient not found",
    "mailbox not found",
    "address not found",
    "account not found",
    "invalid recipient",
    "invalid mailbox",
    "invalid user",
    "invalid address",
    "not a valid mailbox",
    "not a valid recipient",
    "no longer valid",
    "unrouteable address",
    "isn't a valid",
];

/// Words for the mailbox, in a refusal that says no more.
const MAILBOX: &[&str] = &["mailbox", "user", "recipient", "inbox", "account"];

/// What a refusal of the recipient or the text means: `code` is the three digits, `said` what follows them.
pub fn verdict(step: Step, code: u16, said: &str) -> Verdict {
    if !(500..600).contains(&code) {
        return Verdict::ForNow;
    }
    let status = status_in(said);
    let words = words(said);
    let names = |list: &[&str]| list.iter().any(|phrase| words.contains(&format!(" {phrase} ")));
    // 5.2.3 and 5.3.4 (RFC 3463): larger than the server takes.
    if matches!(status, Some([5, 2, 3] | [5, 3, 4])) || names(SIZE) {
        return Verdict::ForGood;
    }
    if names(LIMITS) {
        return Verdict::ForNow;
    }
    match status {
        // The sender's address, which some servers judge only once the recipient is named.
        Some([5, 1, 7 | 8]) => Verdict::ForNow,
        Some([5, 1, 0]) if names(ABOUT_US) => Verdict::ForNow,
        Some([5, 1, 0..=6 | 10]) => Verdict::NoSuchAddress,
        // A mailbox that was disabled.
        Some([5, 2, 1]) => Verdict::ForGood,
        // 5.4.1 and 5.4.4 say that the domain takes nothing; what else is wrong with a mailbox, the server itself, the way
        // to it or the policy may change.
        Some([5, 4, 1 | 4]) => Verdict::ForGood,
        Some([5, 2 | 3 | 4 | 7, _]) => Verdict::ForNow,
        // 5.5.0 is how Outlook.com refuses an unknown user.
        None | Some([5, 0 | 5, 0]) => by_words(step, code, &names),
        Some(_) => Verdict::ForGood,
    }
}

/// A refusal whose code alone tells nothing.
fn by_words(step: Step, code: u16, names: &dyn Fn(&[&str]) -> bool) -> Verdict {
    let may_mark = step == Step::Recipient && matches!(code, 550 | 553);
    match () {
        () if names(ABOUT_US) => Verdict::ForNow,
        () if names(UNKNOWN) => {
            if may_mark {
                Verdict::NoSuchAddress
            } else {
                Verdict::ForGood
            }
        }
        () if names(POLICY) => Verdict::ForNow,
        () if may_mark && names(MAILBOX) => Verdict::NoSuchAddress,
        // 552 is a mailbox without room (RFC 5321); a 554 without a reason is most often a filter.
        () if matches!(code, 552 | 554) => Verdict::ForNow,
        () => Verdict::ForGood,
    }
}

/// The enhanced status of an answer, at its beginning or as qmail writes it: `5.1.1 No such user`, `… (#5.1.1)`.
fn status_in(said: &str) -> Option<[u16; 3]> {
    let at_end = || said.rsplit_once("(#").and_then(|(_, rest)| rest.split(')').next());
    said.split_whitespace().next().and_then(status).or_else(|| at_end().and_then(status))
}

fn status(word: &str) -> Option<[u16; 3]> {
    let word = word.trim_matches(['#', '(', ')', ':', '-']);
    let parts: Vec<u16> = word.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    parts.try_into().ok()
}

/// The words of an answer in lower case, a space before and behind each; without addresses, which may hold any word.
fn words(said: &str) -> String {
    let text = said.to_lowercase().replace(['’', '`'], "'");
    let pieces = text.split_whitespace().filter(|piece| !piece.contains(['@', '<', '/']));
    let words = pieces.flat_map(|piece| piece.split(|c: char| !c.is_alphanumeric() && c != '\''));
    let words: Vec<&str> = words.map(|word| word.trim_matches('\'')).filter(|word| !word.is_empty()).collect();
    format!(" {} ", words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Step::{Recipient, Text};
    use Verdict::{ForGood, ForNow, NoSuchAddress};

    /// What providers answer, as their documentation and their users quote it.
    const REPLIES: &[(Step, u16, &str, Verdict)] = &[
        // Limits, quotas, full mailboxes.
        (
            Text,
            550,
            "5.4.5 Daily user sending limit exceeded. For more information on Gmail sending limits go to https://support.google.com/a/answer/166852",
            ForNow,
        ),
        (Recipient, 550, "5.4.5 Daily SMTP relay limit exceeded for user", ForNow),
        (Recipient, 552, "5.2.2 mailbox full", ForNow),
        (Recipient, 552, "5.2.2 The email account that you tried to reach is over quota and inactive.", ForNow),
        (
            Recipient,
            550,
            "5.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages from being delivered.",
            ForNow,
        ),
        (Recipient, 550, "5.2.2 <ali@example.com>: user is over quota", ForNow),
        (Recipient, 554, "5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException", ForNow),
        (
            Recipient,
            550,
            "Domain example.com has exceeded the max emails per hour (100/100 (100%)) allowed. Message discarded.",
            ForNow,
        ),
        (
            Recipient,
            550,
            "User example has exceeded the max defers and failures per hour (5/5 (100%)) allowed. Message discarded.",
            ForNow,
        ),
        (Text, 554, "Throttling failure: Daily message quota exceeded.", ForNow),
        (Text, 554, "Throttling failure: Maximum sending rate exceeded.", ForNow),
        (Text, 550, "5.4.6 Unusual sending activity detected. Please try after sometime.", ForNow),
        (Text, 554, "5.4.6 You have exceeded the maximum number of recipients per day", ForNow),
        (
            Recipient,
            550,
            "5.1.90 Your message can't be sent because you've reached your daily limit for message recipients",
            ForNow,
        ),
        (Text, 554, "5.2.0 STOREDRV.Submission.Exception:OutboundSpamException; Failed to process message", ForNow),
        (Recipient, 550, "Maximum credits exceeded", ForNow),
        (Recipient, 550, "Connection frequency limited", ForNow),
        (Recipient, 550, "5.1.1 Too many invalid recipients; user unknown", ForNow),
        (Recipient, 550, "Requested action not taken: mailbox full", ForNow),
        (Recipient, 552, "Requested mail action aborted: exceeded storage allocation", ForNow),
        (Recipient, 550, "Mailbox quota exceeded / boîte pleine", ForNow),
        (Recipient, 554, "Postfach voll", ForNow),
        (Recipient, 550, "5.3.2 System not accepting network messages", ForNow),
        (Recipient, 550, "Outgoing mail from \"user@example.com\" has been suspended.", ForNow),
        // Policy.
        (Text, 554, "5.7.1 refused", ForNow),
        (Recipient, 550, "5.7.1 Blocked by policy", ForNow),
        (Text, 550, "5.7.1 Our system has detected that this message is likely unsolicited mail.", ForNow),
        (
            Text,
            550,
            "5.7.26 This message does not have authentication information or fails to pass authentication checks",
            ForNow,
        ),
        (Recipient, 550, "5.7.708 Service unavailable. Access denied, traffic not accepted from this IP.", ForNow),
        (Recipient, 550, "5.7.1 Service unavailable, Client host [192.0.2.1] blocked using Spamhaus.", ForNow),
        (Recipient, 550, "5.7.606 Access denied, banned sending IP [192.0.2.1]", ForNow),
        (Text, 554, "Message not allowed - [PH01] Email not accepted for policy reasons.", ForNow),
        (Text, 554, "5.7.9 Message not accepted for policy reasons.", ForNow),
        (Recipient, 554, "Relay access denied", ForNow),
        (Recipient, 553, "sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", ForNow),
        (Text, 550, "This message looks like spam", ForNow),
        (Text, 554, "Transaction failed", ForNow),
        (Text, 550, "High probability of spam", ForNow),
        (Recipient, 550, "Requested action not taken: mailbox unavailable. Blocked by reputation", ForNow),
        // About us.
        (Recipient, 553, "5.1.8 <office@example.com>: Sender address rejected: Domain not found", ForNow),
        (Recipient, 550, "Sender verify failed", ForNow),
        (Recipient, 550, "5.1.0 <office@example.com> sender rejected", ForNow),
        (Recipient, 553, "5.7.1 <office@example.com>: Sender address rejected: not owned by user office", ForNow),
        // The address.
        (
            Recipient,
            550,
            "5.1.1 The email account that you tried to reach does not exist. Please try double-checking the recipient's email address for typos or unnecessary spaces. Learn more at https://support.google.com/mail/?p=NoSuchUser",
            NoSuchAddress,
        ),
        (
            Recipient,
            550,
            "5.1.1 <limit.quota@example.com>: Recipient address rejected: User unknown in relay recipient table",
            NoSuchAddress,
        ),
        (
            Recipient,
            550,
            "5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
            NoSuchAddress,
        ),
        (Recipient, 556, "5.1.10 Recipient address has null MX", NoSuchAddress),
        (Recipient, 550, "5.1.2 Bad destination system address", NoSuchAddress),
        (Recipient, 553, "5.1.3 Bad address", NoSuchAddress),
        (Recipient, 551, "5.1.6 Mailbox has moved", NoSuchAddress),
        (Recipient, 550, "5.1.0 Address rejected", NoSuchAddress),
        (Text, 550, "5.1.1 No such user", NoSuchAddress),
        (Recipient, 550, "5.5.0 Requested action not taken: mailbox unavailable (S2017062302)", NoSuchAddress),
        (Recipient, 550, "Requested action not taken: mailbox unavailable", NoSuchAddress),
        (Recipient, 550, "No Such User Here", NoSuchAddress),
        (
            Recipient,
            550,
            "<ali@example.com>: Recipient address rejected: User unknown in relay recipient table",
            NoSuchAddress,
        ),
        (Recipient, 550, "Mailbox not found. http://service.mail.example/", NoSuchAddress),
        (Recipient, 550, "User not found: ali@example.com", NoSuchAddress),
        (Recipient, 550, "Unrouteable address", NoSuchAddress),
        (Recipient, 550, "sorry, no mailbox here by that name. (#5.1.1)", NoSuchAddress),
        (
            Recipient,
            550,
            "Message was not accepted -- invalid mailbox. Local mailbox is unavailable: user not found",
            NoSuchAddress,
        ),
        (Recipient, 550, "That recipient’s account doesn’t exist", NoSuchAddress),
        // For good, without a mark.
        (Text, 554, "delivery error: dd This user doesn't have a yahoo.com account", ForGood),
        (Text, 554, "delivery error: this account does not exist", ForGood),
        (Recipient, 550, "5.2.1 The email account that you tried to reach is disabled.", ForGood),
        (Recipient, 550, "5.4.1 Recipient address rejected: Access denied. AS(201806281)", ForGood),
        (Recipient, 551, "User not local", ForGood),
        (Text, 552, "5.3.4 Message size exceeds fixed limit", ForGood),
        (Text, 552, "Message size exceeds maximum permitted", ForGood),
        (Recipient, 553, "5.6.7 needs SMTPUTF8", ForGood),
        (Recipient, 501, "5.5.4 Syntax error", ForGood),
        (Recipient, 550, "Administrative reasons", ForGood),
        // Temporary by their code.
        (Recipient, 450, "4.2.1 The user you are trying to contact is receiving mail too quickly", ForNow),
        (Recipient, 451, "4.1.1 Try later", ForNow),
        (Text, 452, "4.3.1 no space", ForNow),
    ];

    #[test]
    fn quotas_limits_and_policies_pass_and_only_a_mailbox_that_does_not_exist_marks_its_address() {
        assert!(REPLIES.len() >= 40);
        let wrong: Vec<String> = REPLIES
            .iter()
            .map(|(step, code, said, expected)| (verdict(*step, *code, said), expected, step, code, said))
            .filter(|(found, expected, ..)| found != *expected)
            .map(|(found, expected, step, code, said)| format!("{found:?}, not {expected:?}: {step:?} {code} {said}"))
            .collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn a_status_is_three_numbers_at_the_beginning_or_in_brackets_at_the_end() {
        assert_eq!(status_in("5.1.1 No such user\nsecond line"), Some([5, 1, 1]));
        assert_eq!(status_in("no mailbox (#5.1.1)"), Some([5, 1, 1]));
        for none in ["", "No such user 5.1.1", "5.1", "5.1.1.1 x", "192.0.2.1", "5.1.x"] {
            assert_eq!(status_in(none), None, "{none}");
        }
    }
}
