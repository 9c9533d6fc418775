//! Why an e-mail did not leave: whether the server, the e-mail or the recipient's address is the reason.

use lettre::transport::smtp::Error;

use crate::mail::reply;
use crate::mail::server::Step;

/// Why an e-mail did not leave.
#[derive(Debug)]
pub struct Refusal {
    /// For staff; it may name the recipient, so it is masked before it is logged.
    pub reason: String,
    /// What it means for the e-mail.
    pub verdict: Verdict,
    /// Whether the e-mail could not be put together, so that no server was asked.
    pub is_our_own: bool,
}

/// What a refusal means for the e-mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No e-mail can be sent now. It says nothing about this one, which is not counted as an attempt of it.
    ServerAway {
        /// Whether this e-mail was being handed over then, so that it may itself be the cause.
        in_the_middle: bool,
    },
    /// The connection broke while the text was handed over: the server may have taken it or not.
    BrokenOff,
    /// The server may take this e-mail later.
    ForNow,
    /// The server will never take this e-mail.
    ForGood,
    /// The address takes no e-mail at all.
    NoSuchAddress,
}

impl Refusal {
    /// One that concerns every e-mail, and may pass.
    pub fn of_all(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), verdict: Verdict::ServerAway { in_the_middle: false }, is_our_own: false }
    }

    /// Whether it says that the server cannot be used, so that nothing else is tried for a while.
    pub fn is_outage(&self) -> bool {
        matches!(self.verdict, Verdict::ServerAway { .. } | Verdict::BrokenOff)
    }

    /// An e-mail that cannot be put together.
    pub fn unsendable(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), verdict: Verdict::ForGood, is_our_own: true }
    }
}

/// What ended a conversation with a mail server.
#[derive(Debug)]
pub enum Cause {
    /// An answer of the server, or a broken connection.
    Smtp(Error),
    /// No connection, or no encryption.
    Io(std::io::Error),
    /// The server did not answer in time.
    Silent,
    /// The e-mail needs SMTPUTF8 (RFC 6531), which the server does not offer.
    NotOffered,
}

impl From<Error> for Cause {
    fn from(error: Error) -> Self {
        Self::Smtp(error)
    }
}

impl From<std::io::Error> for Cause {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

impl Cause {
    /// The three digits of the server's answer, where it gave one.
    fn code(&self) -> Option<u16> {
        match self {
            Self::Smtp(error) => error.status().map(u16::from),
            _ => None,
        }
    }

    /// What the server or the system said, with every cause behind it, on one line.
    fn text(&self) -> String {
        match self {
            Self::Smtp(error) => match (self.code(), std::error::Error::source(error)) {
                (Some(code), said) => format!("{code} {}", said.map(ToString::to_string).unwrap_or_default()),
                (None, _) => chain(error),
            },
            Self::Io(error) => chain(error),
            Self::Silent => "no answer in time".into(),
            Self::NotOffered => "the mail server does not deliver to addresses beyond ASCII (SMTPUTF8)".into(),
        }
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
    }
}

/// An error with its causes, each once.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        if !text.contains(&cause.to_string()) {
            text = format!("{text}: {cause}");
        }
        source = cause.source();
    }
    text
}

/// Where a conversation with a mail server ended, and why.
#[derive(Debug)]
pub struct Failure {
    /// The step that failed.
    pub step: Step,
    /// Why.
    pub cause: Cause,
}

impl Failure {
    /// Whether the connection cannot be used any more: it broke, or the server is about to close it (421).
    pub fn is_interruption(&self) -> bool {
        match self.cause {
            Cause::NotOffered => false,
            _ => self.cause.code().is_none_or(|code| code == 421),
        }
    }

    fn verdict(&self, text: &str) -> Verdict {
        let in_the_middle = self.step >= Step::Recipient;
        match (&self.cause, self.cause.code()) {
            (Cause::NotOffered, _) => Verdict::ForGood,
            (_, None) if self.step == Step::Text => Verdict::BrokenOff,
            // Until the sender is named, everything is about us: our sign-in, our sender, our address. So is 421 at any
            // step, and 530 to 538.
            (_, None | Some(421 | 530..=538)) => Verdict::ServerAway { in_the_middle },
            _ if !in_the_middle => Verdict::ServerAway { in_the_middle },
            (_, Some(code)) => reply::verdict(self.step, code, text),
        }
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        let text = failure.cause.text();
        let verdict = failure.verdict(text.get(4..).unwrap_or_default());
        let reason = match failure.step {
            Step::Connecting => format!("cannot connect: {text}"),
            Step::Greeting => format!("no greeting: {text}"),
            Step::Encrypting => format!("no encrypted connection: {text}"),
            Step::SigningIn => format!("sign-in failed: {text}"),
            Step::Sender => format!("sender refused: {text}"),
            Step::Recipient | Step::Text => text,
        };
        Self { reason, verdict, is_our_own: false }
    }
}
