//! SMTP commands that send one e-mail on an open connection.

use std::time::Duration;

use lettre::address::Envelope;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Quit, Rcpt, Rset};
use lettre::transport::smtp::extension::{Extension, MailBodyParameter, MailParameter};
use tokio::time::timeout;

use crate::mail::smtp_failure::{SmtpError, SmtpFailure};
use crate::mail::smtp_stage::SmtpStage;

/// Timeout for the reply to `RSET` or `QUIT`.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// Connection that is signed in.
pub struct SmtpSession {
    connection: AsyncSmtpConnection,
    /// Whether the server accepts several commands in one write (RFC 2920).
    pipelining: bool,
    is_usable: bool,
}

impl SmtpSession {
    pub fn new(connection: AsyncSmtpConnection, pipelining: bool) -> Self {
        Self { connection, pipelining, is_usable: true }
    }

    /// Whether the last e-mail left the connection ready for another.
    pub fn is_usable(&self) -> bool {
        self.is_usable
    }

    /// Sends an e-mail to the one recipient of its envelope.
    pub async fn send(&mut self, envelope: &Envelope, email: &[u8], limit: Duration) -> Result<(), SmtpFailure> {
        let mut stage = SmtpStage::MailFrom;
        let sent = timeout(limit, self.run_transaction(envelope, email, &mut stage)).await;
        let result = sent.unwrap_or(Err(SmtpError::Timeout)).map_err(|cause| SmtpFailure { stage, cause });
        self.is_usable = match &result {
            Ok(()) => true,
            Err(failure) if stage >= SmtpStage::RcptTo && !failure.is_disconnect() => {
                timeout(CLOSE_TIMEOUT, self.reset(stage)).await.unwrap_or(false)
            }
            Err(_) => false,
        };
        result
    }

    pub async fn quit(mut self) {
        // The reply does not matter.
        timeout(CLOSE_TIMEOUT, self.connection.command(Quit)).await.ok();
    }

    async fn run_transaction(
        &mut self,
        envelope: &Envelope,
        email: &[u8],
        stage: &mut SmtpStage,
    ) -> Result<(), SmtpError> {
        let mail = Mail::new(envelope.from().cloned(), self.mail_parameters(envelope, email)?);
        let recipients: String = envelope.to().iter().map(|to| Rcpt::new(to.clone(), vec![]).to_string()).collect();
        let commands = [
            (SmtpStage::MailFrom, mail.to_string()),
            (SmtpStage::RcptTo, recipients),
            (SmtpStage::Data, Data.to_string()),
        ];
        if self.pipelining {
            let batch: String = commands.iter().map(|(_, command)| command.as_str()).collect();
            self.connection.command(batch).await?;
        }
        for (current, command) in commands {
            *stage = current;
            match (self.pipelining, current) {
                (true, SmtpStage::MailFrom) => {}
                (true, _) => drop(self.connection.read_response().await?),
                (false, _) => drop(self.connection.command(command).await?),
            }
        }
        // One write, so that no part waits for the acknowledgement of another.
        self.connection.command(dot_stuff(&String::from_utf8_lossy(email))).await?;
        Ok(())
    }

    /// Ends a rejected transaction. Returns false if the connection can no longer be used.
    async fn reset(&mut self, stage: SmtpStage) -> bool {
        // The reply to a pipelined DATA is outstanding. An empty text ends it if it was accepted.
        if self.pipelining && stage == SmtpStage::RcptTo && self.connection.read_response().await.is_ok() {
            self.connection.command(".\r\n").await.ok();
        }
        self.connection.command(Rset).await.is_ok()
    }

    /// Parameters of `MAIL` for addresses and text beyond ASCII.
    fn mail_parameters(&self, envelope: &Envelope, email: &[u8]) -> Result<Vec<MailParameter>, SmtpError> {
        let server = self.connection.server_info();
        let mut parameters = vec![];
        if !envelope.to().iter().chain(envelope.from()).all(|address| AsRef::<str>::as_ref(address).is_ascii()) {
            if !server.supports_feature(Extension::SmtpUtfEight) {
                return Err(SmtpError::SmtpUtf8Unsupported);
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        if !email.is_ascii() && server.supports_feature(Extension::EightBitMime) {
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        Ok(parameters)
    }
}

/// Adds a dot before every line that begins with one, and the final line with a dot (RFC 5321, 4.5.2).
fn dot_stuff(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    for line in text.split_inclusive("\r\n") {
        if line.starts_with('.') {
            out.push('.');
        }
        out.push_str(line);
    }
    if !text.ends_with("\r\n") {
        out.push_str("\r\n");
    }
    out.push_str(".\r\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_begin_with_a_dot_are_stuffed() {
        assert_eq!(dot_stuff("a\r\n.b\r\n..\r\n"), "a\r\n..b\r\n...\r\n.\r\n");
        assert_eq!(dot_stuff(".\r\nno end"), "..\r\nno end\r\n.\r\n");
        assert_eq!(dot_stuff(""), "\r\n.\r\n");
    }
}
