//! Why an e-mail did not leave: whether the server, the e-mail or the recipient's address is the reason.

use lettre::transport::smtp::Error;

use crate::mail::smtp::SmtpStage;
use crate::mail::smtp_reply;

/// Why an e-mail did not leave.
#[derive(Debug)]
pub struct DeliveryError {
    /// For staff; it may name the recipient, so it is masked before it is logged.
    pub reason: String,
    /// What it means for the e-mail.
    pub class: FailureClass,
    /// Whether the e-mail could not be put together, so that no server was asked.
    pub is_local: bool,
}

/// What a refusal means for the e-mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureClass {
    /// No e-mail can be sent now. It says nothing about this one, which is not counted as an attempt of it.
    ServerUnavailable {
        /// Whether this e-mail was being handed over then, so that it may itself be the cause.
        mid_transaction: bool,
    },
    /// The connection broke while the text was handed over: the server may have taken it or not.
    ConnectionLost,
    /// The server may take this e-mail later.
    Transient,
    /// The server will never take this e-mail.
    Permanent,
    /// The address takes no e-mail at all.
    BadRecipient,
}

impl DeliveryError {
    /// One that concerns every e-mail, and may pass.
    pub fn server_unavailable(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            class: FailureClass::ServerUnavailable { mid_transaction: false },
            is_local: false,
        }
    }

    /// Whether it says that the server cannot be used, so that nothing else is tried for a while.
    pub fn is_outage(&self) -> bool {
        matches!(self.class, FailureClass::ServerUnavailable { .. } | FailureClass::ConnectionLost)
    }

    /// An e-mail that cannot be put together.
    pub fn invalid_message(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), class: FailureClass::Permanent, is_local: true }
    }
}

/// What ended a conversation with a mail server.
#[derive(Debug)]
pub enum SmtpError {
    /// An answer of the server, or a broken connection.
    Smtp(Error),
    /// No connection, or no encryption.
    Io(std::io::Error),
    /// The server did not answer in time.
    Timeout,
    /// The e-mail needs SMTPUTF8 (RFC 6531), which the server does not offer.
    SmtpUtf8Unsupported,
}

impl From<Error> for SmtpError {
    fn from(error: Error) -> Self {
        Self::Smtp(error)
    }
}

impl From<std::io::Error> for SmtpError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

impl SmtpError {
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
                (None, _) => error_chain(error),
            },
            Self::Io(error) => error_chain(error),
            Self::Timeout => "no answer in time".into(),
            Self::SmtpUtf8Unsupported => "the mail server does not deliver to addresses beyond ASCII (SMTPUTF8)".into(),
        }
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
    }
}

/// An error with its causes, each once.
fn error_chain(error: &dyn std::error::Error) -> String {
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
pub struct SmtpFailure {
    /// The step that failed.
    pub step: SmtpStage,
    /// Why.
    pub cause: SmtpError,
}

impl SmtpFailure {
    /// Whether the connection cannot be used any more: it broke, or the server is about to close it (421).
    pub fn is_disconnect(&self) -> bool {
        match self.cause {
            SmtpError::SmtpUtf8Unsupported => false,
            _ => self.cause.code().is_none_or(|code| code == 421),
        }
    }

    fn classify(&self, text: &str) -> FailureClass {
        let mid_transaction = self.step >= SmtpStage::RcptTo;
        match (&self.cause, self.cause.code()) {
            (SmtpError::SmtpUtf8Unsupported, _) => FailureClass::Permanent,
            (_, None) if self.step == SmtpStage::Data => FailureClass::ConnectionLost,
            // Until the sender is named, everything is about us: our sign-in, our sender, our address. So is 421 at any
            // step, and 530 to 538.
            (_, None | Some(421 | 530..=538)) => FailureClass::ServerUnavailable { mid_transaction },
            _ if !mid_transaction => FailureClass::ServerUnavailable { mid_transaction },
            (_, Some(code)) => smtp_reply::classify(self.step, code, text),
        }
    }
}

impl From<SmtpFailure> for DeliveryError {
    fn from(failure: SmtpFailure) -> Self {
        let text = failure.cause.text();
        let verdict = failure.classify(text.get(4..).unwrap_or_default());
        let reason = match failure.step {
            SmtpStage::Connecting => format!("cannot connect: {text}"),
            SmtpStage::Greeting => format!("no greeting: {text}"),
            SmtpStage::TlsHandshake => format!("no encrypted connection: {text}"),
            SmtpStage::Authenticating => format!("sign-in failed: {text}"),
            SmtpStage::MailFrom => format!("sender refused: {text}"),
            SmtpStage::RcptTo | SmtpStage::Data => text,
        };
        Self { reason, class: verdict, is_local: false }
    }
}
