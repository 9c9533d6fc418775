//! Error pages: each error becomes a page with a message and a way back.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest};
use askama::Template;

use crate::http::{
    FromStaff, PageError, RequestId, canonical_path, html, route_pattern, routed_path, write_failure_in_chain,
};
use crate::web::form::SubmittedForm;
use crate::web::{Layout, plural};

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
            let wait = plural(*seconds, "second", "seconds");
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
