//! Request bodies, read within limits of size, time and memory.

use std::future::{Future, poll_fn};
use std::io::ErrorKind;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::web::Bytes;
use actix_web::{HttpMessage, HttpRequest};
use futures_util::{Stream, StreamExt};
use tokio::time::{Instant, Sleep, sleep};

use crate::http::body_memory::MemoryReservation;
use crate::http::{FromStaff, HttpContext, PageError, client_ip};

/// Bytes beyond the limit that are read and discarded. A browser shows the response only after it has sent the body.
const DRAIN_LIMIT: usize = 8 * 1024 * 1024;

/// Request body with one deadline and a share of the memory for all bodies.
pub struct TimedPayload {
    payload: Payload,
    deadline: Pin<Box<Sleep>>,
    pub is_from_staff: bool,
    reservation: MemoryReservation,
    /// Whether the memory was reserved at the start.
    is_reserved: bool,
}

impl TimedPayload {
    /// Takes the body of `request`. The deadline counts from now.
    pub fn of(request: &HttpRequest, payload: &mut Payload) -> Self {
        let context = HttpContext::of(request);
        let (limits, memory) = (context.limits, &context.body_memory);
        let is_from_staff = request.extensions().contains::<FromStaff>();
        let (timeout, reservation) = if is_from_staff {
            (limits.staff_body_timeout, memory.reserve_for_staff())
        } else {
            (limits.body_timeout, memory.reserve_for_public(client_ip(request)))
        };
        Self {
            payload: payload.take(),
            deadline: Box::pin(sleep(timeout)),
            is_from_staff,
            reservation,
            is_reserved: false,
        }
    }

    /// Multiplies the time for the body, for large files.
    pub fn with_more_time(mut self, factor: u32) -> Self {
        let left = self.deadline.deadline().saturating_duration_since(Instant::now());
        self.deadline = Box::pin(sleep(left * factor));
        self
    }

    /// Reserves all the memory at once, for a reader that keeps at most `bytes` of the body at a time.
    pub fn reserve(mut self, bytes: usize) -> Result<Self, PageError> {
        self.is_reserved = true;
        if self.reservation.try_grow(bytes) { Ok(self) } else { Err(PageError::Busy) }
    }

    /// Reads a body of at most `limit` bytes. Discards up to `DRAIN_LIMIT` bytes of a longer one.
    pub async fn read_limited(&mut self, limit: usize) -> Result<FormBody, PageError> {
        let (mut body, mut seen) = (Vec::new(), 0);
        while let Some(chunk) = poll_fn(|cx| self.poll_chunk(cx)).await {
            let chunk = chunk.map_err(|error| payload_error(&error, self.is_from_staff))?;
            seen += chunk.len();
            if seen > limit + DRAIN_LIMIT {
                break;
            }
            if seen > limit {
                body = Vec::new();
            } else if !self.append(&mut body, &chunk) {
                return Err(PageError::Busy);
            }
        }
        Ok(if seen > limit { FormBody::TooLarge } else { FormBody::Complete(body) })
    }

    /// Copies a chunk, because the chunk itself keeps the whole read buffer of the connection in memory.
    fn append(&mut self, body: &mut Vec<u8>, chunk: &[u8]) -> bool {
        let missing = (body.len() + chunk.len()).saturating_sub(body.capacity());
        if missing > 0 {
            let more = missing.max(body.len() / 4);
            if !self.reservation.try_grow(more) {
                return false;
            }
            body.reserve_exact(body.capacity() - body.len() + more);
        }
        body.extend_from_slice(chunk);
        true
    }

    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, PayloadError>>> {
        let polled = self.payload.poll_next_unpin(cx);
        let failed = |kind: ErrorKind| Poll::Ready(Some(Err(PayloadError::Io(kind.into()))));
        if self.reservation.poll_evicted(cx).is_ready() {
            return failed(ErrorKind::QuotaExceeded);
        }
        let ended = matches!(polled, Poll::Ready(None | Some(Err(_))));
        if !ended && self.deadline.as_mut().poll(cx).is_ready() {
            return failed(ErrorKind::TimedOut);
        }
        polled
    }
}

/// For readers that keep the chunks, such as the multipart parser.
impl Stream for TimedPayload {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = self.poll_chunk(cx);
        if let Poll::Ready(Some(Ok(chunk))) = &polled
            && !self.is_reserved
            && !self.reservation.try_grow(chunk.len())
        {
            return Poll::Ready(Some(Err(PayloadError::Io(ErrorKind::QuotaExceeded.into()))));
        }
        polled
    }
}

pub enum FormBody {
    Complete(Vec<u8>),
    TooLarge,
}

/// Page error for a body that did not arrive complete.
pub fn payload_error(error: &PayloadError, is_from_staff: bool) -> PageError {
    match error {
        PayloadError::Io(error) if error.kind() == ErrorKind::TimedOut => PageError::RequestTimeout,
        PayloadError::Io(error) if error.kind() == ErrorKind::QuotaExceeded => PageError::Busy,
        _ if is_from_staff => PageError::BadRequest("The connection was lost during the upload. Please send it again."),
        _ => PageError::BadRequest("The connection was lost while the form was being sent. Please send it again."),
    }
}
