//! Errors that a handler returns, with their status codes and headers.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpResponse, ResponseError};

/// Seconds after which the request bodies in progress have arrived or timed out.
const BUSY_RETRY_AFTER_SECS: i64 = 60;

pub type PageResult = Result<HttpResponse, PageError>;

/// Error of a page handler. Texts are sentences for the user.
#[derive(Debug)]
pub enum PageError {
    /// Also for pages whose existence must not be revealed.
    NotFound,
    Forbidden(&'static str),
    BadRequest(&'static str),
    PayloadTooLarge,
    UnsupportedMediaType,
    /// The request body did not arrive in time.
    RequestTimeout,
    /// The memory for request bodies is used up.
    Busy,
    /// With the seconds to wait.
    TooManyRequests(i64),
    /// Logged with its causes, shown without them.
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
        // The rest of the body may never arrive.
        if matches!(self, Self::RequestTimeout | Self::Busy) {
            response.force_close();
        }
        response.finish()
    }
}

/// Reason for which the database cannot be written, such as a full disk, as a clause that follows "because".
///
/// `None` for other errors.
pub fn write_failure(error: &sqlx::Error) -> Option<&'static str> {
    let sqlx::Error::Database(error) = error else { return None };
    let code: i32 = error.code()?.parse().ok()?;
    // https://sqlite.org/rescode.html: the lowest byte is the primary code.
    match (code & 0xff, code) {
        // SQLITE_FULL
        (13, _) => Some("the disk of the server is full"),
        // SQLITE_IOERR on write, sync or truncate, also caused by quotas and file size limits.
        (10, 778 | 1034 | 1290 | 1546 | 4874) => Some("the disk of the server is full or cannot be written"),
        // SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_CONSTRAINT_TRIGGER
        (8 | 14, _) | (19, 1811) => Some("the database cannot be written"),
        // SQLITE_BUSY, SQLITE_LOCKED
        (5 | 6, _) => Some("the database is busy"),
        _ => None,
    }
}

pub fn write_failure_in_chain(error: &anyhow::Error) -> Option<&'static str> {
    error.chain().filter_map(|cause| cause.downcast_ref()).find_map(write_failure)
}
