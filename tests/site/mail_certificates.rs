//! A mail server whose certificate comes from its own authority (`SMTP_CA`). The files are in `tests/data`.

use std::sync::Arc;

use immigration_experts::mail::Transport;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::support::smtp::{FakeSmtpServer, FakeTls};

const AUTHORITY: &[u8] = include_bytes!("../data/mail-ca.pem");
const SERVER: &[u8] = include_bytes!("../data/mail-server.pem");

fn server_config() -> Arc<ServerConfig> {
    let certificate = CertificateDer::from_pem_slice(SERVER).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], PrivateKeyDer::from_pem_slice(SERVER).unwrap());
    Arc::new(config.unwrap())
}

#[actix_web::test]
async fn mail_server_with_a_custom_ca_is_trusted_when_configured() {
    let authorities = [CertificateDer::from_pem_slice(AUTHORITY).unwrap()];
    for (scheme, tls, query) in [
        ("smtp", FakeTls::StartTls(server_config()), "?tls=required"),
        ("smtps", FakeTls::Implicit(server_config()), ""),
    ] {
        let port = FakeSmtpServer::start_tls(tls).port;
        for host in ["localhost", "127.0.0.1"] {
            let url = format!("{scheme}://{host}:{port}{query}");
            let trusting = Transport::smtp_trusting(&url, &authorities).unwrap();
            assert!(trusting.probe().await.is_ok(), "{url}");
            let reason = Transport::smtp(&url).unwrap().probe().await.unwrap_err().reason;
            assert!(reason.starts_with("no encrypted connection: ") && reason.contains("UnknownIssuer"), "{reason}");
        }
    }
}
