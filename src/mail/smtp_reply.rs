//! Meaning of an SMTP rejection of a recipient or a text: temporary or permanent, and whether the address is wrong.
//!
//! Providers use the codes freely (550 for a quota, 554 for an unknown user), so the text counts as well. Otherwise, the
//! e-mail is tried again and the address is not marked.

use crate::mail::delivery_error::FailureClass;
use crate::mail::smtp_stage::SmtpStage;

/// Phrases of temporary rejections, whatever the code: quota, limit, full mailbox, busy server. Separated by `|`.
const LIMITS: &str = "\
    quota|overquota|limit|limits|limited|limiting|limitation|exceeded|exceeds|exceeding|throttled|throttling|\
    rate|ratelimit|ratelimited|too many|too fast|too much mail|frequency|full|insufficient|out of space|\
    no space|out of storage|storage|overloaded|congestion|busy|greylisted|graylisted|greylisting|deferred|\
    temporary|temporarily|try again|try later|retry|per hour|per day|per minute|daily|hourly|suspended|cuota|\
    límite|llena|limite|dépassé|dépassée|plein|pleine|voll|überschritten";

/// Phrases for a message that is too large, which is permanent although the reply names a limit.
const SIZE: &str = "message size|size limit|message too large|message too big|too large|too big";

/// Phrases of rejections by policy: because of the sender or the text, not the address.
const POLICY: &str = "\
    policy|policies|spam|blocked|blocklist|blocklisted|blacklist|blacklisted|denylist|rbl|dnsbl|spamhaus|\
    reputation|unsolicited|suspicious|authentication|authenticated|authenticate|unauthenticated|spf|dkim|dmarc|\
    relay|relaying|denied|prohibited|not permitted|not allowed|not authorized|unauthorized|forbidden|banned|\
    rcpthosts";

/// Phrases about the sender, which is the same for every recipient.
const SENDER_RELATED: &str = "\
    sender|mail from|helo|ehlo|client host|your ip|ip address|reverse dns|ptr|your domain|your account";

/// Phrases for a mailbox that does not exist.
const UNKNOWN_MAILBOX: &str = "\
    user unknown|unknown user|unknown recipient|recipient unknown|unknown address|address unknown|\
    unknown mailbox|mailbox unknown|unknown local|no such user|no such recipient|no such mailbox|\
    no such address|no such person|no such account|no mailbox|no account|does not exist|doesn't have a|\
    doesn't exist|user not found|recipient not found|mailbox not found|address not found|account not found|\
    invalid recipient|invalid mailbox|invalid user|invalid address|not a valid mailbox|not a valid recipient|\
    no longer valid|unrouteable address|isn't a valid";

/// Words for the mailbox, in a rejection without another reason.
const MAILBOX: &str = "mailbox|user|recipient|inbox|account";

/// Classifies a rejection of the recipient or the text: `reply` is the text after the three digits of `code`.
pub fn classify(step: SmtpStage, code: u16, reply: &str) -> FailureClass {
    if !(500..600).contains(&code) {
        return FailureClass::Transient;
    }
    let status = enhanced_status(reply);
    let words = normalize(reply);
    let names = |list: &str| list.split('|').any(|phrase| words.contains(&format!(" {phrase} ")));
    // 5.2.3 and 5.3.4 (RFC 3463): message too large.
    if matches!(status, Some([5, 2, 3] | [5, 3, 4])) || names(SIZE) {
        return FailureClass::Permanent;
    }
    if names(LIMITS) {
        return FailureClass::Transient;
    }
    match status {
        // The sender's address, which some servers check only after RCPT.
        Some([5, 1, 7 | 8]) => FailureClass::Transient,
        Some([5, 1, 0]) if names(SENDER_RELATED) => FailureClass::Transient,
        Some([5, 1, 0..=6 | 10]) => FailureClass::BadRecipient,
        // Disabled mailbox.
        Some([5, 2, 1]) => FailureClass::Permanent,
        // 5.4.1 and 5.4.4: the domain accepts no mail. Other errors of the mailbox, the system, the network or the policy
        // may pass.
        Some([5, 4, 1 | 4]) => FailureClass::Permanent,
        Some([5, 2 | 3 | 4 | 7, _]) => FailureClass::Transient,
        // Outlook.com rejects unknown users with 5.5.0.
        None | Some([5, 0 | 5, 0]) => classify_by_text(step, code, &names),
        Some(_) => FailureClass::Permanent,
    }
}

fn classify_by_text(step: SmtpStage, code: u16, names: &dyn Fn(&str) -> bool) -> FailureClass {
    let may_mark = step == SmtpStage::RcptTo && matches!(code, 550 | 553);
    match () {
        () if names(SENDER_RELATED) => FailureClass::Transient,
        () if names(UNKNOWN_MAILBOX) && may_mark => FailureClass::BadRecipient,
        () if names(UNKNOWN_MAILBOX) => FailureClass::Permanent,
        () if names(POLICY) => FailureClass::Transient,
        () if may_mark && names(MAILBOX) => FailureClass::BadRecipient,
        // 552: mailbox full (RFC 5321). 554 without a reason is usually a spam filter.
        () if matches!(code, 552 | 554) => FailureClass::Transient,
        () => FailureClass::Permanent,
    }
}

