//! How a letter leaves the house: to a mail server, into a file, or into a test's mailbag.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use lettre::transport::smtp::PoolConfig;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use url::Url;

use crate::mail::letter::Carrier;

/// No letter may take longer: a mail server that says nothing must not stop the others.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where letters go.
#[derive(Clone)]
pub enum Transport {
    /// A mail server, and how long one letter may take.
    Smtp(AsyncSmtpTransport<Tokio1Executor>, Duration),
    /// A directory of `.eml` files, for a site that has no mail server yet.
    Files(PathBuf),
    /// Memory, for tests.
    Memory(Mailbag),
}

/// Letters kept in memory; copies hold the same letters.
#[derive(Clone, Debug, Default)]
pub struct Mailbag(Arc<Mutex<Vec<Delivered>>>);

/// A letter as it went out.
#[derive(Clone, Debug)]
pub struct Delivered {
    /// Addresses it went to.
    pub recipients: Vec<String>,
    /// Head and body as sent.
    pub source: String,
}

impl Mailbag {
    /// Every letter so far.
    pub fn letters(&self) -> Vec<Delivered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Why a letter did not leave.
#[derive(Debug)]
pub struct Refusal {
    /// For staff.
    pub reason: String,
    /// Whether the server will never take this letter.
    pub for_good: bool,
}

impl Transport {
    /// Reads `SMTP_URL`. STARTTLS is required, unless the server is on this machine or `?tls=none` asks for none.
    pub fn smtp(smtp_url: &str) -> Result<Self> {
        // The text itself may hold a password, so no message repeats it.
        let url =
            Url::parse(smtp_url).ok().context("SMTP_URL is not an address such as smtp://user:password@host:587")?;
        let host = url.host_str().unwrap_or_default().to_owned();
        ensure!(!host.is_empty(), "SMTP_URL names no host");
        let asked = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value.into_owned());
        let is_here = host == "localhost"
            || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
        let tls = match (url.scheme(), asked.as_deref()) {
            ("smtps", None) => None,
            ("smtps", Some(_)) => {
                bail!("SMTP_URL begins with smtps, which is encrypted from the start: leave out tls=")
            }
            ("smtp", None) if is_here => None,
            ("smtp", None | Some("required")) => Some("required"),
            ("smtp", Some("opportunistic")) => Some("opportunistic"),
            ("smtp", Some("none")) => None,
            ("smtp", Some(_)) => {
                bail!("SMTP_URL has a tls= that is neither required, opportunistic nor none")
            }
            _ => bail!("SMTP_URL must begin with smtp:// or smtps://"),
        };
        let mut plain = url;
        plain.set_query(tls.map(|tls| format!("tls={tls}")).as_deref());
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(plain.as_str())
            .ok()
            .context("SMTP_URL cannot be used: check its user, password (percent-encoded), host and port")?
            .timeout(Some(PATIENCE))
            .pool_config(PoolConfig::new().max_size(2))
            .build();
        Ok(Self::Smtp(transport, PATIENCE))
    }

    /// The same, giving up on a silent mail server sooner or later.
    pub fn with_patience(self, patience: Duration) -> Self {
        match self {
            Self::Smtp(smtp, _) => Self::Smtp(smtp, patience),
            other => other,
        }
    }

    /// Whether letters stay in this house, so that staff must be told.
    pub fn writes_files(&self) -> bool {
        matches!(self, Self::Files(_))
    }

    /// What takes letters away.
    pub fn carrier(&self) -> Carrier {
        match self {
            Self::Smtp(..) => Carrier::Smtp,
            Self::Files(_) => Carrier::File,
            Self::Memory(_) => Carrier::Memory,
        }
    }

    /// Hands a letter over. Returns only once the other side has taken it.
    pub async fn deliver(&self, message: Message, file_name: &str) -> Result<(), Refusal> {
        match self {
            // The library's own limit ends with the greeting, so the whole of it has one here.
            Self::Smtp(smtp, patience) => match tokio::time::timeout(*patience, smtp.send(message)).await {
                Ok(sent) => sent.map(|_| ()).map_err(|error| Refusal::by_server(&error)),
                Err(_) => Err(Refusal { reason: "the mail server did not answer in time".into(), for_good: false }),
            },
            Self::Files(directory) => {
                let target = directory.join(format!("{file_name}.eml"));
                let bytes = message.formatted();
                let written = actix_web::web::block(move || write_whole(&target, &bytes)).await;
                match written {
                    Ok(Ok(())) => Ok(()),
                    Ok(Err(error)) => Err(Refusal { reason: error.to_string(), for_good: false }),
                    Err(error) => Err(Refusal { reason: error.to_string(), for_good: false }),
                }
            }
            Self::Memory(bag) => {
                let recipients = message.envelope().to().iter().map(ToString::to_string).collect();
                let source = String::from_utf8_lossy(&message.formatted()).into_owned();
                bag.0.lock().unwrap_or_else(PoisonError::into_inner).push(Delivered { recipients, source });
                Ok(())
            }
        }
    }
}

impl Refusal {
    fn by_server(error: &lettre::transport::smtp::Error) -> Self {
        // 530 to 538 are about our own sign-in: the operator will mend it, and the letter is as good as before.
        let code = error.status().map_or(0, u16::from);
        let about_us = (530..=538).contains(&code);
        let mut reason = error.to_string();
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            if !reason.contains(&cause.to_string()) {
                reason = format!("{reason}: {cause}");
            }
            source = cause.source();
        }
        Self { reason, for_good: error.is_permanent() && !about_us }
    }
}

/// Writes a file so that it is there whole or not at all, for its owner's eyes alone.
fn write_whole(target: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    let half = target.with_extension("part");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&half)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(half, target)
}

#[cfg(test)]
mod tests {
    use super::*;

    // The pool of connections is looked after by a task, so it can only be made where tasks can run.
    #[actix_web::test]
    async fn a_mail_server_elsewhere_is_never_talked_to_in_the_clear_unless_asked() {
        let debug = |url: &str| match Transport::smtp(url) {
            Ok(Transport::Smtp(transport, _)) => format!("{transport:?}"),
            _ => panic!("{url} was refused"),
        };
        assert!(debug("smtp://u:p@mail.example.com:587").contains("Required"));
        assert!(debug("smtps://u:p@mail.example.com").contains("Wrapper"));
        for plain in
            ["smtp://127.0.0.1:2525", "smtp://localhost:2525", "smtp://[::1]:2525", "smtp://mail.example.com?tls=none"]
        {
            assert!(!debug(plain).contains("Required"), "{plain}");
        }
        for bad in
            ["mail.example.com", "http://mail.example.com", "smtp://", "smtp://x?tls=maybe", "smtps://x?tls=none"]
        {
            let error = Transport::smtp(bad).err().map(|e| e.to_string()).unwrap_or_default();
            assert!(error.starts_with("SMTP_URL"), "{bad}: {error}");
        }
    }
}
