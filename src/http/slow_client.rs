//! One connection, watched: whoever neither finishes asking nor takes the answer is hung up on. The server itself waits
//! without end for the head of a second request, for a body that nobody reads, and for those who take nothing.

use std::future::Future;
use std::io::{Error, ErrorKind, Result};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf, Take};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::http::connection_limit::ConnectionPermit;
use crate::http::timeouts::min_rate_allowance;

/// Bytes that the server is given before it must look at them: half of the buffer that it begins with. It would otherwise
/// let the buffer of every connection grow to 128 kB, and keep it as long as the connection lasts.
const MAX_READ_AHEAD: u64 = 4 * 1024;

/// A visitor's connection and its place in the crowd.
pub(super) struct TimeoutStream {
    /// Its limit is what may still be read before the server must look at what it has.
    stream: Take<TcpStream>,
    progress: RequestProgress,
    timeout: Duration,
    /// When the exchange is looked at next: it may have gone on since.
    timer: Pin<Box<Sleep>>,
    _permit: ConnectionPermit,
}

/// A request and its answer, or several that were sent at once.
#[derive(Debug)]
struct RequestProgress {
    started_at: Instant,
    /// When some of the answer was last taken.
    last_write_at: Instant,
    bytes: usize,
    response_started: bool,
    /// The visitor has not yet taken what was written.
    write_blocked: bool,
}

impl RequestProgress {
    fn start(now: Instant) -> Self {
        Self { started_at: now, last_write_at: now, bytes: 0, response_started: false, write_blocked: false }
    }

    fn on_read(&mut self, bytes: usize, now: Instant) {
        // What comes while an answer is stuck is no new request, but a way to gain time.
        if self.response_started && !self.write_blocked {
            *self = Self::start(now);
        }
        self.bytes = self.bytes.saturating_add(bytes);
    }

    fn on_write(&mut self, bytes: usize, now: Instant) {
        (self.last_write_at, self.response_started, self.write_blocked) = (now, true, false);
        self.bytes = self.bytes.saturating_add(bytes);
    }

    fn deadline(&self, timeout: Duration) -> Instant {
        let deadline = self.started_at + timeout + min_rate_allowance(self.bytes);
        // Much of what was written may lie in the machine, taken by nobody.
        if self.write_blocked { deadline.min(self.last_write_at + timeout) } else { deadline }
    }
}

impl TimeoutStream {
    pub fn new(stream: TcpStream, timeout: Duration, permit: ConnectionPermit) -> Result<Self> {
        // An answer that goes out in two parts would else wait for the visitor's word that the first has come: 40 ms.
        stream.set_nodelay(true)?;
        let progress = RequestProgress::start(Instant::now());
        let timer = Box::pin(sleep_until(progress.deadline(timeout)));
        let stream = stream.take(MAX_READ_AHEAD);
        Ok(Self { stream, progress, timeout, timer, _permit: permit })
    }

    /// An error where the exchange went on too late. Whoever does not have to wait needs no alarm.
    fn check_deadline(&self, now: Instant) -> Result<()> {
        let is_new = self.progress.response_started && !self.progress.write_blocked;
        if is_new || now < self.progress.deadline(self.timeout) { Ok(()) } else { Err(timeout_error()) }
    }

    /// An error once the exchange has taken longer than the slowest link would; woken when that is.
    fn poll_deadline(&mut self, cx: &mut Context<'_>) -> Result<()> {
        while self.timer.as_mut().poll(cx).is_ready() {
            let deadline = self.progress.deadline(self.timeout);
            if deadline <= Instant::now() {
                return Err(timeout_error());
            }
            self.timer.as_mut().reset(deadline);
        }
        Ok(())
    }
}

fn timeout_error() -> Error {
    Error::new(ErrorKind::TimedOut, "the visitor was too slow")
}

impl AsyncRead for TimeoutStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        if self.stream.limit() == 0 {
            self.stream.set_limit(MAX_READ_AHEAD);
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let before = buffer.filled().len();
        if Pin::new(&mut self.stream).poll_read(cx, buffer)?.is_pending() {
            self.stream.set_limit(MAX_READ_AHEAD);
            self.poll_deadline(cx)?;
            return Poll::Pending;
        }
        let bytes_read = buffer.filled().len() - before;
        if bytes_read > 0 {
            let now = Instant::now();
            self.check_deadline(now)?;
            self.progress.on_read(bytes_read, now);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for TimeoutStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        match Pin::new(self.stream.get_mut()).poll_write(cx, bytes)? {
            Poll::Ready(count) => {
                let now = Instant::now();
                self.check_deadline(now)?;
                self.progress.on_write(count, now);
                Poll::Ready(Ok(count))
            }
            Poll::Pending => {
                self.progress.write_blocked = true;
                let deadline = self.progress.deadline(self.timeout);
                if deadline < self.timer.deadline() {
                    self.timer.as_mut().reset(deadline);
                }
                self.poll_deadline(cx)?;
                Poll::Pending
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(self.stream.get_mut()).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(self.stream.get_mut()).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::connection_limit::ConnectionLimiter;
    use crate::http::{ServerLimits, TrustedProxies};

    const TIMEOUT: Duration = Duration::from_secs(120);

    #[actix_web::test]
    async fn tcp_nodelay_is_set() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let _visitor = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, peer) = listener.accept().await.unwrap();
        assert!(!stream.nodelay().unwrap(), "else the test proves nothing");
        let limiter = ConnectionLimiter::new(&ServerLimits::default(), TrustedProxies::default());
        let connection = TimeoutStream::new(stream, TIMEOUT, limiter.try_acquire(peer.ip()).unwrap()).unwrap();
        assert!(connection.stream.get_ref().nodelay().unwrap());
    }

    #[test]
    fn deadline_grows_by_one_second_per_512_bytes() {
        let start = Instant::now();
        let mut progress = RequestProgress::start(start);
        assert_eq!(progress.deadline(TIMEOUT), start + Duration::from_secs(120));
        progress.on_read(1024, start + Duration::from_secs(60));
        progress.on_write(512, start);
        assert_eq!(progress.deadline(TIMEOUT), start + Duration::from_secs(123));
        progress.on_write(5_000_000, start + Duration::from_secs(80));
        progress.write_blocked = true;
        assert_eq!(
            progress.deadline(TIMEOUT),
            start + Duration::from_secs(200),
            "what the machine holds gains no time"
        );
    }

    #[test]
    fn only_a_request_after_a_complete_response_resets_the_deadline() {
        let start = Instant::now();
        let later = start + Duration::from_secs(100);
        let mut progress = RequestProgress::start(start);
        progress.on_read(0, later);
        assert_eq!(progress.started_at, start, "a head that drips");
        progress.on_write(1, start);
        progress.write_blocked = true;
        progress.on_read(1, later);
        assert_eq!(progress.started_at, start, "an answer that nobody takes");
        progress.on_write(1, later);
        progress.on_read(1, later);
        assert_eq!(progress.started_at, later);
    }
}