/// Enhanced status code (RFC 3463), at the beginning or as qmail writes it: `5.1.1 No such user`, `… (#5.1.1)`.
fn enhanced_status(reply: &str) -> Option<[u16; 3]> {
    let at_end = || reply.rsplit_once("(#").and_then(|(_, rest)| rest.split(')').next());
    reply.split_whitespace().next().and_then(parse_status).or_else(|| at_end().and_then(parse_status))
}

fn parse_status(word: &str) -> Option<[u16; 3]> {
    let word = word.trim_matches(['#', '(', ')', ':', '-']);
    let parts: Vec<u16> = word.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    parts.try_into().ok()
}

/// Words in lower case, each between spaces. Addresses are left out, since they may contain any word.
fn normalize(reply: &str) -> String {
    let text = reply.to_lowercase().replace(['’', '`'], "'");
    let pieces = text.split_whitespace().filter(|piece| !piece.contains(['@', '<', '/']));
    let words = pieces.flat_map(|piece| piece.split(|c: char| !c.is_alphanumeric() && c != '\''));
    let words: Vec<&str> = words.map(|word| word.trim_matches('\'')).filter(|word| !word.is_empty()).collect();
    format!(" {} ", words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use FailureClass::{BadRecipient, Permanent, Transient};
    use SmtpStage::{Data, RcptTo};

    /// Replies of providers, as quoted in their documentation and by their users.
    const REPLIES: &[(SmtpStage, u16, &str, FailureClass)] = &[
        // Limits, quotas, full mailboxes.
        (
            Data,
            550,
            "5.4.5 Daily user sending limit exceeded. For more information on Gmail sending limits go to https://support.google.com/a/answer/166852",
            Transient,
        ),
        (RcptTo, 550, "5.4.5 Daily SMTP relay limit exceeded for user", Transient),
        (RcptTo, 552, "5.2.2 mailbox full", Transient),
        (RcptTo, 552, "5.2.2 The email account that you tried to reach is over quota and inactive.", Transient),
        (
            RcptTo,
            550,
            "5.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages from being delivered.",
            Transient,
        ),
        (RcptTo, 550, "5.2.2 <ali@example.com>: user is over quota", Transient),
        (RcptTo, 554, "5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException", Transient),
        (
            RcptTo,
            550,
            "Domain example.com has exceeded the max emails per hour (100/100 (100%)) allowed. Message discarded.",
            Transient,
        ),
        (
            RcptTo,
            550,
            "User example has exceeded the max defers and failures per hour (5/5 (100%)) allowed. Message discarded.",
            Transient,
        ),
        (Data, 554, "Throttling failure: Daily message quota exceeded.", Transient),
        (Data, 554, "Throttling failure: Maximum sending rate exceeded.", Transient),
        (Data, 550, "5.4.6 Unusual sending activity detected. Please try after sometime.", Transient),
        (Data, 554, "5.4.6 You have exceeded the maximum number of recipients per day", Transient),
        (
            RcptTo,
            550,
            "5.1.90 Your message can't be sent because you've reached your daily limit for message recipients",
            Transient,
        ),
        (Data, 554, "5.2.0 STOREDRV.Submission.Exception:OutboundSpamException; Failed to process message", Transient),
        (RcptTo, 550, "Maximum credits exceeded", Transient),
        (RcptTo, 550, "Connection frequency limited", Transient),
        (RcptTo, 550, "5.1.1 Too many invalid recipients; user unknown", Transient),
        (RcptTo, 550, "Requested action not taken: mailbox full", Transient),
        (RcptTo, 552, "Requested mail action aborted: exceeded storage allocation", Transient),
        (RcptTo, 550, "Mailbox quota exceeded / boîte pleine", Transient),
        (RcptTo, 554, "Postfach voll", Transient),
        (RcptTo, 550, "5.3.2 System not accepting network messages", Transient),
        (RcptTo, 550, "Outgoing mail from \"user@example.com\" has been suspended.", Transient),
        // Policy.
        (Data, 554, "5.7.1 refused", Transient),
        (RcptTo, 550, "5.7.1 Blocked by policy", Transient),
        (Data, 550, "5.7.1 Our system has detected that this message is likely unsolicited mail.", Transient),
        (
            Data,
            550,
            "5.7.26 This message does not have authentication information or fails to pass authentication checks",
            Transient,
        ),
        (RcptTo, 550, "5.7.708 Service unavailable. Access denied, traffic not accepted from this IP.", Transient),
        (RcptTo, 550, "5.7.1 Service unavailable, Client host [192.0.2.1] blocked using Spamhaus.", Transient),
        (RcptTo, 550, "5.7.606 Access denied, banned sending IP [192.0.2.1]", Transient),
        (Data, 554, "Message not allowed - [PH01] Email not accepted for policy reasons.", Transient),
        (Data, 554, "5.7.9 Message not accepted for policy reasons.", Transient),
        (RcptTo, 554, "Relay access denied", Transient),
        (RcptTo, 553, "sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", Transient),
        (Data, 550, "This message looks like spam", Transient),
        (Data, 554, "Transaction failed", Transient),
        (Data, 550, "High probability of spam", Transient),
        (RcptTo, 550, "Requested action not taken: mailbox unavailable. Blocked by reputation", Transient),
        // The sender.
        (RcptTo, 553, "5.1.8 <office@example.com>: Sender address rejected: Domain not found", Transient),
        (RcptTo, 550, "Sender verify failed", Transient),
        (RcptTo, 550, "5.1.0 <office@example.com> sender rejected", Transient),
        (RcptTo, 553, "5.7.1 <office@example.com>: Sender address rejected: not owned by user office", Transient),
        // The address.
        (
            RcptTo,
            550,
            "5.1.1 The email account that you tried to reach does not exist. Please try double-checking the recipient's email address for typos or unnecessary spaces. Learn more at https://support.google.com/mail/?p=NoSuchUser",
            BadRecipient,
        ),
        (
            RcptTo,
            550,
            "5.1.1 <limit.quota@example.com>: Recipient address rejected: User unknown in relay recipient table",
            BadRecipient,
        ),
        (
            RcptTo,
            550,
            "5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
            BadRecipient,
        ),
        (RcptTo, 556, "5.1.10 Recipient address has null MX", BadRecipient),
        (RcptTo, 550, "5.1.2 Bad destination system address", BadRecipient),
        (RcptTo, 553, "5.1.3 Bad address", BadRecipient),
        (RcptTo, 551, "5.1.6 Mailbox has moved", BadRecipient),
        (RcptTo, 550, "5.1.0 Address rejected", BadRecipient),
        (Data, 550, "5.1.1 No such user", BadRecipient),
        (RcptTo, 550, "5.5.0 Requested action not taken: mailbox unavailable (S2017062302)", BadRecipient),
        (RcptTo, 550, "Requested action not taken: mailbox unavailable", BadRecipient),
        (RcptTo, 550, "No Such User Here", BadRecipient),
        (
            RcptTo,
            550,
            "<ali@example.com>: Recipient address rejected: User unknown in relay recipient table",
            BadRecipient,
        ),
        (RcptTo, 550, "Mailbox not found. http://service.mail.example/", BadRecipient),
        (RcptTo, 550, "User not found: ali@example.com", BadRecipient),
        (RcptTo, 550, "Unrouteable address", BadRecipient),
        (RcptTo, 550, "sorry, no mailbox here by that name. (#5.1.1)", BadRecipient),
        (
            RcptTo,
            550,
            "Message was not accepted -- invalid mailbox. Local mailbox is unavailable: user not found",
            BadRecipient,
        ),
        (RcptTo, 550, "That recipient’s account doesn’t exist", BadRecipient),
        // Permanent, without a bounce flag.
        (Data, 554, "delivery error: dd This user doesn't have a yahoo.com account", Permanent),
        (Data, 554, "delivery error: this account does not exist", Permanent),
        (RcptTo, 550, "5.2.1 The email account that you tried to reach is disabled.", Permanent),
        (RcptTo, 550, "5.4.1 Recipient address rejected: Access denied. AS(201806281)", Permanent),
        (RcptTo, 551, "User not local", Permanent),
        (Data, 552, "5.3.4 Message size exceeds fixed limit", Permanent),
        (Data, 552, "Message size exceeds maximum permitted", Permanent),
        (RcptTo, 553, "5.6.7 needs SMTPUTF8", Permanent),
        (RcptTo, 501, "5.5.4 Syntax error", Permanent),
        (RcptTo, 550, "Administrative reasons", Permanent),
        // Temporary by their code.
        (RcptTo, 450, "4.2.1 The user you are trying to contact is receiving mail too quickly", Transient),
        (RcptTo, 451, "4.1.1 Try later", Transient),
        (Data, 452, "4.3.1 no space", Transient),
    ];

    #[test]
    fn only_a_missing_mailbox_marks_its_address_as_bounced() {
        assert!(REPLIES.len() >= 40);
        let wrong: Vec<String> = REPLIES
            .iter()
            .map(|(step, code, said, expected)| (classify(*step, *code, said), expected, step, code, said))
            .filter(|(found, expected, ..)| found != *expected)
            .map(|(found, expected, step, code, said)| format!("{found:?}, not {expected:?}: {step:?} {code} {said}"))
            .collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn enhanced_status_is_read_at_the_beginning_or_in_brackets_at_the_end() {
        assert_eq!(enhanced_status("5.1.1 No such user\nsecond line"), Some([5, 1, 1]));
        assert_eq!(enhanced_status("no mailbox (#5.1.1)"), Some([5, 1, 1]));
        for none in ["", "No such user 5.1.1", "5.1", "5.1.1.1 x", "192.0.2.1", "5.1.x"] {
            assert_eq!(enhanced_status(none), None, "{none}");
        }
    }
}
