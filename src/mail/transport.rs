//! Transport of e-mails: a mail server, a directory of files, or memory.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use lettre::Message;
use tokio_rustls::rustls::pki_types::CertificateDer;

use crate::mail::SmtpUtf8;
use crate::mail::delivery_error::DeliveryError;
use crate::mail::email::TransportKind;
use crate::mail::smtp::SmtpClient;
use crate::mail::smtp_url::SmtpUrl;
use crate::mail::tls::RootCertificates;
use crate::secure_fs;

/// Timeout for one e-mail.
const SEND_TIMEOUT: Duration = Duration::from_secs(60);

#[derive(Clone)]
pub enum Transport {
    /// A mail server, with the timeout for one e-mail.
    Smtp(Arc<SmtpClient>, Duration),
    /// A directory of `.eml` files, for a site without a mail server.
    Files(PathBuf),
    /// Memory, for tests.
    Memory(MemoryMailbox),
}

/// E-mails kept in memory. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct MemoryMailbox(Arc<Mutex<Vec<Delivered>>>);

#[derive(Clone, Debug)]
pub struct Delivered {
    pub recipients: Vec<String>,
    /// Headers and body as sent.
    pub source: String,
}

impl MemoryMailbox {
    pub fn emails(&self) -> Vec<Delivered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Transport {
    /// Reads `SMTP_URL`.
    pub fn smtp(smtp_url: &str) -> Result<Self> {
        Self::smtp_trusting(smtp_url, &[])
    }

    /// Reads `SMTP_URL` and trusts additional certificate authorities (`SMTP_CA`).
    pub fn smtp_trusting(smtp_url: &str, authorities: &[CertificateDer<'static>]) -> Result<Self> {
        let SmtpUrl { url, tls_mode } = SmtpUrl::parse(smtp_url)?;
        let client = SmtpClient::new(&url, tls_mode, || RootCertificates::with_system(authorities))
            .ok()
            .context("SMTP_URL cannot be used: check its user, password (percent-encoded), host and port")?;
        Ok(Self::Smtp(Arc::new(client), SEND_TIMEOUT))
    }

    /// Sets the timeout for one e-mail.
    pub fn with_timeout(self, timeout: Duration) -> Self {
        match self {
            Self::Smtp(client, _) => Self::Smtp(client, timeout),
            other => other,
        }
    }

    /// Whether e-mails are saved to files and not sent, which the admin area shows.
    pub fn writes_files(&self) -> bool {
        matches!(self, Self::Files(_))
    }

    /// Sentence for staff about an e-mail that only becomes a file. `None` if a mail server is set.
    pub fn unsent_notice(&self) -> Option<String> {
        match self {
            Self::Files(directory) => Some(format!(
                "No mail server is set, so it is not sent: it is saved as a file in {}, and E-mails shows it.",
                directory.display()
            )),
            Self::Smtp(..) | Self::Memory(_) => None,
        }
    }

    pub fn kind(&self) -> TransportKind {
        match self {
            Self::Smtp(..) => TransportKind::Smtp,
            Self::Files(_) => TransportKind::File,
            Self::Memory(_) => TransportKind::Memory,
        }
    }

    /// Sends a message. Returns once the other side has accepted it.
    pub async fn deliver(&self, message: Message, file_name: &str) -> Result<(), DeliveryError> {
        match self {
            Self::Smtp(client, timeout) => client.send(message.envelope(), &message.formatted(), *timeout).await,
            Self::Files(directory) => {
                let target = directory.join(format!("{file_name}.eml"));
                let write = move || secure_fs::write_atomic(&target, &message.formatted());
                let written = actix_web::web::block(write).await.map_err(std::io::Error::other).flatten();
                written.map_err(|error| {
                    DeliveryError::server_unavailable(format!("cannot write {file_name}.eml: {error} (DATA_DIR)"))
                })
            }
            Self::Memory(mailbox) => {
                let recipients = message.envelope().to().iter().map(ToString::to_string).collect();
                let source = String::from_utf8_lossy(&message.formatted()).into_owned();
                mailbox.0.lock().unwrap_or_else(PoisonError::into_inner).push(Delivered { recipients, source });
                Ok(())
            }
        }
    }

    /// Connects to the mail server and signs in. The error names the stage that failed.
    pub async fn probe(&self) -> Result<(), DeliveryError> {
        match self {
            Self::Smtp(client, timeout) => client.probe(*timeout).await,
            Self::Files(_) | Self::Memory(_) => Ok(()),
        }
    }

    pub fn smtp_utf8(&self) -> SmtpUtf8 {
        match self {
            Self::Smtp(client, _) => client.smtp_utf8(),
            Self::Files(_) | Self::Memory(_) => SmtpUtf8::default(),
        }
    }

    /// Deletes the file of an e-mail that was erased in the meantime.
    pub async fn delete_written(&self, file_name: &str) -> std::io::Result<()> {
        if let Self::Files(directory) = self {
            let target = directory.join(format!("{file_name}.eml"));
            for path in [secure_fs::partial_path(&target), target] {
                match tokio::fs::remove_file(path).await {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// Closes the connection to the mail server when no e-mail is due.
    pub async fn close_idle(&self) {
        if let Self::Smtp(client, _) = self {
            client.quit().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn password_is_redacted_from_server_replies() {
        let Ok(Transport::Smtp(client, _)) =
            Transport::smtp("smtp://team%40example.com:hunter2-of-the-mail@mail.example")
        else {
            panic!("rejected")
        };
        let reply =
            "5.7.8 AUTH PLAIN AHRlYW1AZXhhbXBsZS5jb20AaHVudGVyMi1vZi10aGUtbWFpbA== (hunter2-of-the-mail): wrong";
        assert_eq!(client.redact(reply), "5.7.8 AUTH PLAIN (hidden)== ((hidden)): wrong");
    }

    #[test]
    fn remote_mail_servers_require_tls_unless_disabled() {
        let debug = |url: &str| match Transport::smtp(url) {
            Ok(Transport::Smtp(client, _)) => format!("{client:?}"),
            _ => panic!("{url} was rejected"),
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
