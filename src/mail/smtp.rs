//! SMTP client: one connection to the mail server, reused from e-mail to e-mail.
//!
//! It drives lettre's `AsyncSmtpConnection`. lettre's `AsyncSmtpTransport` does not report at which stage a message was
//! rejected or which extensions the server offers, closes the connection after a rejected recipient, and its pool
//! reuses a connection on which a reply is still outstanding.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use lettre::address::Envelope;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream, TlsParameters};
use lettre::transport::smtp::commands::Ehlo;
use lettre::transport::smtp::extension::{ClientId, Extension};
use percent_encoding::percent_decode_str;
use tokio::sync::Mutex;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use url::Url;

use crate::mail::delivery_error::DeliveryError;
use crate::mail::smtp_failure::{SmtpError, SmtpFailure};
use crate::mail::smtp_session::SmtpSession;
use crate::mail::smtp_stage::SmtpStage;
use crate::mail::tls::{self, EncryptedStream, RootCertificates};

/// Timeout for connecting, including TLS and sign-in.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsMode {
    /// TLS from the first byte.
    Implicit,
    /// STARTTLS, or no e-mail is sent.
    Required,
    /// STARTTLS if the server offers it.
    Opportunistic,
    None,
}

/// Whether the mail server offers SMTPUTF8 (RFC 6531), and so accepts addresses such as `josé@example.com`.
///
/// Clones share one value, which is `false` until the first EHLO: a form rejects an address that may be unreachable while
/// its owner can still give another.
#[derive(Clone, Debug, Default)]
pub struct SmtpUtf8(Arc<AtomicBool>);

impl SmtpUtf8 {
    pub fn set(&self, is_offered: bool) {
        self.0.store(is_offered, Ordering::Relaxed);
    }

