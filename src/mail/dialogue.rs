//! The SMTP commands that hand over one e-mail on an open connection.

use std::time::Duration;

use lettre::Address;
use lettre::address::Envelope;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Ehlo, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter, ServerInfo};

use crate::mail::refusal::{Cause, Failure};
use crate::mail::server::Step;

/// A connection that is signed in.
pub struct Open {
    /// To the server.
    pub connection: AsyncSmtpConnection,
    /// Whether an answer may still come that belongs to an earlier command: nothing more can be sent then.
    pub is_out_of_step: bool,
    /// Whether an e-mail was begun and not taken, which must be cleared away before the next.
    is_begun: bool,
    name: ClientId,
    takes_several_commands: Pipelining,
}

/// Whether the server takes several commands at once (`PIPELINING`, RFC 2920). The library does not tell, so the server is
/// asked again, but only on a connection that carries more than one e-mail.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pipelining {
    /// No e-mail was handed over yet.
    NotAsked,
    /// To be asked before the next e-mail.
    Asking,
    Offered,
    NotOffered,
}

impl Open {
    /// A new connection, on which nothing was begun.
    pub fn new(connection: AsyncSmtpConnection, name: ClientId) -> Self {
        let takes_several_commands = Pipelining::NotAsked;
        Self { connection, is_out_of_step: false, is_begun: false, name, takes_several_commands }
    }

    async fn ask_for_pipelining(&mut self) -> Result<(), Cause> {
        self.takes_several_commands = match self.connection.command(Ehlo::new(self.name.clone())).await {
            Ok(answer) if answer.message().any(|line| line.eq_ignore_ascii_case("PIPELINING")) => Pipelining::Offered,
            Err(error) if error.status().is_none() => return Err(error.into()),
            _ => Pipelining::NotOffered,
        };
        Ok(())
    }
}

/// Hands an e-mail over within `patience`. The failure says at which step it ended.
pub async fn hand_over(open: &mut Open, envelope: &Envelope, email: &[u8], patience: Duration) -> Result<(), Failure> {
    let mut step = Step::Sender;
    match tokio::time::timeout(patience, talk(open, envelope, email, &mut step)).await {
        Ok(result) => result.map_err(|cause| Failure { step, cause }),
        Err(_) => Err(Failure { step, cause: Cause::Silent }),
    }
}

async fn talk(open: &mut Open, envelope: &Envelope, email: &[u8], step: &mut Step) -> Result<(), Cause> {
    match open.takes_several_commands {
        Pipelining::NotAsked => open.takes_several_commands = Pipelining::Asking,
        Pipelining::Asking => open.ask_for_pipelining().await?,
        Pipelining::Offered | Pipelining::NotOffered => {}
    }
    let connection = &mut open.connection;
    if std::mem::replace(&mut open.is_begun, true) {
        connection.command(Rset).await?;
    }
    let server = connection.server_info();
    let mail = Mail::new(envelope.from().cloned(), parameters(server, envelope, email)?);
    // With one recipient it is certain what a refusal of it means for DATA, which is sent at the same time.
    match envelope.to() {
        [recipient] if open.takes_several_commands == Pipelining::Offered => {
            let recipient = Rcpt::new(recipient.clone(), vec![]);
            connection.command(format!("{mail}{recipient}{Data}")).await?;
            *step = Step::Recipient;
            let named = connection.read_response().await;
            // Without an answer there will be none to DATA either.
            let has_answered = named.as_ref().err().is_none_or(|error| error.status().is_some());
            let goes_on = if has_answered { Some(connection.read_response().await) } else { None };
            if let Err(error) = named {
                open.is_out_of_step = match goes_on {
                    // It asks for a text though there is no recipient: an empty one ends it.
                    Some(Ok(_)) => connection.command(".\r\n").await.is_err_and(|error| error.status().is_none()),
                    Some(Err(error)) => error.status().is_none(),
                    None => true,
                };
                return Err(error.into());
            }
            *step = Step::Text;
            if let Some(Err(error)) = goes_on {
                return Err(error.into());
            }
        }
        recipients => {
            connection.command(mail).await?;
            *step = Step::Recipient;
            for recipient in recipients {
                connection.command(Rcpt::new(recipient.clone(), vec![])).await?;
            }
            *step = Step::Text;
            connection.command(Data).await?;
        }
    }
    match std::str::from_utf8(email) {
        // In one write, so that no part of it waits for the acknowledgement of another.
        Ok(text) => connection.command(with_end(text)).await?,
        Err(_) => connection.message(email).await?,
    };
    open.is_begun = false;
    Ok(())
}

/// The text as it travels: a dot before every line that begins with one, and a line with a dot at the end (RFC 5321,
/// 4.5.2).
fn with_end(text: &str) -> String {
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
fn parameters(server: &ServerInfo, envelope: &Envelope, email: &[u8]) -> Result<Vec<MailParameter>, Cause> {
    let is_plain = |address: &Address| <Address as AsRef<str>>::as_ref(address).is_ascii();
    let mut parameters = vec![];
    if !envelope.to().iter().chain(envelope.from()).all(is_plain) {
        if !server.supports_feature(Extension::SmtpUtfEight) {
            return Err(Cause::NotOffered);
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
    fn a_line_that_begins_with_a_dot_is_not_the_end() {
        assert_eq!(with_end("a\r\n.b\r\n..\r\n"), "a\r\n..b\r\n...\r\n.\r\n");
        assert_eq!(with_end(".\r\nno end"), "..\r\nno end\r\n.\r\n");
        assert_eq!(with_end(""), "\r\n.\r\n");
    }
}
