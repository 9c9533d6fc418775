//! Stores a form that was sent without a session, and redirects to sign-in.

use actix_web::dev::Payload;
use actix_web::http::header::{HeaderName, REFERER};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use askama::Template;
use url::Url;

use crate::http::{
    FromStaff, PageError, canonical_path, client_ip, html, network_prefix, random_token, see_other, sha256_hex,
};
use crate::services::Services;
use crate::staff::session;
use crate::staff::unsaved_forms::store::{self, NewUnsavedForm};
use crate::staff::unsaved_forms::{FORM_PARAMETER, cookie, with_form_id};
use crate::web::{Layout, SubmittedFields};

/// Page with a form that could not be stored. It can be sent again from there after a sign-in in another tab.
#[derive(Template)]
#[template(path = "staff/signed_out_form.html")]
struct SignedOutFormPage {
    layout: Layout,
    action: String,
    fields: Vec<(String, String)>,
    file_names: Vec<String>,
}

/// Page after a form or a file that is too large, which cannot be kept.
#[derive(Template)]
#[template(path = "staff/signed_out_too_large.html")]
struct TooLargePage {
    layout: Layout,
    sign_in: String,
}

/// Response to a request that must wait for another page, such as sign-in: that page, and afterwards the same page or form.
pub async fn keep_and_redirect(
    request: &HttpRequest,
    payload: &mut Payload,
    to: &str,
) -> Result<HttpResponse, PageError> {
    let target = target(request);
    if *request.method() == Method::GET {
        return Ok(redirect(to, &target));
    }
    if is_from_script(request) {
        // Scripts show their own message and keep the text on the page.
        return Ok(HttpResponse::Unauthorized().content_type("text/plain; charset=utf-8").body("You are signed out."));
    }
    let page = page_with_form(request);
    if *request.method() != Method::POST || request.match_pattern().is_none() {
        return Ok(redirect(to, page.as_deref().unwrap_or("/admin")));
    }
    let services = Services::of(request);
    let owner = match session::token_hash(request) {
        Some(session) => store::session_owner(services.db.read(), &session).await?,
        None => None,
    };
    if owner.is_some() {
        // The cookie of an ended session: the limits of staff apply.
        request.extensions_mut().insert(FromStaff);
    }
    let submitted = match SubmittedFields::read(request, payload).await {
        Err(PageError::PayloadTooLarge) => return too_large(request, to, page.as_deref().unwrap_or("/admin")),
        // There is less memory for forms of people who may be strangers.
        Err(PageError::Busy) if owner.is_none() => return too_large(request, to, page.as_deref().unwrap_or("/admin")),
        read => read?,
    };
    if !submitted.has_content() {
        return Ok(redirect(to, page.as_deref().unwrap_or("/admin")));
    }
    let page = page.unwrap_or_else(|| target.clone());
    let new = NewUnsavedForm {
        token_hash: String::new(),
        staff_id: owner,
        network_hash: match (owner, network_prefix(client_ip(request))) {
            (None, Some(network)) => services.secret.mac(&format!("unsaved forms from {network}")),
            _ => String::new(),
        },
        page: page.clone(),
        action: target.clone(),
        fields: submitted.fields,
        file_names: submitted.file_names,
    };
    match store_form(request, new).await {
        Ok((id, token)) => {
            let mut response = redirect(to, &with_form_id(&page, id));
            response.add_cookie(&cookie::cookie(request, token)).map_err(anyhow::Error::from)?;
            Ok(response)
        }
        Err(NewUnsavedForm { fields, file_names, .. }) => {
            let layout = layout(request)?;
            html(StatusCode::FORBIDDEN, &SignedOutFormPage { layout, action: target, fields, file_names })
        }
    }
}

/// Stores a form and returns its ID and the value of the cookie. Fails with the form if there is no room for it or the
/// database cannot be written.
async fn store_form(request: &HttpRequest, mut form: NewUnsavedForm) -> Result<(i64, String), NewUnsavedForm> {
    let services = Services::of(request);
    let now = services.clock.now();
    let stored = async {
        // Before the write transaction, for which others would have to wait.
        if form.staff_id.is_none() && store::is_full(services.db.read(), &form.network_hash, now).await? {
            return Ok(None);
        }
        let mut tx = services.db.begin_write().await?;
        // A browser has one cookie for several forms. A token that this site did not create is not used.
        let known = match cookie::token(request) {
            Some(token) if store::has_token(&mut *tx, &sha256_hex(&token), now).await? => Some(token),
            _ => None,
        };
        let token = known.unwrap_or_else(random_token::<16>);
        form.token_hash = sha256_hex(&token);
        let id = store::insert(&mut tx, &form, now).await?;
        tx.commit().await?;
        Ok::<_, sqlx::Error>(id.map(|id| (id, token)))
    };
    match stored.await {
        Ok(Some(stored)) => Ok(stored),
        Ok(None) => {
            tracing::warn!("form sent without a session was not kept: there are too many");
            Err(form)
        }
        Err(error) => {
            tracing::error!("cannot keep a form sent without a session: {error} (DATA_DIR)");
            Err(form)
        }
    }
}

/// `next` is the page that contained the form.
fn too_large(request: &HttpRequest, to: &str, next: &str) -> Result<HttpResponse, PageError> {
    let (layout, sign_in) = (layout(request)?, with_next(to, next));
    html(StatusCode::PAYLOAD_TOO_LARGE, &TooLargePage { layout, sign_in })
}

fn layout(request: &HttpRequest) -> Result<Layout, PageError> {
    Layout::of(request).ok_or_else(|| PageError::Internal(anyhow::anyhow!("company details were not loaded")))
}

fn redirect(to: &str, next: &str) -> HttpResponse {
    see_other(&with_next(to, next))
}

fn with_next(to: &str, next: &str) -> String {
    let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
    format!("{to}?next={next}")
}

/// Path and query of the request, without the ID of an earlier form.
fn target(request: &HttpRequest) -> String {
    with_query(canonical_path(request), request.uri().query())
}

fn with_query(path: String, query: Option<&str>) -> String {
    let is_other = |part: &&str| !part.is_empty() && part.split('=').next() != Some(FORM_PARAMETER);
    let query: Vec<&str> = query.unwrap_or_default().split('&').filter(is_other).collect();
    if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
}

/// Path and query of the admin page that the form was sent from, if the browser names it.
fn page_with_form(request: &HttpRequest) -> Option<String> {
    let referer = Url::parse(request.headers().get(REFERER)?.to_str().ok()?).ok()?;
    let path = referer.path();
    let is_admin_page = path == "/admin" || path.starts_with("/admin/");
    let is_open = path.starts_with("/admin/sign-in") || path.starts_with("/admin/set-up");
    (is_admin_page && !is_open).then(|| with_query(path.to_owned(), referer.query()))
}

/// Whether a script sent the request. A browser that opens a page says so.
fn is_from_script(request: &HttpRequest) -> bool {
    let mode = request.headers().get(HeaderName::from_static("sec-fetch-mode"));
    mode.is_some_and(|mode| mode != "navigate")
}
