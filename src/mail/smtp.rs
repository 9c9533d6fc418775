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
use crate::mail::delivery_error::{DeliveryError, SmtpError, SmtpFailure};
use crate::mail::roots::RootCertificates;
use crate::mail::smtp_session::{self, SmtpSession};
use crate::mail::stream;

/// How long the server may take to say goodbye.
const QUIT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long connecting may take in all, sign-in included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);

/// How the line is kept private.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsMode {
    /// Encrypted from the first byte.
    Implicit,
    /// No letter before STARTTLS.
    Required,
    /// STARTTLS where the server offers it.
    Opportunistic,
    /// In the clear.
    None,
}

/// How far an e-mail had come when the server refused it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SmtpStage {
    /// Opening the TCP connection.
    Connecting,
    /// Greeting and `EHLO`.
    Greeting,
    /// Encrypting the connection.
    TlsHandshake,
    /// Signing in.
    Authenticating,
    /// Naming the sender.
    MailFrom,
    /// Naming the recipient.
    RcptTo,
    /// Handing over the text.
    Data,
}

/// What the privacy of the line needs.
enum TlsSetup {
    Implicit(TlsConnector, ServerName<'static>),
    Required(TlsParameters),
    Opportunistic(TlsParameters),
    None,
}

/// A mail server, and the connection to it while e-mails are being sent. There is never more than one, since the
/// sender takes one e-mail after the other: providers turn away clients with many connections.
pub struct SmtpClient {
    host: String,
    port: u16,
    tls_mode: TlsMode,
    tls: TlsSetup,
    name: ClientId,
    credentials: Option<Credentials>,
    /// The password, as it is and as it travels.
    secrets: Vec<String>,
    connection: Mutex<Option<SmtpSession>>,
    smtp_utf8: SmtpUtf8,
}

impl SmtpClient {
    /// Reads host, port, user and password of `url`, which names a host. Its path is the name we greet with, where that
    /// must be another than this machine's.
    pub fn new(url: &Url, tls_mode: TlsMode, roots: impl Fn() -> RootCertificates) -> Result<Self> {
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let (usual_port, encryption) = match tls_mode {
            TlsMode::Implicit => {
                let name =
                    ServerName::try_from(host.clone()).context("no certificate of that host could be checked")?;
                (465, TlsSetup::Implicit(roots().connector()?, name))
            }
            TlsMode::Required => (587, TlsSetup::Required(roots().parameters(&host)?)),
            TlsMode::Opportunistic => (587, TlsSetup::Opportunistic(roots().parameters(&host)?)),
            TlsMode::None => (25, TlsSetup::None),
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
            tls_mode,
            tls: encryption,
            name,
            credentials,
            secrets,
            connection: Mutex::new(None),
            smtp_utf8: SmtpUtf8::default(),
        })
    }

    /// What the server said, without the password: some give back what they were sent.
    pub fn redact(&self, said: &str) -> String {
        self.secrets.iter().fold(said.to_owned(), |said, secret| said.replace(secret, "(hidden)"))
    }

    /// Whether the server takes addresses beyond ASCII, as it said when it was last connected to.
    pub fn smtp_utf8(&self) -> SmtpUtf8 {
        self.smtp_utf8.clone()
    }

    /// Connects, encrypts, signs in and says goodbye; the refusal says at which step that failed.
    pub async fn probe(&self, timeout: Duration) -> Result<(), DeliveryError> {
        let mut open = self.open_session(timeout).await.map_err(|failure| self.delivery_error(failure))?;
        send_quit(&mut open.connection).await;
        Ok(())
    }

