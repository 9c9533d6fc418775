//! The SMTP commands that hand over one e-mail on an open connection.

use std::time::Duration;

use lettre::Address;
use lettre::address::Envelope;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Ehlo, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter, ServerInfo};

use crate::mail::delivery_error::{SmtpError, SmtpFailure};
use crate::mail::smtp::SmtpStage;

/// A connection that is signed in.
pub struct SmtpSession {
    /// To the server.
    pub connection: AsyncSmtpConnection,
    /// Whether an answer may still come that belongs to an earlier command: nothing more can be sent then.
    pub is_out_of_sync: bool,
    /// Whether an e-mail was begun and not taken, which must be cleared away before the next.
    needs_reset: bool,
    name: ClientId,
    pipelining: Pipelining,
}

/// Whether the server takes several commands at once (`PIPELINING`, RFC 2920). The library does not tell, so the server is
/// asked again, but only on a connection that carries more than one e-mail.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pipelining {
    /// No e-mail was handed over yet.
    Unknown,
    /// To be asked before the next e-mail.
    CheckBeforeNext,
    Supported,
    Unsupported,
}

impl SmtpSession {
    /// A new connection, on which nothing was begun.
    pub fn new(connection: AsyncSmtpConnection, name: ClientId) -> Self {
        let takes_several_commands = Pipelining::Unknown;
        Self { connection, is_out_of_sync: false, needs_reset: false, name, pipelining: takes_several_commands }
    }

    async fn detect_pipelining(&mut self) -> Result<(), SmtpError> {
        self.pipelining = match self.connection.command(Ehlo::new(self.name.clone())).await {
            Ok(answer) if answer.message().any(|line| line.eq_ignore_ascii_case("PIPELINING")) => Pipelining::Supported,
            Err(error) if error.status().is_none() => return Err(error.into()),
            _ => Pipelining::Unsupported,
        };
        Ok(())
    }
}

/// Hands an e-mail over within `patience`. The failure says at which step it ended.
pub async fn send_message(
    session: &mut SmtpSession,
    envelope: &Envelope,
    email: &[u8],
    timeout: Duration,
) -> Result<(), SmtpFailure> {
    let mut step = SmtpStage::MailFrom;
    match tokio::time::timeout(timeout, run_transaction(session, envelope, email, &mut step)).await {
        Ok(result) => result.map_err(|cause| SmtpFailure { step, cause }),
        Err(_) => Err(SmtpFailure { step, cause: SmtpError::Timeout }),
    }
}

async fn run_transaction(
    session: &mut SmtpSession,
    envelope: &Envelope,
    email: &[u8],
    step: &mut SmtpStage,
) -> Result<(), SmtpError> {
    match session.pipelining {
        Pipelining::Unknown => session.pipelining = Pipelining::CheckBeforeNext,
        Pipelining::CheckBeforeNext => session.detect_pipelining().await?,
        Pipelining::Supported | Pipelining::Unsupported => {}
    }
    let connection = &mut session.connection;
    if std::mem::replace(&mut session.needs_reset, true) {
        connection.command(Rset).await?;
    }
    let server = connection.server_info();
    let mail = Mail::new(envelope.from().cloned(), mail_parameters(server, envelope, email)?);
    // With one recipient it is certain what a refusal of it means for DATA, which is sent at the same time.
    match envelope.to() {
        [recipient] if session.pipelining == Pipelining::Supported => {
            let recipient = Rcpt::new(recipient.clone(), vec![]);
            connection.command(format!("{mail}{recipient}{Data}")).await?;
            *step = SmtpStage::RcptTo;
            let named = connection.read_response().await;
            // Without an answer there will be none to DATA either.
            let has_answered = named.as_ref().err().is_none_or(|error| error.status().is_some());
            let goes_on = if has_answered { Some(connection.read_response().await) } else { None };
            if let Err(error) = named {
                session.is_out_of_sync = match goes_on {
                    // It asks for a text though there is no recipient: an empty one ends it.
                    Some(Ok(_)) => connection.command(".\r\n").await.is_err_and(|error| error.status().is_none()),
                    Some(Err(error)) => error.status().is_none(),
                    None => true,
                };
                return Err(error.into());
            }
            *step = SmtpStage::Data;
            if let Some(Err(error)) = goes_on {
                return Err(error.into());
            }
        }
        recipients => {
            connection.command(mail).await?;
            *step = SmtpStage::RcptTo;
            for recipient in recipients {
                connection.command(Rcpt::new(recipient.clone(), vec![])).await?;
            }
            *step = SmtpStage::Data;
            connection.command(Data).await?;
        }
    }
    match std::str::from_utf8(email) {
        // In one write, so that no part of it waits for the acknowledgement of another.
        Ok(text) => connection.command(dot_stuff(text)).await?,
        Err(_) => connection.message(email).await?,
    };
    session.needs_reset = false;
    Ok(())
}

/// The text as it travels: a dot before every line that begins with one, and a line with a dot at the end (RFC 5321,
/// 4.5.2).
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

/// What must be said beforehand about e-mails that are not all ASCII.
fn mail_parameters(server: &ServerInfo, envelope: &Envelope, email: &[u8]) -> Result<Vec<MailParameter>, SmtpError> {
    let is_plain = |address: &Address| <Address as AsRef<str>>::as_ref(address).is_ascii();
    let mut parameters = vec![];
    if !envelope.to().iter().chain(envelope.from()).all(is_plain) {
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
