//! Stage of an SMTP exchange.

/// In the order of the exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SmtpStage {
    Connecting,
    Greeting,
    TlsHandshake,
    Authenticating,
    MailFrom,
    RcptTo,
    Data,
}
