//! Limits of the HTTP server: timeouts, connections and open files.

use std::io::Result;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use tokio::net::TcpSocket;

/// Time in seconds for running requests to finish when the server stops.
pub const SHUTDOWN_TIMEOUT_SECS: u64 = 10;
/// Connections that the kernel holds while the server accepts no more.
const BACKLOG: u32 = 1024;
/// Concurrent connections, if the process may open that many files.
const MAX_CONNECTIONS: u64 = 20_000;
/// File descriptors reserved for the database, e-mail and listening sockets.
const RESERVED_FDS: u64 = 256;
/// Limits of open files below this number are logged: slow clients could use up all connections.
const LOW_FD_WARNING: u64 = 4096;

/// How long the server waits for slow clients.
///
/// The reverse proxy enforces what these limits do not cover: connections per address, slow readers that still make
/// progress, and the head of a second request on a connection. See `deploy/README.md`.
#[derive(Clone, Copy, Debug)]
pub struct ServerLimits {
    /// From the start of a connection to the end of its first request head.
    pub header_timeout: Duration,
    /// Between two requests on a connection. Longer than proxies keep theirs: otherwise the server could close a
    /// connection while the proxy sends a request on it.
    pub keep_alive: Duration,
    /// For the whole request body of a public form.
    pub body_timeout: Duration,
    /// For the whole request body of a signed-in member of staff, which may be an upload of 8 MB.
    pub staff_body_timeout: Duration,
    /// For a client that reads nothing of a response.
    pub write_timeout: Duration,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            header_timeout: Duration::from_secs(15),
            keep_alive: Duration::from_secs(75),
            body_timeout: Duration::from_secs(60),
            staff_body_timeout: Duration::from_secs(15 * 60),
            write_timeout: Duration::from_secs(60),
        }
    }
}

/// Listens on `address` with a backlog for many clients that connect at once. Needs a Tokio runtime.
pub fn listen(address: SocketAddr) -> Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)?.into_std()
}

/// Makes the kernel close accepted connections whose client reads nothing for `timeout` (TCP_USER_TIMEOUT).
///
/// Accepted sockets inherit the option. Other systems than Linux do not have it.
pub fn set_write_timeout(listener: &TcpListener, timeout: Duration) -> Result<()> {
    #[cfg(target_os = "linux")]
    rustix::net::sockopt::set_tcp_user_timeout(listener, u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX))?;
    #[cfg(not(target_os = "linux"))]
    let _ = (listener, timeout);
    Ok(())
}

/// Raises the limit of open files as far as the system permits, and returns the number of connections that fit.
pub fn max_connections() -> usize {
    let files = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(1024);
    if files < LOW_FD_WARNING {
        tracing::warn!("only {files} open files permitted: raise the limit (ulimit -Hn, LimitNOFILE)");
    }
    usize::try_from(files.saturating_sub(RESERVED_FDS).clamp(64, MAX_CONNECTIONS)).unwrap_or(64)
}
