//! The mail server that letters go to: one connection at a time, kept from letter to letter, and at which step it
//! refused.

use std::time::Duration;

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use lettre::Address;
use lettre::address::Envelope;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Tls, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Quit, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use percent_encoding::percent_decode_str;
use tokio::sync::Mutex;
use url::Url;

/// How long a connection that was kept may take to say that it still works, or goodbye.
const COURTESY: Duration = Duration::from_secs(5);
/// How long one of the server's addresses may take to answer before the next is tried.
const CONNECTING: Duration = Duration::from_secs(20);

/// How the line is kept private.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Privacy {
    /// Encrypted from the first byte.
    FromTheStart,
    /// No letter before STARTTLS.
    Required,
    /// STARTTLS where the server offers it.
    Opportunistic,
    /// In the clear.
    None,
}

/// How far a letter had come when the server refused it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Connecting, encrypting, signing in.
    Connecting,
    /// Naming the sender.
    Sender,
    /// Naming the recipient.
    Recipient,
    /// Handing over the text.
    Text,
}

/// A mail server, and the connection to it while letters are being sent. There is never more than one, since the
/// sender takes one letter after the other: providers turn away those that come in a crowd.
pub struct MailServer {
    host: String,
    port: u16,
    tls: Tls,
    name: ClientId,
    credentials: Option<Credentials>,
    /// The password, as it is and as it travels.
    secrets: Vec<String>,
    connection: Mutex<Option<AsyncSmtpConnection>>,
}

impl MailServer {
    /// Reads host, port, user and password of `url`, which names a host. Its path is the name we greet with, where that
    /// must be another than this machine's.
    pub fn new(url: &Url, privacy: Privacy) -> Result<Self> {
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let parameters = || TlsParameters::new(host.clone()).context("no certificate of that host could be checked");
        let (usual_port, tls) = match privacy {
            Privacy::FromTheStart => (465, Tls::Wrapper(parameters()?)),
            Privacy::Required => (587, Tls::Required(parameters()?)),
            Privacy::Opportunistic => (587, Tls::Opportunistic(parameters()?)),
            Privacy::None => (25, Tls::None),
        };
        let decoded = |text: &str| percent_decode_str(text).decode_utf8().map(String::from);
        let (mut credentials, mut secrets) = (None, vec![]);
        if let Some(encoded) = url.password() {
            let (user, password) = (decoded(url.username())?, decoded(encoded)?);
            secrets = [encoded.to_owned(), password.clone()].into();
            secrets.extend([&password, &format!("\0{user}\0{password}")].map(|text| STANDARD_NO_PAD.encode(text)));
            // A word that short stands in many a sentence, and in none it tells that it is the password.
            secrets.retain(|secret| secret.len() >= 4);
            // The end of one may be another.
            secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
            credentials = Some(Credentials::new(user, password));
        }
        let name = match url.path().trim_matches('/') {
            "" => ClientId::default(),
            name => ClientId::Domain(name.to_owned()),
        };
        let (port, connection) = (url.port().unwrap_or(usual_port), Mutex::new(None));
        Ok(Self { port, host, tls, name, credentials, secrets, connection })
    }

    /// What the server said, without the password: some give back what they were sent.
    pub fn without_password(&self, said: &str) -> String {
        self.secrets.iter().fold(said.to_owned(), |said, secret| said.replace(secret, "(hidden)"))
    }

    /// Hands a letter over and waits until the server has taken it; or says at which step it did not.
    ///
    /// To be given up half-way is safe: a connection in the middle of a letter is not kept, since the next answer on
    /// it would be read as the answer to something else.
    pub async fn send(&self, envelope: &Envelope, letter: &[u8]) -> Result<(), (Step, Error)> {
        let mut place = self.connection.lock().await;
        let kept = place.take();
        let mut connection = self.connection(kept).await.map_err(|error| (Step::Connecting, error))?;
        let sent = hand_over(&mut connection, envelope, letter).await;
        // 421 says that the server hangs up; whatever has no code, that the connection broke.
        let goes_on = |error: &Error| error.status().is_some_and(|code| u16::from(code) != 421);
        if sent.as_ref().err().is_none_or(|(_, error)| goes_on(error)) {
            *place = Some(connection);
        }
        sent
    }

