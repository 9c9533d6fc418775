//! Error of a delivery attempt: because of the mail server, the e-mail or the recipient's address.

#[derive(Debug)]
pub struct DeliveryError {
    /// Shown to staff. It may contain the recipient's address, which is redacted in logs.
    pub reason: String,
    pub class: FailureClass,
    /// Whether the e-mail could not be composed, so that the server was not contacted.
    pub is_local: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureClass {
    /// No e-mail can be sent now. This does not count as an attempt.
    ServerUnavailable {
        /// Whether the recipient or the text was being sent, so that this e-mail may be the cause.
        mid_transaction: bool,
    },
    /// The connection broke while the text was sent: the server may have accepted it.
    ConnectionLost,
    Transient,
    Permanent,
    /// The address accepts no e-mail at all.
    BadRecipient,
}

impl DeliveryError {
    pub fn server_unavailable(reason: impl Into<String>) -> Self {
        let class = FailureClass::ServerUnavailable { mid_transaction: false };
        Self { reason: reason.into(), class, is_local: false }
    }

    pub fn invalid_message(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), class: FailureClass::Permanent, is_local: true }
    }

    /// Whether sending pauses, because the server is unavailable.
    pub fn is_outage(&self) -> bool {
        matches!(self.class, FailureClass::ServerUnavailable { .. } | FailureClass::ConnectionLost)
    }
}