    pub fn is_offered(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

enum TlsSetup {
    Implicit(TlsConnector, ServerName<'static>),
    StartTls(TlsParameters),
    None,
}

/// Client for one mail server, with at most one connection: providers reject clients with many connections.
pub struct SmtpClient {
    host: String,
    port: u16,
    tls_mode: TlsMode,
    tls: TlsSetup,
    hello_name: ClientId,
    credentials: Option<Credentials>,
    /// The password in clear text and in the encodings of `AUTH`.
    secrets: Vec<String>,
    session: Mutex<Option<SmtpSession>>,
    smtp_utf8: SmtpUtf8,
}

impl SmtpClient {
    /// Reads host, port, user and password of `url`. Its path is the name for EHLO, instead of this machine's.
    pub fn new(url: &Url, tls_mode: TlsMode, roots: impl Fn() -> RootCertificates) -> Result<Self> {
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let (default_port, tls) = match tls_mode {
            TlsMode::Implicit => {
                let name = ServerName::try_from(host.clone()).context("the host cannot have a certificate")?;
                (465, TlsSetup::Implicit(roots().connector()?, name))
            }
            TlsMode::Required | TlsMode::Opportunistic => (587, TlsSetup::StartTls(roots().parameters(&host)?)),
            TlsMode::None => (25, TlsSetup::None),
        };
        let decoded = |text: &str| percent_decode_str(text).decode_utf8().map(String::from);
        let (mut credentials, mut secrets) = (None, vec![]);
        if let Some(encoded) = url.password() {
            let (user, password) = (decoded(url.username())?, decoded(encoded)?);
            secrets = [encoded.to_owned(), password.clone()].into();
            secrets.extend([&password, &format!("\0{user}\0{password}")].map(|text| STANDARD_NO_PAD.encode(text)));
            // Shorter text occurs in many replies by chance.
            secrets.retain(|secret| secret.len() >= 4);
            // One may be a part of another.
            secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
            credentials = Some(Credentials::new(user, password));
        }
        let hello_name = match url.path().trim_matches('/') {
            "" => ClientId::default(),
            name => ClientId::Domain(name.to_owned()),
        };
        Ok(Self {
            port: url.port().unwrap_or(default_port),
            host,
            tls_mode,
            tls,
            hello_name,
            credentials,
            secrets,
            session: Mutex::new(None),
            smtp_utf8: SmtpUtf8::default(),
        })
    }

    /// Removes the password from a reply: some servers repeat what they were sent.
    pub fn redact(&self, reply: &str) -> String {
        self.secrets.iter().fold(reply.to_owned(), |reply, secret| reply.replace(secret, "(hidden)"))
    }

    pub fn smtp_utf8(&self) -> SmtpUtf8 {
        self.smtp_utf8.clone()
    }

    /// Connects, signs in and disconnects without sending an e-mail.
    pub async fn probe(&self, limit: Duration) -> Result<(), DeliveryError> {
        self.connected(limit).await?.quit().await;
        Ok(())
    }

    /// Sends an e-mail and waits until the server has accepted it. `limit` applies to the e-mail, and to connecting before it
    /// (at most 30 seconds).
    ///
    /// Cancellation is safe: the connection is kept only after the exchange is complete.
    pub async fn send(&self, envelope: &Envelope, email: &[u8], limit: Duration) -> Result<(), DeliveryError> {
        let mut slot = self.session.lock().await;
        let (mut session, mut is_reused) = match slot.take() {
            Some(session) => (session, true),
            None => (self.connected(limit).await?, false),
        };
        loop {
            match session.send(envelope, email, limit).await {
                // The server has closed the idle connection; nothing was sent.
                Err(failure) if is_reused && failure.stage == SmtpStage::MailFrom && failure.is_disconnect() => {
                    (session, is_reused) = (self.connected(limit).await?, false);
                }
                result => {
                    if session.is_usable() {
                        *slot = Some(session);
                    }
                    return result.map_err(|failure| self.delivery_error(failure));
                }
            }
        }
    }

    /// Closes the connection, if one is open.
    pub async fn quit(&self) {
        if let Some(session) = self.session.lock().await.take() {
            session.quit().await;
        }
    }

    async fn connected(&self, limit: Duration) -> Result<SmtpSession, DeliveryError> {
        self.open_session(limit).await.map_err(|failure| self.delivery_error(failure))
    }

    fn delivery_error(&self, failure: SmtpFailure) -> DeliveryError {
        let error = DeliveryError::from(failure);
        DeliveryError { reason: self.redact(&error.reason), ..error }
    }

    async fn open_session(&self, limit: Duration) -> Result<SmtpSession, SmtpFailure> {
        let mut stage = SmtpStage::Connecting;
        let connected = timeout(limit.min(CONNECT_TIMEOUT), self.connect(&mut stage)).await;
        connected.unwrap_or(Err(SmtpError::Timeout)).map_err(|cause| SmtpFailure { stage, cause })
    }

    async fn connect(&self, stage: &mut SmtpStage) -> Result<SmtpSession, SmtpError> {
        let socket = tls::connect(&self.host, self.port).await?;
        let stream: Box<dyn AsyncTokioStream> = match &self.tls {
            TlsSetup::Implicit(connector, name) => {
                *stage = SmtpStage::TlsHandshake;
                Box::new(EncryptedStream(connector.connect(name.clone(), socket).await?))
            }
            _ => Box::new(socket),
        };
        *stage = SmtpStage::Greeting;
        let mut connection = AsyncSmtpConnection::connect_with_transport(stream, &self.hello_name).await?;
        if let TlsSetup::StartTls(parameters) = &self.tls
            && (self.tls_mode == TlsMode::Required || connection.can_starttls())
        {
            *stage = SmtpStage::TlsHandshake;
            connection.starttls(parameters.clone(), &self.hello_name).await?;
        }
        *stage = SmtpStage::Greeting;
        // lettre does not report PIPELINING (RFC 2920).
        let pipelining = match connection.command(Ehlo::new(self.hello_name.clone())).await {
            Ok(reply) => reply.message().any(|line| line.eq_ignore_ascii_case("PIPELINING")),
            Err(error) if error.status().is_none() => return Err(error.into()),
            Err(_) => false,
        };
        if let Some(credentials) = &self.credentials {
            *stage = SmtpStage::Authenticating;
            connection.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        self.smtp_utf8.set(connection.server_info().supports_feature(Extension::SmtpUtfEight));
        Ok(SmtpSession::new(connection, pipelining))
    }
}

impl std::fmt::Debug for SmtpClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut fields = f.debug_struct("SmtpClient");
        fields.field("host", &self.host).field("port", &self.port).field("tls", &self.tls_mode).finish()
    }
}
