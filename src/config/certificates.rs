//! Reader of `SMTP_CA`.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

/// Reads a PEM file and checks that every certificate is usable as a root.
pub fn read(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let name = path.display();
    let pem = std::fs::read(path).with_context(|| format!("SMTP_CA is {name}, which cannot be read"))?;
    let found: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<_, _>>()
        .map_err(|error| anyhow::anyhow!("SMTP_CA is {name}, which is not a PEM file of certificates: {error}"))?;
    ensure!(!found.is_empty(), "SMTP_CA is {name}, which contains no certificate (\"BEGIN CERTIFICATE\")");
    for certificate in &found {
        RootCertStore::empty()
            .add(certificate.clone())
            .map_err(|error| anyhow::anyhow!("SMTP_CA is {name}, which contains an unusable certificate: {error}"))?;
    }
    Ok(found)
}
