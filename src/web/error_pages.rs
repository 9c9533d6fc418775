//! Error pages with a message and links back to the site.

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
use crate::web::{Layout, is_secret_field, plural};

#[derive(Template)]
#[template(path = "shared/not_saved.html")]
struct NotSavedPage {
    layout: Layout,
    cause: Option<&'static str>,
    action: String,
    fields: Vec<(String, String)>,
    /// False if the form contains a password, which is never sent back.
    can_resubmit: bool,
}

impl NotSavedPage {
    /// Offers the submitted form for another try. Only staff see the cause.
    fn of(request: &HttpRequest, layout: Layout, cause: &'static str) -> Self {
        let submitted = request.extensions().get::<SubmittedForm>().map(SubmittedForm::fields).unwrap_or_default();
        let is_staff = routed_path(request).starts_with("/admin/");
        // Visitors have no secrets but the tokens of their own forms.
        let is_secret = |name: &str| is_staff && is_secret_field(name);
        let can_resubmit = !submitted.is_empty() && !submitted.iter().any(|(name, _)| is_secret(name));
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
    /// For server errors, so that staff find the error in the log.
    request_id: Option<RequestId>,
}

/// Middleware: renders a page for every error response without one, and logs server errors.
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
        tracing::warn!("form rejected: memory for request bodies is used up");
    } else if status.is_server_error() {
        let cause = match error {
            Some(PageError::Internal(cause)) => format!("{cause:#}"),
            _ => response.response().error().map(ToString::to_string).unwrap_or_default(),
        };
        let pattern = route_pattern(response.request()).unwrap_or_default();
        tracing::error!(route = pattern, cause, "request failed");
    }
    let is_staff_page = || response.request().match_pattern().is_some_and(|route| route.starts_with("/admin"));
    // If the session could not be read, the route decides.
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
        Some(PageError::Forbidden(why)) => ("You do not have access", *why),
        Some(PageError::BadRequest(why)) => ("Request not completed", *why),
        Some(PageError::TooManyRequests(seconds)) => {
            let wait = plural(*seconds, "second", "seconds");
            return ("Too many requests", format!("Please wait {wait} and try again."));
        }
        Some(PageError::Busy) => (
            "The site is busy",
            "Too many forms are being sent at the moment. Your form was not saved. Please send it again in a minute, or call us.",
        ),
        _ => match status.as_u16() {
            404 => ("Page not found", "Check the web address. The page may have moved."),
            405 => ("Request not supported", "Go back and use the buttons or links on the page."),
            408 => (
                "The request timed out",
                "Your connection is slow or was lost, and your form was not saved. Please send it again, or call us.",
            ),
            413 => {
                ("The form is too large", "Your form was not saved. Shorten your text and send it again, or call us.")
            }
            415 => ("Unsupported format", "Use the form on the page."),
            500.. => (
                "Something went wrong",
                "We have logged the error. If you sent a form, it may not have been saved. Please try again, or call us.",
            ),
            _ => {
                ("Request not understood", "The web address or the form contains something that this site cannot read.")
            }
        },
    };
    (title, message.to_owned())
}

/// Title and message in the admin area, where the request may be an upload.
fn title_and_message_for_staff(status: StatusCode, error: Option<&PageError>) -> (&'static str, String) {
    let (title, message) = match status.as_u16() {
        408 => (
            "The request timed out",
            "Your connection is slow or was lost, and nothing was saved. Go back and send it again.",
        ),
        413 => (
            "Too large",
            "Nothing was saved. The limits are 8 MB for a file and 1 MB for a form. Go back and send less, for example in \
             two parts.",
        ),
        415 => ("Unsupported format", "Nothing was saved. Go back and use the form on the page."),
        503 if matches!(error, Some(PageError::Busy)) => (
            "The site is busy",
            "Nothing was saved. Too many uploads are in progress. Go back, wait a minute, and send it again.",
        ),
        500.. => (
            "Something went wrong",
            "The cause is in the log. Your changes may not have been saved. Go back, check, and try again.",
        ),
        _ => return title_and_message(status, error),
    };
    (title, message.to_owned())
}
