//! The mail server: one connection at a time, kept from e-mail to e-mail, and at which step it refused.

use std::time::Duration;

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use lettre::address::Envelope;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream, TlsParameters};
use lettre::transport::smtp::commands::Quit;
use lettre::transport::smtp::extension::{ClientId, Extension};
use percent_encoding::percent_decode_str;
use tokio::sync::Mutex;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use url::Url;

use crate::mail::capabilities::SmtpUtf8;
use crate::mail::dialogue::{self, Open};
use crate::mail::refusal::{Cause, Failure, Refusal};
use crate::mail::roots::Roots;
use crate::mail::stream;

/// How long the server may take to say goodbye.
const FOR_GOODBYE: Duration = Duration::from_secs(5);
/// How long connecting may take in all, sign-in included.
const FOR_CONNECTING: Duration = Duration::from_secs(30);

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

/// How far an e-mail had come when the server refused it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Opening the TCP connection.
    Connecting,
    /// Greeting and `EHLO`.
    Greeting,
    /// Encrypting the connection.
    Encrypting,
    /// Signing in.
    SigningIn,
    /// Naming the sender.
    Sender,
    /// Naming the recipient.
    Recipient,
    /// Handing over the text.
    Text,
}

/// What the privacy of the line needs.
enum Encryption {
    FromTheStart(TlsConnector, ServerName<'static>),
    Required(TlsParameters),
    Opportunistic(TlsParameters),
    None,
}

/// A mail server, and the connection to it while e-mails are being sent. There is never more than one, since the
/// sender takes one e-mail after the other: providers turn away clients with many connections.
pub struct MailServer {
    host: String,
    port: u16,
    privacy: Privacy,
    encryption: Encryption,
    name: ClientId,
    credentials: Option<Credentials>,
    /// The password, as it is and as it travels.
    secrets: Vec<String>,
    connection: Mutex<Option<Open>>,
    smtp_utf8: SmtpUtf8,
}

impl MailServer {
    /// Reads host, port, user and password of `url`, which names a host. Its path is the name we greet with, where that
    /// must be another than this machine's.
    pub fn new(url: &Url, privacy: Privacy, roots: impl Fn() -> Roots) -> Result<Self> {
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let (usual_port, encryption) = match privacy {
            Privacy::FromTheStart => {
                let name =
                    ServerName::try_from(host.clone()).context("no certificate of that host could be checked")?;
                (465, Encryption::FromTheStart(roots().connector()?, name))
            }
            Privacy::Required => (587, Encryption::Required(roots().parameters(&host)?)),
            Privacy::Opportunistic => (587, Encryption::Opportunistic(roots().parameters(&host)?)),
            Privacy::None => (25, Encryption::None),
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
        Ok(Self {
            port: url.port().unwrap_or(usual_port),
            host,
            privacy,
            encryption,
            name,
            credentials,
            secrets,
            connection: Mutex::new(None),
            smtp_utf8: SmtpUtf8::default(),
        })
    }

    /// What the server said, without the password: some give back what they were sent.
    pub fn without_password(&self, said: &str) -> String {
        self.secrets.iter().fold(said.to_owned(), |said, secret| said.replace(secret, "(hidden)"))
    }

    /// Whether the server takes addresses beyond ASCII, as it said when it was last connected to.
    pub fn smtp_utf8(&self) -> SmtpUtf8 {
        self.smtp_utf8.clone()
    }

    /// Connects, encrypts, signs in and says goodbye; the refusal says at which step that failed.
    pub async fn probe(&self, patience: Duration) -> Result<(), Refusal> {
        let mut open = self.open(patience).await.map_err(|failure| self.refusal(failure))?;
        goodbye(&mut open.connection).await;
        Ok(())
    }

    /// Hands an e-mail over and waits until the server has taken it; or says at which step it did not. `patience` is for
    /// the e-mail itself, and for connecting before it, which never takes longer than 30 seconds.
    ///
    /// Dropping the future is safe: a connection in the middle of an e-mail is not kept, since the next answer on it would
    /// be read as the answer to something else.
    pub async fn send(&self, envelope: &Envelope, email: &[u8], patience: Duration) -> Result<(), Refusal> {
        let mut place = self.connection.lock().await;
        if let Some(mut kept) = place.take() {
            match dialogue::hand_over(&mut kept, envelope, email, patience).await {
                // The server has closed the connection since the e-mail before: nothing was handed over yet.
                Err(failure) if failure.step == Step::Sender && failure.is_interruption() => {}
                result => return self.finish(&mut place, kept, result),
            }
        }
        let mut open = self.open(patience).await.map_err(|failure| self.refusal(failure))?;
        let result = dialogue::hand_over(&mut open, envelope, email, patience).await;
        self.finish(&mut place, open, result)
    }

    /// Keeps the connection for the next e-mail, unless it is out of step or the server hangs up.
    fn finish(&self, place: &mut Option<Open>, open: Open, result: Result<(), Failure>) -> Result<(), Refusal> {
        let keeps = |failure: &Failure| failure.step >= Step::Recipient && !failure.is_interruption();
        if !open.is_out_of_step && result.as_ref().err().is_none_or(keeps) {
            *place = Some(open);
        }
        result.map_err(|failure| self.refusal(failure))
    }

    fn refusal(&self, failure: Failure) -> Refusal {
        let refusal = Refusal::from(failure);
        Refusal { reason: self.without_password(&refusal.reason), ..refusal }
    }

    /// Says goodbye, since no e-mail waits any more.
    pub async fn hang_up(&self) {
        if let Some(mut open) = self.connection.lock().await.take() {
            goodbye(&mut open.connection).await;
        }
    }

    async fn open(&self, patience: Duration) -> Result<Open, Failure> {
        let mut step = Step::Connecting;
        match tokio::time::timeout(patience.min(FOR_CONNECTING), self.connect(&mut step)).await {
            Ok(Ok(connection)) => Ok(Open::new(connection, self.name.clone())),
            Ok(Err(cause)) => Err(Failure { step, cause }),
            Err(_) => Err(Failure { step, cause: Cause::Silent }),
        }
    }

    async fn connect(&self, step: &mut Step) -> Result<AsyncSmtpConnection, Cause> {
        let socket = stream::connect(&self.host, self.port).await?;
        let stream: Box<dyn AsyncTokioStream> = match &self.encryption {
            Encryption::FromTheStart(connector, name) => {
                *step = Step::Encrypting;
                Box::new(stream::Encrypted(connector.connect(name.clone(), socket).await?))
            }
            _ => Box::new(socket),
        };
        *step = Step::Greeting;
        let mut connection = AsyncSmtpConnection::connect_with_transport(stream, &self.name).await?;
        *step = Step::Encrypting;
        match &self.encryption {
            Encryption::Required(parameters) => connection.starttls(parameters.clone(), &self.name).await?,
            Encryption::Opportunistic(parameters) if connection.can_starttls() => {
                connection.starttls(parameters.clone(), &self.name).await?;
            }
            _ => {}
        }
        if let Some(credentials) = &self.credentials {
            *step = Step::SigningIn;
            connection.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        let offers = connection.server_info().supports_feature(Extension::SmtpUtfEight);
        self.smtp_utf8.set(offers);
        Ok(connection)
    }
}

async fn goodbye(connection: &mut AsyncSmtpConnection) {
    // Whether the server says goodbye too changes nothing.
    let _: Result<Result<_, Error>, _> = tokio::time::timeout(FOR_GOODBYE, connection.command(Quit)).await;
}

impl std::fmt::Debug for MailServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut fields = f.debug_struct("MailServer");
        fields.field("host", &self.host).field("port", &self.port).field("tls", &self.privacy).finish()
    }
}