    /// Hands an e-mail over and waits until the server has taken it; or says at which step it did not. `patience` is for
    /// the e-mail itself, and for connecting before it, which never takes longer than 30 seconds.
    ///
    /// Dropping the future is safe: a connection in the middle of an e-mail is not kept, since the next answer on it would
    /// be read as the answer to something else.
    pub async fn send(&self, envelope: &Envelope, email: &[u8], timeout: Duration) -> Result<(), DeliveryError> {
        let mut slot = self.connection.lock().await;
        if let Some(mut session) = slot.take() {
            match smtp_session::send_message(&mut session, envelope, email, timeout).await {
                // The server has closed the connection since the e-mail before: nothing was handed over yet.
                Err(failure) if failure.step == SmtpStage::MailFrom && failure.is_disconnect() => {}
                result => return self.finish_transaction(&mut slot, session, result),
            }
        }
        let mut open = self.open_session(timeout).await.map_err(|failure| self.delivery_error(failure))?;
        let result = smtp_session::send_message(&mut open, envelope, email, timeout).await;
        self.finish_transaction(&mut slot, open, result)
    }

    /// Keeps the connection for the next e-mail, unless it is out of step or the server hangs up.
    fn finish_transaction(
        &self,
        slot: &mut Option<SmtpSession>,
        open: SmtpSession,
        result: Result<(), SmtpFailure>,
    ) -> Result<(), DeliveryError> {
        let keeps = |failure: &SmtpFailure| failure.step >= SmtpStage::RcptTo && !failure.is_disconnect();
        if !open.is_out_of_sync && result.as_ref().err().is_none_or(keeps) {
            *slot = Some(open);
        }
        result.map_err(|failure| self.delivery_error(failure))
    }

    fn delivery_error(&self, failure: SmtpFailure) -> DeliveryError {
        let refusal = DeliveryError::from(failure);
        DeliveryError { reason: self.redact(&refusal.reason), ..refusal }
    }

    /// Says goodbye, since no e-mail waits any more.
    pub async fn quit(&self) {
        if let Some(mut open) = self.connection.lock().await.take() {
            send_quit(&mut open.connection).await;
        }
    }

    async fn open_session(&self, timeout: Duration) -> Result<SmtpSession, SmtpFailure> {
        let mut step = SmtpStage::Connecting;
        match tokio::time::timeout(timeout.min(CONNECT_TIMEOUT), self.connect(&mut step)).await {
            Ok(Ok(connection)) => Ok(SmtpSession::new(connection, self.name.clone())),
            Ok(Err(cause)) => Err(SmtpFailure { step, cause }),
            Err(_) => Err(SmtpFailure { step, cause: SmtpError::Timeout }),
        }
    }

    async fn connect(&self, step: &mut SmtpStage) -> Result<AsyncSmtpConnection, SmtpError> {
        let socket = stream::connect(&self.host, self.port).await?;
        let stream: Box<dyn AsyncTokioStream> = match &self.tls {
            TlsSetup::Implicit(connector, name) => {
                *step = SmtpStage::TlsHandshake;
                Box::new(stream::EncryptedStream(connector.connect(name.clone(), socket).await?))
            }
            _ => Box::new(socket),
        };
        *step = SmtpStage::Greeting;
        let mut connection = AsyncSmtpConnection::connect_with_transport(stream, &self.name).await?;
        *step = SmtpStage::TlsHandshake;
        match &self.tls {
            TlsSetup::Required(parameters) => connection.starttls(parameters.clone(), &self.name).await?,
            TlsSetup::Opportunistic(parameters) if connection.can_starttls() => {
                connection.starttls(parameters.clone(), &self.name).await?;
            }
            _ => {}
        }
        if let Some(credentials) = &self.credentials {
            *step = SmtpStage::Authenticating;
            connection.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        let offers = connection.server_info().supports_feature(Extension::SmtpUtfEight);
        self.smtp_utf8.set(offers);
        Ok(connection)
    }
}

async fn send_quit(connection: &mut AsyncSmtpConnection) {
    // Whether the server says goodbye too changes nothing.
    let _: Result<Result<_, Error>, _> = tokio::time::timeout(QUIT_TIMEOUT, connection.command(Quit)).await;
}

impl std::fmt::Debug for SmtpClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut fields = f.debug_struct("SmtpClient");
        fields.field("host", &self.host).field("port", &self.port).field("tls", &self.tls_mode).finish()
    }
}
