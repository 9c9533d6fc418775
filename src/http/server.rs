//! The door: connections come in as far as there are places, each is watched, and requests are taken from it.

use std::fmt::Debug;
use std::io::{ErrorKind, Result};
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{HttpService, Protocol, Request};
use actix_service::{IntoServiceFactory, ServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, Response, Server, Service};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::http::connection_limit::ConnectionLimiter;
use crate::http::slow_client::TimeoutStream;
use crate::http::{ServerLimits, TrustedProxies};

/// How long requests that are under way at the end may take to finish, in seconds.
const SHUTDOWN_TIMEOUT_SECS: u64 = 10;
/// Connections at once, where the machine has files for them.
const MAX_CONNECTIONS: u64 = 20_000;
/// Files that the site needs for itself: the database, letters, what it listens on.
const RESERVED_FDS: u64 = 256;
/// So few open files make a site that many can hold.
const LOW_FD_WARNING: u64 = 4096;

/// What somebody gets whose address holds too many connections.
const TOO_MANY_CONNECTIONS: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 10\r\n\
    Cache-Control: no-store\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n\
    Content-Length: 72\r\n\r\nToo many connections come from your address. Please try again in a bit.\n";

/// Serves `site` on `listener` with so many threads until it is told to stop.
pub fn serve<F, I, S, B>(
    listener: TcpListener,
    threads: usize,
    server_limits: &ServerLimits,
    proxies: TrustedProxies,
    site: F,
) -> Result<Server>
where
    F: Fn() -> I + Send + Clone + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig> + 'static,
    S::Error: Into<actix_web::Error> + 'static,
    S::InitError: Debug,
    S::Response: Into<Response<B>> + 'static,
    S::Service: 'static,
    <S::Service as Service<Request>>::Future: 'static,
    B: MessageBody + 'static,
{
    let limits = *server_limits;
    let connection_limiter = ConnectionLimiter::new(&limits, proxies);
    let address = listener.local_addr()?;
    let builder = Server::build();
    let stopping = builder.graceful_shutdown_signal();
    let server = builder
        .workers(threads)
        .max_concurrent_connections((max_connections() / threads).max(1))
        // Whoever runs the site hears the signals, and stops it in order.
        .disable_signals()
        .shutdown_timeout(SHUTDOWN_TIMEOUT_SECS)
        .listen("site", listener, move || {
            let (stopping, limiter) = (stopping.clone(), connection_limiter.clone());
            let http = HttpService::build()
                .graceful_shutdown_signal(move || {
                    let stopping = stopping.clone();
                    async move { stopping.notified().await }
                })
                .client_request_timeout(limits.header_timeout)
                .client_disconnect_timeout(Duration::from_secs(1))
                .keep_alive(limits.keep_alive)
                .local_addr(address)
                .finish(map_config(site().into_factory().map_err(|error| error.into().error_response()), |()| {
                    AppConfig::default()
                }));
            fn_service(move |stream: TcpStream| accept(stream, limiter.clone(), limits.request_timeout)).and_then(http)
        })?
        .run();
    Ok(server)
}

/// A connection that has a place; whoever finds none is told so in one line.
async fn accept(
    mut stream: TcpStream,
    limiter: ConnectionLimiter,
    request_timeout: Duration,
) -> std::result::Result<(TimeoutStream, Protocol, Option<SocketAddr>), DispatchError> {
    let peer = stream.peer_addr()?;
    if let Some(permit) = limiter.try_acquire(peer.ip()) {
        return Ok((TimeoutStream::new(stream, request_timeout, permit)?, Protocol::Http1, Some(peer)));
    }
    tracing::debug!("one address holds too many connections");
    let refusal = async {
        stream.write_all(TOO_MANY_CONNECTIONS).await?;
        stream.shutdown().await?;
        // Hung up on before its request was read, a browser would not look at the answer.
        stream.read(&mut [0; 4096]).await
    };
    // Nobody waits for somebody who is told to go.
    let _ = timeout(Duration::from_millis(500), refusal).await;
    Err(DispatchError::Io(ErrorKind::ConnectionRefused.into()))
}

/// How many connections there may be at once, after as many files may be open as the machine allows.
fn max_connections() -> usize {
    let files = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(1024);
    if files < LOW_FD_WARNING {
        tracing::warn!(
            "only {files} files may be open at once: raise the limit (ulimit -Hn, LimitNOFILE) for many visitors"
        );
    }
    usize::try_from(files.saturating_sub(RESERVED_FDS).clamp(64, MAX_CONNECTIONS)).unwrap_or(64)
}
