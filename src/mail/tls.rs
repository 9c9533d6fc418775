//! TCP and TLS connections to the mail server, and the certificate authorities it may use.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use lettre::transport::smtp::client::{AsyncTokioStream, Certificate, CertificateStore, TlsParameters};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, lookup_host};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Timeout for one address of the server, before the next is tried.
const CONNECT_TIMEOUT_PER_ADDRESS: Duration = Duration::from_secs(10);

/// Connects to the first address of the host that answers. `TCP_NODELAY` avoids a delay of 40 ms per command.
pub async fn connect(host: &str, port: u16) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    for address in lookup_host((host, port)).await? {
        match tokio::time::timeout(CONNECT_TIMEOUT_PER_ADDRESS, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Ok(Err(error)) => last = error,
            Err(_) => last = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(last)
}

/// Certificate authorities besides the built-in ones: those of `SMTP_CA` and of the operating system.
pub struct RootCertificates(Vec<CertificateDer<'static>>);

impl RootCertificates {
    /// Adds the certificates of the operating system. Unreadable ones are skipped.
    pub fn with_system(own: &[CertificateDer<'static>]) -> Self {
        let system = rustls_native_certs::load_native_certs();
        for error in system.errors {
            tracing::debug!("certificate of the operating system skipped: {error}");
        }
        let is_usable = |root: &CertificateDer<'static>| RootCertStore::empty().add(root.clone()).is_ok();
        Self(own.iter().cloned().chain(system.certs).filter(is_usable).collect())
    }

    /// Parameters for STARTTLS.
    pub fn parameters(&self, host: &str) -> anyhow::Result<TlsParameters> {
        let mut parameters = TlsParameters::builder(host.to_owned()).certificate_store(CertificateStore::WebpkiRoots);
        for root in &self.0 {
            parameters = parameters.add_root_certificate(Certificate::from_der(root.to_vec())?);
        }
        Ok(parameters.build()?)
    }

    /// Connector for implicit TLS.
    pub fn connector(&self) -> anyhow::Result<TlsConnector> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        roots.add_parsable_certificates(self.0.iter().cloned());
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(TlsConnector::from(Arc::new(config)))
    }
}

/// TLS stream in the form that lettre accepts.
#[derive(Debug)]
pub struct EncryptedStream(pub TlsStream<TcpStream>);

impl AsyncTokioStream for EncryptedStream {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.get_ref().0.peer_addr()
    }
}

impl AsyncRead for EncryptedStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for EncryptedStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
