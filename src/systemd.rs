//! What the manager of services hands over at the start and is told later: systemd, or whatever speaks as it does.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use listenfd::ListenFd;
use sd_notify::NotifyState;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A site that does not answer itself within this time does not answer.
const SELF_CHECK_TIMEOUT: Duration = Duration::from_secs(5);
const SELF_CHECK_INTERVAL: Duration = Duration::from_millis(100);
/// Stop signals that follow the first one within this time are the same one.
const DUPLICATE_SIGNAL_WINDOW: Duration = Duration::from_secs(1);

/// The socket that was opened for us before we started (`LISTEN_FDS`): whoever comes while no program serves it waits
/// there. `None` where there is none.
pub fn socket_from_env() -> Result<Option<TcpListener>> {
    let mut handed = ListenFd::from_env();
    ensure!(handed.len() <= 1, "LISTEN_FDS hands over {} sockets, and the site serves one", handed.len());
    handed.take_tcp_listener(0).context("what LISTEN_FDS hands over is not a TCP socket")
}

/// The signals by which a program is told to stop.
pub struct ShutdownSignals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

impl ShutdownSignals {
    /// From here on they do not end the program by themselves.
    pub fn listen() -> Result<Self> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let unheard = "cannot listen for signals";
            Ok(Self {
                terminate: signal(SignalKind::terminate()).context(unheard)?,
                interrupt: signal(SignalKind::interrupt()).context(unheard)?,
            })
        }
        #[cfg(not(unix))]
        Ok(Self {})
    }

    /// Waits for a second one that was meant as such. `timeout`, npm and shells send one signal twice when they stop a
    /// program, so what comes within `SAME_SIGNAL` of the first one counts as the same.
    pub async fn recv_second(&mut self) {
        let first = Instant::now();
        loop {
            self.recv().await;
            if first.elapsed() >= DUPLICATE_SIGNAL_WINDOW {
                return;
            }
        }
    }

    /// Waits for the next one.
    pub async fn recv(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
        #[cfg(not(unix))]
        // Without it nobody could stop the site in order: better told than waited for in vain.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Says that the site answers, once it does, where the manager wants to hear that (`NOTIFY_SOCKET`).
pub async fn notify_ready(address: SocketAddr) {
    if std::env::var_os("NOTIFY_SOCKET").is_none() {
        return;
    }
    while !self_check(address).await {
        tokio::time::sleep(SELF_CHECK_INTERVAL).await;
    }
    notify(&[NotifyState::Ready]);
}

/// Says that the site is stopping.
pub fn notify_stopping() {
    notify(&[NotifyState::Stopping]);
}

/// Says again and again that the site is well, as long as it answers, where the manager wants to hear that
/// (`WATCHDOG_USEC`): it restarts a site that has fallen silent.
pub async fn watchdog_loop(address: SocketAddr) {
    let Some(within) = sd_notify::watchdog_enabled() else { return };
    loop {
        tokio::time::sleep(within / 2).await;
        if self_check(address).await {
            notify(&[NotifyState::Watchdog]);
        } else {
            tracing::error!("the site does not answer itself");
        }
    }
}

fn notify(states: &[NotifyState]) {
    // Without NOTIFY_SOCKET nobody wants to know.
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "the service manager could not be told (NOTIFY_SOCKET)");
    }
}

/// Whether the site answers somebody who comes as any visitor does.
async fn self_check(address: SocketAddr) -> bool {
    tokio::time::timeout(SELF_CHECK_TIMEOUT, probe_health(loopback_of(address)))
        .await
        .is_ok_and(|answer| answer.unwrap_or(false))
}

async fn probe_health(address: SocketAddr) -> std::io::Result<bool> {
    let mut connection = TcpStream::connect(address).await?;
    let request = format!("GET /health HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).await?;
    let mut start = [0; 12];
    connection.read_exact(&mut start).await?;
    Ok(&start == b"HTTP/1.1 200")
}

/// Where a site is reached on its own machine that listens at `address`.
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
        assert!(!self_check(address).await, "nobody is there any more");
    }
}
