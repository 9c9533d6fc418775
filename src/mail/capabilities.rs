//! What the mail server can do beyond plain SMTP, as far as forms must know it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the mail server offers SMTPUTF8 (RFC 6531), and so takes addresses such as `josé@example.com`.
///
/// Clones share one value. It is `false` until the sender has read the answer to EHLO: an address that cannot be
/// written to is refused at the form, where its owner can give another, rather than days later. The sender sets it after
/// each EHLO. Forms read it.
#[derive(Clone, Debug, Default)]
pub struct SmtpUtf8(Arc<AtomicBool>);

impl SmtpUtf8 {
    /// Notes what the mail server answered to EHLO.
    pub fn set(&self, is_offered: bool) {
        self.0.store(is_offered, Ordering::Relaxed);
    }

    /// Whether the server offered it when it was last asked.
    pub fn is_offered(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
