//! Reads the body of a request, within limits of length, time and memory.

use std::future::{Future, poll_fn};
use std::io::ErrorKind;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::web::Bytes;
use actix_web::{HttpMessage, HttpRequest};
use futures_util::{Stream, StreamExt};
use tokio::time::{Sleep, sleep};

use crate::http::body_memory::MemoryReservation;
use crate::http::timeouts::min_rate_allowance;
use crate::http::{FromStaff, HttpContext, PageError, client_ip};

/// Beyond the limit the rest is read and thrown away up to here, so that the browser sees our answer.
const DRAIN_LIMIT: usize = 8 * 1024 * 1024;

/// A body that is read within its time and within the memory for all bodies.
pub struct TimedPayload {
    payload: Payload,
    timer: Pin<Box<Sleep>>,
    /// Whether a signed-in member of staff sends it.
    pub is_from_staff: bool,
    reservation: MemoryReservation,
}

impl TimedPayload {
    /// The body of this request. Its time begins now.
    pub fn of(request: &HttpRequest, payload: &mut Payload) -> Self {
        let context = HttpContext::of(request);
        let memory = &context.body_memory;
        let is_from_staff = request.extensions().contains::<FromStaff>();
        let reservation =
            if is_from_staff { memory.reserve_for_staff() } else { memory.reserve_for_public(client_ip(request)) };
        Self {
            payload: payload.take(),
            timer: Box::pin(sleep(context.limits.body_timeout)),
            is_from_staff,
            reservation,
        }
    }

    /// Reads a body of at most `limit` bytes. The rest of a longer one is read and thrown away, up to a point, so that the
    /// browser sees the answer.
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

    /// Copies a chunk: to keep it would be to keep the whole buffer of the connection that it is a part of.
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
        // Visitors have their minute, however much they send; an upload of staff may take as long as a slow link does.
        if let (Poll::Ready(Some(Ok(chunk))), true) = (&polled, self.is_from_staff) {
            let later = self.timer.deadline() + min_rate_allowance(chunk.len());
            self.timer.as_mut().reset(later);
        }
        if self.reservation.poll_evicted(cx).is_ready() {
            return Poll::Ready(Some(Err(PayloadError::Io(ErrorKind::QuotaExceeded.into()))));
        }
        let ended = matches!(polled, Poll::Ready(None | Some(Err(_))));
        if !ended && self.timer.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Some(Err(PayloadError::Io(ErrorKind::TimedOut.into()))));
        }
        polled
    }
}

/// For a reader that keeps what it is given, such as that of forms with files.
impl Stream for TimedPayload {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = self.poll_chunk(cx);
        if let Poll::Ready(Some(Ok(chunk))) = &polled
            && !self.reservation.try_grow(chunk.len())
        {
            return Poll::Ready(Some(Err(PayloadError::Io(ErrorKind::QuotaExceeded.into()))));
        }
        polled
    }
}

/// What a request brought.
pub enum FormBody {
    Complete(Vec<u8>),
    TooLarge,
}

/// The answer to a body that did not come whole.
pub fn payload_error(error: &PayloadError, is_from_staff: bool) -> PageError {
    match error {
        PayloadError::Io(error) if error.kind() == ErrorKind::TimedOut => PageError::RequestTimeout,
        PayloadError::Io(error) if error.kind() == ErrorKind::QuotaExceeded => PageError::Busy,
        _ if is_from_staff => {
            PageError::BadRequest("The connection broke before everything arrived. Please send it again.")
        }
        _ => PageError::BadRequest("The connection broke while the form was being sent. Please send it again."),
    }
}
