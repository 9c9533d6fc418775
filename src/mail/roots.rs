//! The certificate authorities that a mail server's certificate may come from.

use std::sync::Arc;

use anyhow::{Context, Result};
use lettre::transport::smtp::client::{Certificate, CertificateStore, TlsParameters};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Certificate authorities beside the built-in ones: those of `SMTP_CA`, and those that this machine trusts.
#[derive(Default)]
pub struct RootCertificates(Vec<CertificateDer<'static>>);

impl RootCertificates {
    /// Reads what the machine trusts. A machine without any, or one with a certificate that cannot be read, is no error:
    /// the built-in ones remain.
    pub fn with_system(own: &[CertificateDer<'static>]) -> Self {
        let system = rustls_native_certs::load_native_certs();
        for error in system.errors {
            tracing::debug!("a certificate authority of this machine was not read: {error}");
        }
        let is_usable = |root: &CertificateDer<'static>| RootCertStore::empty().add(root.clone()).is_ok();
        Self(own.iter().cloned().chain(system.certs).filter(is_usable).collect())
    }

    /// For a connection that turns to TLS with STARTTLS.
    pub fn parameters(&self, host: &str) -> Result<TlsParameters> {
        let mut parameters = TlsParameters::builder(host.to_owned()).certificate_store(CertificateStore::WebpkiRoots);
        for root in &self.0 {
            parameters = parameters.add_root_certificate(Certificate::from_der(root.to_vec())?);
        }
        parameters.build().context("no certificate of that host could be checked")
    }

    /// For a connection that is encrypted from its first byte.
    pub fn connector(&self) -> Result<TlsConnector> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        roots.add_parsable_certificates(self.0.iter().cloned());
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(TlsConnector::from(Arc::new(config)))
    }
}