    /// Connects, encrypts, signs in and says goodbye, without sending anything.
    pub async fn probe(&self) -> Result<(), (Step, Error)> {
        let mut connection = self.connection(None).await.map_err(|error| (Step::Connecting, error))?;
        // It has let us in; whether it also says goodbye changes nothing.
        let _ = tokio::time::timeout(COURTESY, connection.command(Quit)).await;
        Ok(())
    }

    /// Says goodbye, since no letter waits any more.
    pub async fn hang_up(&self) {
        if let Some(mut connection) = self.connection.lock().await.take() {
            // Whether the server says goodbye too changes nothing.
            let _ = tokio::time::timeout(COURTESY, connection.command(Quit)).await;
        }
    }

    /// The connection of the letter before, if it still works; otherwise a new one.
    async fn connection(&self, kept: Option<AsyncSmtpConnection>) -> Result<AsyncSmtpConnection, Error> {
        if let Some(mut connection) = kept {
            // It also clears away what a refused letter left behind.
            if let Ok(Ok(_)) = tokio::time::timeout(COURTESY, connection.command(Rset)).await {
                return Ok(connection);
            }
        }
        let wrapper = if let Tls::Wrapper(parameters) = &self.tls { Some(parameters.clone()) } else { None };
        let address = (self.host.as_str(), self.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(address, Some(CONNECTING), &self.name, wrapper, None).await?;
        match &self.tls {
            Tls::Required(parameters) => connection.starttls(parameters.clone(), &self.name).await?,
            Tls::Opportunistic(parameters) if connection.can_starttls() => {
                connection.starttls(parameters.clone(), &self.name).await?;
            }
            Tls::Opportunistic(_) | Tls::Wrapper(_) | Tls::None => {}
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        Ok(connection)
    }
}

impl std::fmt::Debug for MailServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let tls = match &self.tls {
            Tls::Wrapper(_) => Privacy::FromTheStart,
            Tls::Required(_) => Privacy::Required,
            Tls::Opportunistic(_) => Privacy::Opportunistic,
            Tls::None => Privacy::None,
        };
        f.debug_struct("MailServer").field("host", &self.host).field("port", &self.port).field("tls", &tls).finish()
    }
}

async fn hand_over(
    connection: &mut AsyncSmtpConnection,
    envelope: &Envelope,
    letter: &[u8],
) -> Result<(), (Step, Error)> {
    let at = |step: Step| move |error: Error| (step, error);
    let parameters = parameters(connection, envelope, letter);
    connection.command(Mail::new(envelope.from().cloned(), parameters)).await.map_err(at(Step::Sender))?;
    for recipient in envelope.to() {
        connection.command(Rcpt::new(recipient.clone(), vec![])).await.map_err(at(Step::Recipient))?;
    }
    connection.command(Data).await.map_err(at(Step::Text))?;
    connection.message(letter).await.map_err(at(Step::Text))?;
    Ok(())
}

/// What must be said beforehand about letters that are not all ASCII. A server that cannot take them says so itself.
fn parameters(connection: &AsyncSmtpConnection, envelope: &Envelope, letter: &[u8]) -> Vec<MailParameter> {
    let is_plain = |address: &Address| <Address as AsRef<str>>::as_ref(address).is_ascii();
    let mut parameters = vec![];
    if !envelope.to().iter().chain(envelope.from()).all(is_plain) {
        parameters.push(MailParameter::SmtpUtfEight);
    }
    if !letter.is_ascii() && connection.server_info().supports_feature(Extension::EightBitMime) {
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    parameters
}
