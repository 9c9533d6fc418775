//! What a visitor is shown when a page cannot be: a sentence and a way back, never a stack trace.

use std::fmt;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError};
use askama::Template;

use crate::web::form::SubmittedForm;
use crate::web::{FromStaff, Layout, RequestId, canonical_path, html, route_pattern, routed_path};

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

fn write_failure_in_chain(error: &anyhow::Error) -> Option<&'static str> {
    error.chain().filter_map(|cause| cause.downcast_ref()).find_map(write_failure)
}

#[derive(Template)]
#[template(path = "shared/not_saved.html")]
struct NotSavedPage {
    layout: Layout,
    cause: Option<&'static str>,
    action: String,
    fields: Vec<(String, String)>,
    /// What is never sent back had to be typed again.
    can_resubmit: bool,
}

impl NotSavedPage {
    /// The form that a request brought, for its sender to send it again. Visitors need not know the cause.
    fn of(request: &HttpRequest, layout: Layout, cause: &'static str) -> Self {
        let submitted = request.extensions().get::<SubmittedForm>().map(SubmittedForm::fields).unwrap_or_default();
        let is_secret = |name: &str| name.contains("password") || name == "current";
        let can_resubmit = !submitted.is_empty() && !submitted.iter().any(|(name, _)| is_secret(name));
        let is_staff = routed_path(request).starts_with("/admin/");
        Self {
            layout,
            cause: is_staff.then_some(cause),
            action: canonical_path(request),
            fields: submitted.into_iter().filter(|(name, _)| !is_secret(name)).collect(),
            can_resubmit,
        }
    }
}

#[derive(Template)]
#[template(path = "shared/error.html")]
struct ErrorPage {
    layout: Layout,
    title: &'static str,
    message: String,
    is_for_staff: bool,
    /// By which staff find it in the log, where it is our fault.
    request_id: Option<RequestId>,
}

/// Middleware: gives every refusal its page, wherever it came from, and logs what is our fault.
pub async fn render_error_pages(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<actix_web::body::BoxBody>, actix_web::Error> {
    let response = match next.call(request).await {
        Ok(response) => response.map_into_boxed_body(),
        Err(error) => return Err(error),
    };
    let status = response.status();
    let already_a_page = response.headers().contains_key(CONTENT_TYPE) && response.response().error().is_none();
    if !(status.is_client_error() || status.is_server_error()) || already_a_page {
        return Ok(response);
    }
    let error = response.response().error().and_then(|error| error.as_error::<PageError>());
    if matches!(error, Some(PageError::Busy)) {
        tracing::warn!("a form was refused: too many bodies are in progress");
    } else if status.is_server_error() {
        let cause = match error {
            Some(PageError::Internal(cause)) => format!("{cause:#}"),
            _ => response.response().error().map(ToString::to_string).unwrap_or_default(),
        };
        let pattern = route_pattern(response.request()).unwrap_or_default();
        tracing::error!(route = pattern, cause, "a page failed");
    }
    let is_staff_page = || response.request().match_pattern().is_some_and(|route| route.starts_with("/admin"));
    // Where the session itself could not be read, the address has to do.
    let is_for_staff =
        response.request().extensions().contains::<FromStaff>() || (status.is_server_error() && is_staff_page());
    let (title, message) =
        if is_for_staff { title_and_message_for_staff(status, error) } else { title_and_message(status, error) };
    let Some(layout) = Layout::of(response.request()) else {
        return Ok(response);
    };
    let request_id = RequestId::current(response.request()).filter(|_| status.is_server_error());
    let write_failure_cause = match error {
        Some(PageError::Internal(cause)) => write_failure_in_chain(cause),
        _ => None,
    };
    let page = match write_failure_cause {
        Some(cause) => html(status, &NotSavedPage::of(response.request(), layout, cause)),
        None => html(status, &ErrorPage { layout, title, message, is_for_staff, request_id }),
    };
    // It is true of this moment alone.
    let is_transient = status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error();
    Ok(match page {
        Ok(mut page) => {
            if is_transient {
                page.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            }
            for (name, value) in response.headers() {
                if name != CONTENT_TYPE {
                    page.headers_mut().append(name.clone(), value.clone());
                }
            }
            response.into_response(page)
        }
        Err(_) => response,
    })
}

fn title_and_message(status: StatusCode, error: Option<&PageError>) -> (&'static str, String) {
    let (title, message) = match error {
        Some(PageError::Forbidden(why)) => ("You cannot do this here", *why),
        Some(PageError::BadRequest(why)) => ("We could not read that", *why),
        Some(PageError::TooManyRequests(seconds)) => {
            let wait = crate::web::plural(*seconds, "second", "seconds");
            return ("Too many tries", format!("Please wait {wait} and try again."));
        }
        Some(PageError::Busy) => (
            "Too many forms are arriving",
            "We could not take yours, and nothing of it has been kept. Please send it again in a minute, or telephone us.",
        ),
        _ => match status.as_u16() {
            404 => ("This page is not here", "The address may be mistyped, or the page may have moved."),
            405 => ("This address takes no such request", "Please go back and use the buttons and links of the page."),
            408 => (
                "That took too long to arrive",
                "The connection is very slow or broke, and nothing of it has been kept. Please send it again, or telephone us.",
            ),
            413 => (
                "That is too much for one form",
                "Please shorten your text, or telephone us: nothing of it has been kept.",
            ),
            415 => ("We could not read that", "This address takes a form, as a browser sends it."),
            500.. => (
                "Something went wrong on our side",
                "It has been noted. What you sent may not have been kept: please try again, or telephone us.",
            ),
            _ => ("We could not read that", "The address or the form holds something this site does not understand."),
        },
    };
    (title, message.to_owned())
}

/// The same for the admin area, where an upload is refused as well as a form.
fn title_and_message_for_staff(status: StatusCode, error: Option<&PageError>) -> (&'static str, String) {
    let (title, message) = match status.as_u16() {
        408 => (
            "That took too long to arrive",
            "The connection is very slow or broke, and nothing was saved. Go back and send it again.",
        ),
        413 => (
            "That is too large",
            "Nothing was saved. A file may have at most 8 MB, a form 1 MB of text. Go back and send less, for example in \
             two parts.",
        ),
        415 => (
            "We could not read that",
            "Nothing was saved. This page takes its own form, with a file or with text. Go back and send that form.",
        ),
        503 if matches!(error, Some(PageError::Busy)) => {
            ("Too many uploads are arriving", "Nothing was saved. Go back, wait a minute, and send it again.")
        }
        500.. => (
            "Something went wrong",
            "The cause is in the log. What you sent may not have been saved: go back, check, and try again.",
        ),
        _ => return title_and_message(status, error),
    };
    (title, message.to_owned())
}
