//! How a letter leaves the house: to a mail server, into a file, or into a test's mailbag.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use lettre::Message;
use tokio_rustls::rustls::pki_types::CertificateDer;

use crate::mail::capabilities::SmtpUtf8;
use crate::mail::delivery_error::DeliveryError;
use crate::mail::email::TransportKind;
use crate::mail::roots::RootCertificates;
use crate::mail::smtp::SmtpClient;
use crate::mail::smtp_url::SmtpUrl;
use crate::secure_fs;

/// How long handing over one e-mail may take.
const SEND_TIMEOUT: Duration = Duration::from_secs(60);

/// Where letters go.
#[derive(Clone)]
pub enum Transport {
    /// A mail server, and how long one letter may take.
    Smtp(Arc<SmtpClient>, Duration),
    /// A directory of `.eml` files, for a site that has no mail server yet.
    Files(PathBuf),
    /// Memory, for tests.
    Memory(MemoryMailbox),
}

/// Letters kept in memory; copies hold the same letters.
#[derive(Clone, Debug, Default)]
pub struct MemoryMailbox(Arc<Mutex<Vec<Delivered>>>);

/// A letter as it went out.
#[derive(Clone, Debug)]
pub struct Delivered {
    /// Addresses it went to.
    pub recipients: Vec<String>,
    /// Head and body as sent.
    pub source: String,
}

impl MemoryMailbox {
    /// Every letter so far.
    pub fn emails(&self) -> Vec<Delivered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Transport {
    /// Reads `SMTP_URL`.
    pub fn smtp(smtp_url: &str) -> Result<Self> {
        Self::smtp_trusting(smtp_url, &[])
    }

    /// The same, also trusting these certificate authorities (`SMTP_CA`).
    pub fn smtp_trusting(smtp_url: &str, authorities: &[CertificateDer<'static>]) -> Result<Self> {
        let SmtpUrl { url, tls_mode } = SmtpUrl::parse(smtp_url)?;
        let server = SmtpClient::new(&url, tls_mode, || RootCertificates::with_system(authorities))
            .ok()
            .context("SMTP_URL cannot be used: check its user, password (percent-encoded), host and port")?;
        Ok(Self::Smtp(Arc::new(server), SEND_TIMEOUT))
    }

    /// The same, giving up on a silent mail server sooner or later.
    pub fn with_timeout(self, timeout: Duration) -> Self {
        match self {
            Self::Smtp(smtp, _) => Self::Smtp(smtp, timeout),
            other => other,
        }
    }

    /// Whether letters stay in this house, so that staff must be told.
    pub fn writes_files(&self) -> bool {
        matches!(self, Self::Files(_))
    }

    /// What takes letters away.
    pub fn kind(&self) -> TransportKind {
        match self {
            Self::Smtp(..) => TransportKind::Smtp,
            Self::Files(_) => TransportKind::File,
            Self::Memory(_) => TransportKind::Memory,
        }
    }

    /// Hands a letter over. Returns only once the other side has taken it.
    pub async fn deliver(&self, message: Message, file_name: &str) -> Result<(), DeliveryError> {
        match self {
            Self::Smtp(server, timeout) => server.send(message.envelope(), &message.formatted(), *timeout).await,
            Self::Files(directory) => {
                let target = directory.join(format!("{file_name}.eml"));
                let bytes = message.formatted();
                let written = actix_web::web::block(move || secure_fs::write_atomic(&target, &bytes)).await;
                match written {
                    Ok(Ok(())) => Ok(()),
                    Ok(Err(error)) => {
                        Err(DeliveryError::server_unavailable(format!("the file cannot be written: {error}")))
                    }
                    Err(error) => Err(DeliveryError::server_unavailable(error.to_string())),
                }
            }
            Self::Memory(mailbox) => {
                let recipients = message.envelope().to().iter().map(ToString::to_string).collect();
                let source = String::from_utf8_lossy(&message.formatted()).into_owned();
                mailbox.0.lock().unwrap_or_else(PoisonError::into_inner).push(Delivered { recipients, source });
                Ok(())
            }
        }
    }

    /// Checks that e-mails can be handed over: connects to the mail server, encrypts, signs in and says goodbye. The refusal
    /// says at which step that failed. There is nothing to check about files.
    pub async fn probe(&self) -> Result<(), DeliveryError> {
        match self {
            Self::Smtp(server, timeout) => server.probe(*timeout).await,
            Self::Files(_) | Self::Memory(_) => Ok(()),
        }
    }

    /// Whether the mail server takes addresses beyond ASCII, shared with the forms. Without a mail server nobody knows.
    pub fn smtp_utf8(&self) -> SmtpUtf8 {
        match self {
            Self::Smtp(server, _) => server.smtp_utf8(),
            Self::Files(_) | Self::Memory(_) => SmtpUtf8::default(),
        }
    }

    /// Removes what was written of a letter that was erased meanwhile; what a mail server has taken is gone.
    pub async fn delete_written(&self, file_name: &str) -> std::io::Result<()> {
        if let Self::Files(directory) = self {
            let target = directory.join(format!("{file_name}.eml"));
            for path in [target.with_extension("part"), target] {
                match tokio::fs::remove_file(path).await {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// To be called when no letter waits any more.
    pub async fn close_idle(&self) {
        if let Self::Smtp(server, _) = self {
            server.quit().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn password_is_redacted_from_server_replies() {
        let Ok(Transport::Smtp(server, _)) =
            Transport::smtp("smtp://desk%40example.com:hunter2-of-the-mail@mail.example")
        else {
            panic!("refused")
        };
        let said = "5.7.8 AUTH PLAIN AGRlc2tAZXhhbXBsZS5jb20AaHVudGVyMi1vZi10aGUtbWFpbA== (hunter2-of-the-mail): wrong";
        assert_eq!(server.redact(said), "5.7.8 AUTH PLAIN (hidden)== ((hidden)): wrong");
    }

    #[test]
    fn remote_mail_servers_require_tls_unless_disabled() {
        let debug = |url: &str| match Transport::smtp(url) {
            Ok(Transport::Smtp(server, _)) => format!("{server:?}"),
            _ => panic!("{url} was refused"),
        };
        assert!(debug("smtp://u:p@mail.example.com").contains("port: 587, tls: Required"));
        assert!(debug("smtp://u:p@mail.example.com:2525?tls=required").contains("port: 2525, tls: Required"));
        assert!(debug("smtp://mail.example.com?tls=opportunistic").contains("port: 587, tls: Opportunistic"));
        assert!(debug("smtps://u:p@mail.example.com").contains("port: 465, tls: Implicit"));
        assert!(debug("smtp://[::1]").contains("host: \"::1\", port: 25,"));
        for plain in
            ["smtp://127.0.0.1:2525", "smtp://localhost:2525", "smtp://[::1]:2525", "smtp://mail.example.com?tls=none"]
        {
            assert!(debug(plain).contains("tls: None"), "{plain}");
        }
        for bad in [
            "mail.example.com",
            "http://mail.example.com",
            "smtp://",
            "smtp://x?tls=maybe",
            "smtps://x?tls=none",
            "smtp://u:%FF@mail.example.com",
        ] {
            let error = Transport::smtp(bad).err().map(|e| e.to_string()).unwrap_or_default();
            assert!(error.starts_with("SMTP_URL") && !error.contains("%FF"), "{bad}: {error}");
        }
    }
}
