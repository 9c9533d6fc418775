//! Reading the body of a request: no more of it than may be meant, and no longer than a slow link takes.

use std::future::Future;
use std::io::ErrorKind;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::web::{Bytes, Data};
use futures_util::{Stream, StreamExt};
use tokio::time::{Instant, Sleep, sleep};

use crate::web::patience::slowest;
use crate::web::{PageError, Patience};

/// Beyond the limit the rest is read and thrown away up to here, so that the browser sees our answer.
const OVERRUN: usize = 8 * 1024 * 1024;

/// A body that must keep coming.
pub(super) struct Incoming {
    payload: Payload,
    due: Pin<Box<Sleep>>,
}

impl Incoming {
    /// The body of this request, for which the wait begins now.
    pub fn of(request: &HttpRequest, payload: &mut Payload) -> Self {
        let patience = request.app_data::<Data<Patience>>().map_or_else(Patience::default, |patience| ***patience);
        Self { payload: payload.take(), due: Box::pin(sleep(patience.body)) }
    }

    /// Reads a body of at most `limit` bytes. Of a longer one the rest is read and thrown away, up to a point.
    pub async fn whole(&mut self, limit: usize) -> Result<Body, PageError> {
        let mut body = Vec::new();
        let mut seen = 0;
        while let Some(chunk) = self.next().await {
            let chunk = chunk.map_err(|error| broken(&error, "form"))?;
            seen += chunk.len();
            if seen <= limit {
                body.extend_from_slice(&chunk);
            }
            if seen > limit + OVERRUN {
                break;
            }
        }
        Ok(if seen > limit { Body::TooLarge } else { Body::Whole(body) })
    }
}

impl Stream for Incoming {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = self.payload.poll_next_unpin(cx);
        match &polled {
            Poll::Ready(Some(Ok(chunk))) => {
                let later: Instant = self.due.deadline() + slowest(chunk.len());
                self.due.as_mut().reset(later);
            }
            Poll::Pending if self.due.as_mut().poll(cx).is_ready() => {
                return Poll::Ready(Some(Err(PayloadError::Io(ErrorKind::TimedOut.into()))));
            }
            _ => {}
        }
        polled
    }
}

/// What a request brought.
pub(super) enum Body {
    Whole(Vec<u8>),
    TooLarge,
}

/// What the visitor is told where `what` did not come whole.
pub(super) fn broken(error: &PayloadError, what: &str) -> PageError {
    match error {
        PayloadError::Io(error) if error.kind() == ErrorKind::TimedOut => PageError::TooSlow,
        _ if what == "file" => {
            PageError::BadRequest("The connection broke while the file was being sent. Please send it again.")
        }
        _ => PageError::BadRequest("The connection broke while the form was being sent. Please send it again."),
    }
}
