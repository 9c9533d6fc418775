//! A mail server whose certificate comes from an authority of its own (`SMTP_CA`). The files are in `tests/data`.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use immigration_experts::mail::Transport;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

const AUTHORITY: &[u8] = include_bytes!("../data/mail-ca.pem");
const SERVER: &[u8] = include_bytes!("../data/mail-server.pem");

/// A mail server that answers every command, encrypted from the start or after STARTTLS; its port.
fn server(from_the_start: bool) -> u16 {
    let certificate = CertificateDer::from_pem_slice(SERVER).unwrap();
    let key = PrivateKeyDer::from_pem_slice(SERVER).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let config = config.clone();
            // A client that does not trust the certificate breaks off.
            std::thread::spawn(move || serve(stream, config, from_the_start).ok());
        }
    });
    port
}

fn serve(mut plain: TcpStream, config: Arc<ServerConfig>, from_the_start: bool) -> std::io::Result<()> {
    if !from_the_start {
        plain.write_all(b"220 ready\r\n")?;
        line(&mut plain)?;
        plain.write_all(b"250-mail\r\n250 STARTTLS\r\n")?;
        line(&mut plain)?;
        plain.write_all(b"220 go\r\n")?;
    }
    let mut stream = StreamOwned::new(ServerConnection::new(config).map_err(std::io::Error::other)?, plain);
    if from_the_start {
        stream.write_all(b"220 ready\r\n")?;
    }
    loop {
        let answer: &[u8] = if line(&mut stream)?.starts_with(b"QUIT") { b"221 bye\r\n" } else { b"250 mail\r\n" };
        stream.write_all(answer)?;
    }
}

fn line(stream: &mut impl Read) -> std::io::Result<Vec<u8>> {
    let (mut line, mut byte) = (vec![], [0]);
    while line.last() != Some(&b'\n') {
        stream.read_exact(&mut byte)?;
        line.push(byte[0]);
    }
    Ok(line)
}

#[actix_web::test]
async fn mail_server_with_a_custom_ca_is_trusted_when_configured() {
    let authorities = [CertificateDer::from_pem_slice(AUTHORITY).unwrap()];
    for (scheme, from_the_start, query) in [("smtp", false, "?tls=required"), ("smtps", true, "")] {
        let port = server(from_the_start);
        for host in ["localhost", "127.0.0.1"] {
            let url = format!("{scheme}://{host}:{port}{query}");
            let trusting = Transport::smtp_trusting(&url, &authorities).unwrap();
            assert!(trusting.probe().await.is_ok(), "{url}");
            let reason = Transport::smtp(&url).unwrap().probe().await.unwrap_err().reason;
            assert!(reason.starts_with("no encrypted connection: ") && reason.contains("UnknownIssuer"), "{reason}");
        }
    }
}
