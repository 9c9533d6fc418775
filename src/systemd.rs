//! systemd: socket activation, readiness and stop notifications, watchdog.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use hyper::StatusCode;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use listenfd::ListenFd;
use sd_notify::NotifyState;

const SELF_CHECK_TIMEOUT: Duration = Duration::from_secs(5);
const SELF_CHECK_INTERVAL: Duration = Duration::from_millis(100);

/// Listening socket passed by the service manager (`LISTEN_FDS`), if any.
///
/// The socket stays open while the program restarts, so that new connections wait instead of failing.
pub fn socket_from_env() -> Result<Option<TcpListener>> {
    let mut handed = ListenFd::from_env();
    ensure!(handed.len() <= 1, "LISTEN_FDS passes {} sockets, but the site uses one", handed.len());
    handed.take_tcp_listener(0).context("the socket passed in LISTEN_FDS is not a TCP socket")
}

/// Notifies the service manager (`NOTIFY_SOCKET`) once the site answers a request.
pub async fn notify_ready(address: SocketAddr) {
    if std::env::var_os("NOTIFY_SOCKET").is_none() {
        return;
    }
    while !self_check(address).await {
        tokio::time::sleep(SELF_CHECK_INTERVAL).await;
    }
    notify(&[NotifyState::Ready]);
}

pub fn notify_stopping() {
    notify(&[NotifyState::Stopping]);
}

/// Notifies the watchdog (`WATCHDOG_USEC`) while the site answers. systemd restarts a site that stops answering.
pub async fn watchdog_loop(address: SocketAddr) {
    let Some(within) = sd_notify::watchdog_enabled() else { return };
    loop {
        tokio::time::sleep(within / 2).await;
        if self_check(address).await {
            notify(&[NotifyState::Watchdog]);
        } else {
            tracing::error!("health check failed: the site does not answer");
        }
    }
}

fn notify(states: &[NotifyState]) {
    // Does nothing without NOTIFY_SOCKET.
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!("cannot notify the service manager: {error} (NOTIFY_SOCKET)");
    }
}

/// Whether the site answers an ordinary request.
async fn self_check(address: SocketAddr) -> bool {
    tokio::time::timeout(SELF_CHECK_TIMEOUT, probe_health(loopback_of(address)))
        .await
        .is_ok_and(|status| status.is_ok_and(|status| status == StatusCode::OK))
}

async fn probe_health(address: SocketAddr) -> Result<StatusCode> {
    let client = Client::builder(TokioExecutor::new()).build_http::<String>();
    Ok(client.get(format!("http://{address}/health").parse()?).await?.status())
}

/// Address at which a site listening on `address` is reached from the same machine.
pub fn loopback_of(address: SocketAddr) -> SocketAddr {
    let host = match address.ip() {
        IpAddr::V4(v4) if v4.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(v6) if v6.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        host => host,
    };
    SocketAddr::new(host, address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcard_address_is_probed_on_loopback() {
        for (listens, reached) in
            [("0.0.0.0:80", "127.0.0.1:80"), ("[::]:80", "[::1]:80"), ("192.0.2.1:8080", "192.0.2.1:8080")]
        {
            assert_eq!(loopback_of(listens.parse().unwrap()).to_string(), reached);
        }
    }

    #[actix_web::test]
    async fn self_check_fails_on_an_error_status_or_no_answer() {
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = silent.local_addr().unwrap();
        let answering = std::thread::spawn(move || {
            use std::io::{Read, Write};
            let (mut connection, _) = silent.accept().unwrap();
            let mut asked = [0; 1024];
            let length = connection.read(&mut asked).unwrap();
            assert!(asked[..length].starts_with(b"GET /health HTTP/1.1\r\n"));
            connection.write_all(b"HTTP/1.1 503 Service Unavailable\r\n\r\n").unwrap();
        });
        assert!(!self_check(address).await);
        answering.join().unwrap();
        assert!(!self_check(address).await, "nothing listens any more");
    }
}
