//! Fills the stored form into its page, and deletes it once it is sent again.

use actix_web::body::{BoxBody, to_bytes};
use actix_web::dev::ServiceResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use crate::http::{PageError, see_other};
use crate::services::Services;
use crate::staff::unsaved_forms::store::{self, UnsavedForm};
use crate::staff::unsaved_forms::{FORM_PARAMETER, token_hash, with_form_id};
use crate::web::{DisplayTime, fill_form};

/// Notice above the page with the filled form.
#[derive(Template)]
#[template(path = "staff/unsaved_form_notice.html")]
struct FormNotice {
    id: i64,
    sent: DisplayTime,
    file_names: Vec<String>,
    leftovers: Vec<(String, String)>,
}

/// ID of the stored form in the query of a request.
fn requested_id(request: &HttpRequest) -> Option<i64> {
    let query = request.query_string().as_bytes();
    form_urlencoded::parse(query).find(|(name, _)| name == FORM_PARAMETER)?.1.parse().ok()
}

/// The stored form that is to be filled into the requested page, if it belongs to this browser and this account.
pub async fn find_requested(request: &HttpRequest, staff_id: i64) -> Result<Option<UnsavedForm>, PageError> {
    let Some((id, token)) = requested_id(request).zip(token_hash(request)) else { return Ok(None) };
    let services = Services::of(request);
    Ok(store::find(services.db.read(), id, &token, staff_id, services.clock.now()).await?)
}

/// Fills `form` into the page. Redirects to a page with all fields if the page does not contain the form.
pub async fn fill(page: ServiceResponse<BoxBody>, form: UnsavedForm) -> ServiceResponse<BoxBody> {
    let (request, response) = page.into_parts();
    let is_html = response.headers().get(CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
    let all_fields = see_other(&format!("/admin/unsaved-forms/{}", form.id));
    if response.status() != StatusCode::OK || !is_html {
        return ServiceResponse::new(request, all_fields);
    }
    let (head, body) = response.into_parts();
    let filled = match to_bytes(body).await {
        Ok(body) => filled_page(&String::from_utf8_lossy(&body), form),
        Err(_) => None,
    };
    let response: HttpResponse = match filled {
        Some(page) => head.set_body(BoxBody::new(page)),
        None => all_fields,
    };
    ServiceResponse::new(request, response)
}

fn filled_page(page: &str, form: UnsavedForm) -> Option<String> {
    let filled = fill_form(page, &form.action, &with_form_id(&form.action, form.id), &form.fields)?;
    let notice = FormNotice {
        id: form.id,
        sent: DisplayTime::in_office(form.sent_at),
        file_names: form.file_names,
        leftovers: filled.leftovers.clone(),
    };
    Some(filled.into_html(&notice.render().ok()?))
}

/// Deletes the stored form that was sent again, unless the text may not have been saved or shown.
pub async fn delete_if_used(request: &HttpRequest, status: StatusCode, staff_id: i64) {
    let is_handled = status.is_success()
        || status.is_redirection()
        || [StatusCode::CONFLICT, StatusCode::UNPROCESSABLE_ENTITY].contains(&status);
    let Some((id, token)) = requested_id(request).zip(token_hash(request)).filter(|_| is_handled) else { return };
    let delete = async |tx: &mut sqlx::SqliteConnection| store::delete(tx, id, &token, staff_id).await;
    Services::of(request).db.write_best_effort("cannot delete a form that was sent again", delete).await;
}
