//! Errors that a handler returns, with their status codes and headers.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpResponse, ResponseError};

/// Seconds after which the bodies that are now in progress have arrived or been refused.
const BUSY_RETRY_AFTER_SECS: i64 = 60;

/// What every page handler returns.
pub type PageResult = Result<HttpResponse, PageError>;

/// Why a page cannot be shown.
#[derive(Debug)]
pub enum PageError {
    /// There is nothing at this address, or nothing this visitor may know of.
    NotFound,
    /// The visitor may not do this; the sentence says why.
    Forbidden(&'static str),
    /// The request makes no sense; the sentence says what was expected.
    BadRequest(&'static str),
    /// The form is larger than any that could be meant.
    PayloadTooLarge,
    /// What was sent is not a form.
    UnsupportedMediaType,
    /// It did not come whole in the time that the slowest link takes.
    RequestTimeout,
    /// So many requests bring something at once that there is no memory for more.
    Busy,
    /// Too many tries; how many seconds to wait.
    TooManyRequests(i64),
    /// Our fault: logged with its causes, shown without them.
    Internal(anyhow::Error),
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.status_code().canonical_reason().unwrap_or("error"))
    }
}

impl From<anyhow::Error> for PageError {
    fn from(error: anyhow::Error) -> Self {
        Self::Internal(error)
    }
}

impl From<sqlx::Error> for PageError {
    fn from(error: sqlx::Error) -> Self {
        Self::Internal(error.into())
    }
}

impl From<askama::Error> for PageError {
    fn from(error: askama::Error) -> Self {
        Self::Internal(error.into())
    }
}

impl ResponseError for PageError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::TooManyRequests(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal(error) if write_failure_in_chain(error).is_some() => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        if let Self::TooManyRequests(seconds) = self {
            response.insert_header((RETRY_AFTER, *seconds));
        }
        if matches!(self, Self::Busy) {
            response.insert_header((RETRY_AFTER, BUSY_RETRY_AFTER_SECS));
        } else if self.status_code() == StatusCode::SERVICE_UNAVAILABLE {
            response.insert_header((RETRY_AFTER, 120));
        }
        // The rest of an upload may never come.
        if matches!(self, Self::RequestTimeout | Self::Busy) {
            response.force_close();
        }
        response.finish()
    }
}

/// Why nothing can be written to the database, where that is what an error says: on a full disk most of all. In words that
/// follow "because".
pub fn write_failure(error: &sqlx::Error) -> Option<&'static str> {
    let sqlx::Error::Database(error) = error else { return None };
    let code: i32 = error.code()?.parse().ok()?;
    // https://sqlite.org/rescode.html: the lowest byte is the primary code.
    match (code & 0xff, code) {
        // SQLITE_FULL
        (13, _) => Some("the disk of the server is full"),
        // SQLITE_IOERR at a write, a sync or a change of a file's length. A quota and a limit of file sizes are among them.
        (10, 778 | 1034 | 1290 | 1546 | 4874) => Some("the disk of the server is full or cannot be written"),
        // SQLITE_READONLY, SQLITE_CANTOPEN, and a trigger that refuses.
        (8 | 14, _) | (19, 1811) => Some("the database cannot be written"),
        // SQLITE_BUSY, SQLITE_LOCKED
        (5 | 6, _) => Some("the database is busy"),
        _ => None,
    }
}

pub fn write_failure_in_chain(error: &anyhow::Error) -> Option<&'static str> {
    error.chain().filter_map(|cause| cause.downcast_ref()).find_map(write_failure)
}
