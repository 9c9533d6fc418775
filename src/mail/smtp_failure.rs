//! Failure of an SMTP exchange, and what it means for the e-mail.

use lettre::transport::smtp::Error;

use crate::mail::delivery_error::{DeliveryError, FailureClass};
use crate::mail::smtp_reply;
use crate::mail::smtp_stage::SmtpStage;

/// Cause of a failed SMTP exchange.
#[derive(Debug)]
pub enum SmtpError {
    /// A negative reply or a broken connection.
    Smtp(Error),
    /// No TCP or TLS connection.
    Io(std::io::Error),
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
    /// Code of the server's negative reply.
    fn code(&self) -> Option<u16> {
        match self {
            Self::Smtp(error) => error.status().map(u16::from),
            _ => None,
        }
    }

    /// The reply or the error with its causes, on one line.
    fn text(&self) -> String {
        let text = match self {
            Self::Smtp(error) => match (self.code(), std::error::Error::source(error)) {
                (Some(code), reply) => format!("{code} {}", reply.map(ToString::to_string).unwrap_or_default()),
                (None, _) => error_chain(error),
            },
            Self::Io(error) => error_chain(error),
            Self::Timeout => "no answer in time".into(),
            Self::SmtpUtf8Unsupported => {
                "the mail server does not deliver to addresses with non-ASCII characters (SMTPUTF8)".into()
            }
        };
        text.split_whitespace().collect::<Vec<_>>().join(" ")
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

#[derive(Debug)]
pub struct SmtpFailure {
    pub stage: SmtpStage,
    pub cause: SmtpError,
}

impl SmtpFailure {
    /// Whether the connection is broken or about to be closed by the server (421).
    pub fn is_disconnect(&self) -> bool {
        !matches!(self.cause, SmtpError::SmtpUtf8Unsupported) && matches!(self.cause.code(), None | Some(421))
    }

    fn classify(&self, reply: &str) -> FailureClass {
        let mid_transaction = self.stage >= SmtpStage::RcptTo;
        match (&self.cause, self.cause.code()) {
            (SmtpError::SmtpUtf8Unsupported, _) => FailureClass::Permanent,
            (_, None) if self.stage == SmtpStage::Data => FailureClass::ConnectionLost,
            // About the client: everything before RCPT, 421 (closing) and 530 to 538 (authentication) at any stage.
            (_, None | Some(421 | 530..=538)) => FailureClass::ServerUnavailable { mid_transaction },
            _ if !mid_transaction => FailureClass::ServerUnavailable { mid_transaction },
            (_, Some(code)) => smtp_reply::classify(self.stage, code, reply),
        }
    }
}

impl From<SmtpFailure> for DeliveryError {
    fn from(failure: SmtpFailure) -> Self {
        let text = failure.cause.text();
        let class = failure.classify(text.get(4..).unwrap_or_default());
        let prefix = match failure.stage {
            SmtpStage::Connecting => "cannot connect: ",
            SmtpStage::Greeting => "no greeting: ",
            SmtpStage::TlsHandshake => "no encrypted connection: ",
            SmtpStage::Authenticating => "sign-in failed: ",
            SmtpStage::MailFrom => "sender rejected: ",
            SmtpStage::RcptTo | SmtpStage::Data => "",
        };
        Self { reason: format!("{prefix}{text}"), class, is_local: false }
    }
}
