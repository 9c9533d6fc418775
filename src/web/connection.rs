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

use crate::web::crowd::Place;
use crate::web::patience::slowest;

/// Bytes that the server is given before it must look at them: half of the buffer that it begins with. It would otherwise
/// let the buffer of every connection grow to 128 kB, and keep it as long as the connection lasts.
const READ_AT_ONCE: u64 = 4 * 1024;

/// A visitor's connection and its place in the crowd.
pub(super) struct Connection {
    /// Its limit is what may still be read before the server must look at what it has.
    stream: Take<TcpStream>,
    exchange: Exchange,
    patience: Duration,
    /// When the exchange is looked at next: it may have gone on since.
    look: Pin<Box<Sleep>>,
    _place: Place,
}

/// A request and its answer, or several that were sent at once.
#[derive(Debug)]
struct Exchange {
    since: Instant,
    /// When some of the answer was last taken.
    moved: Instant,
    bytes: usize,
    is_answered: bool,
    /// The visitor has not yet taken what was written.
    is_stuck: bool,
}

impl Exchange {
    fn begin(now: Instant) -> Self {
        Self { since: now, moved: now, bytes: 0, is_answered: false, is_stuck: false }
    }

    fn came(&mut self, bytes: usize, now: Instant) {
        // What comes while an answer is stuck is no new request, but a way to gain time.
        if self.is_answered && !self.is_stuck {
            *self = Self::begin(now);
        }
        self.bytes = self.bytes.saturating_add(bytes);
    }

    fn went(&mut self, bytes: usize, now: Instant) {
        (self.moved, self.is_answered, self.is_stuck) = (now, true, false);
        self.bytes = self.bytes.saturating_add(bytes);
    }

    fn due(&self, patience: Duration) -> Instant {
        let whole = self.since + patience + slowest(self.bytes);
        // Much of what was written may lie in the machine, taken by nobody.
        if self.is_stuck { whole.min(self.moved + patience) } else { whole }
    }
}

impl Connection {
    pub fn new(stream: TcpStream, patience: Duration, place: Place) -> Result<Self> {
        // An answer that goes out in two parts would else wait for the visitor's word that the first has come: 40 ms.
        stream.set_nodelay(true)?;
        let exchange = Exchange::begin(Instant::now());
        let look = Box::pin(sleep_until(exchange.due(patience)));
        let stream = stream.take(READ_AT_ONCE);
        Ok(Self { stream, exchange, patience, look, _place: place })
    }

    /// An error where the exchange went on too late. Whoever does not have to wait needs no alarm.
    fn is_still_in_time(&self, now: Instant) -> Result<()> {
        let is_new = self.exchange.is_answered && !self.exchange.is_stuck;
        if is_new || now < self.exchange.due(self.patience) { Ok(()) } else { Err(too_slow()) }
    }

    /// An error once the exchange has taken longer than the slowest link would; woken when that is.
    fn is_in_time(&mut self, cx: &mut Context<'_>) -> Result<()> {
        while self.look.as_mut().poll(cx).is_ready() {
            let due = self.exchange.due(self.patience);
            if due <= Instant::now() {
                return Err(too_slow());
            }
            self.look.as_mut().reset(due);
        }
        Ok(())
    }
}

fn too_slow() -> Error {
    Error::new(ErrorKind::TimedOut, "the visitor was too slow")
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        if self.stream.limit() == 0 {
            self.stream.set_limit(READ_AT_ONCE);
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let before = buffer.filled().len();
        if Pin::new(&mut self.stream).poll_read(cx, buffer)?.is_pending() {
            self.stream.set_limit(READ_AT_ONCE);
            self.is_in_time(cx)?;
            return Poll::Pending;
        }
        let came = buffer.filled().len() - before;
        if came > 0 {
            let now = Instant::now();
            self.is_still_in_time(now)?;
            self.exchange.came(came, now);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        match Pin::new(self.stream.get_mut()).poll_write(cx, bytes)? {
            Poll::Ready(count) => {
                let now = Instant::now();
                self.is_still_in_time(now)?;
                self.exchange.went(count, now);
                Poll::Ready(Ok(count))
            }
            Poll::Pending => {
                self.exchange.is_stuck = true;
                let due = self.exchange.due(self.patience);
                if due < self.look.deadline() {
                    self.look.as_mut().reset(due);
                }
                self.is_in_time(cx)?;
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
    use crate::web::crowd::Crowd;
    use crate::web::{Patience, TrustedProxies};

    const PATIENCE: Duration = Duration::from_secs(120);

    #[actix_web::test]
    async fn what_there_is_to_send_is_sent_at_once() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let _visitor = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, peer) = listener.accept().await.unwrap();
        assert!(!stream.nodelay().unwrap(), "else the test proves nothing");
        let crowd = Crowd::new(&Patience::default(), TrustedProxies::default());
        let connection = Connection::new(stream, PATIENCE, crowd.enter(peer.ip()).unwrap()).unwrap();
        assert!(connection.stream.get_ref().nodelay().unwrap());
    }

    #[test]
    fn an_exchange_may_take_two_minutes_and_a_second_for_every_512_bytes() {
        let start = Instant::now();
        let mut exchange = Exchange::begin(start);
        assert_eq!(exchange.due(PATIENCE), start + Duration::from_secs(120));
        exchange.came(1024, start + Duration::from_secs(60));
        exchange.went(512, start);
        assert_eq!(exchange.due(PATIENCE), start + Duration::from_secs(123));
        exchange.went(5_000_000, start + Duration::from_secs(80));
        exchange.is_stuck = true;
        assert_eq!(exchange.due(PATIENCE), start + Duration::from_secs(200), "what the machine holds gains no time");
    }

    #[test]
    fn only_a_request_after_a_whole_answer_begins_anew() {
        let start = Instant::now();
        let later = start + Duration::from_secs(100);
        let mut exchange = Exchange::begin(start);
        exchange.came(0, later);
        assert_eq!(exchange.since, start, "a head that drips");
        exchange.went(1, start);
        exchange.is_stuck = true;
        exchange.came(1, later);
        assert_eq!(exchange.since, start, "an answer that nobody takes");
        exchange.went(1, later);
        exchange.came(1, later);
        assert_eq!(exchange.since, later);
    }
}
