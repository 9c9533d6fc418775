//! Access control for the admin area: every page needs a session.

use std::future::{Ready, ready};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use jiff::Timestamp;
use sqlx::SqliteConnection;

use crate::db::Database;
use crate::http::{FromStaff, PageError, SearchClient, routed_path};
use crate::services::Services;
use crate::staff::audit::{AuditSource, store as audit};
use crate::staff::{StaffMember, session, store, two_factor, unsaved_forms};
use crate::web::{AlertBanner, Layout, NextStep};

/// Context of every admin page: layout, signed-in member, messages.
#[derive(Clone, Debug)]
pub struct StaffContext {
    pub layout: Layout,
    pub member: StaffMember,
    /// Message of the last action, shown once.
    pub flash: Option<String>,
    pub searcher: SearchClient,
    /// Urgent warning, shown on every page.
    pub alert: Option<String>,
    /// Next step of the set-up, on the pages where steps are done.
    pub next_step: Option<NextStep>,
    session: String,
}

#[derive(Clone)]
struct SessionContext {
    member: StaffMember,
    flash: Option<String>,
    session: String,
    needs_totp: bool,
}

/// Pages that are open to an account that must set up its second factor first.
const OPEN_WITHOUT_TOTP: [&str; 2] = [two_factor::SET_UP_PATH, "/admin/sign-out"];

impl StaffContext {
    /// Hash that identifies the session of this request.
    pub fn session_hash(&self) -> &str {
        &self.session
    }

    /// Sets the message for the next page, in the transaction of the action.
    pub async fn set_flash(&self, tx: &mut SqliteConnection, message: &str) -> sqlx::Result<()> {
        store::set_flash(tx, &self.session, message).await
    }

    /// Records a read access, such as an export, in the audit log.
    ///
    /// If the database is read-only, the access is still allowed and the program log has the entry.
    pub async fn audit_if_possible(&self, db: &Database, now: Timestamp, action: &str, subject: &str) {
        let what = format!("cannot write an audit log entry: account {} {action}: {subject}", self.member.id);
        db.write_best_effort(&what, async |tx| audit::audit(tx, now, &self.member.name, action, subject).await).await;
    }
}

impl FromRequest for StaffContext {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let signed_in = request.extensions().get::<SessionContext>().cloned();
        let alert = request.extensions().get::<AlertBanner>().map(|banner| banner.0.clone());
        let next_step = request.extensions().get::<NextStep>().cloned();
        let found = signed_in.zip(Layout::of(request));
        let ctx = found.map(|(session, layout)| Self {
            layout,
            searcher: SearchClient::of(request),
            member: session.member,
            flash: session.flash,
            alert,
            next_step,
            session: session.session,
        });
        ready(ctx.ok_or_else(|| PageError::Internal(anyhow::anyhow!("an admin page is not behind require_login"))))
    }
}

pub(super) fn current_member(request: &HttpRequest) -> Option<StaffMember> {
    request.extensions().get::<SessionContext>().map(|session| session.member.clone())
}

/// Middleware: forbids caches to store any response of the admin area, including errors.
pub async fn no_store(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let path = routed_path(request.request());
    let is_admin_path = path == "/admin" || path.starts_with("/admin/");
    let mut response = next.call(request).await?;
    if is_admin_path {
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    Ok(response)
}

/// Middleware of `/admin`: redirects visitors without a session to sign-in, and back afterwards.
///
/// A form that was sent without a session is kept and filled in again.
pub async fn require_login(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    match load_session(request.request()).await {
        Err(error) => Ok(request.error_response(error)),
        Ok(Some(session)) if session.needs_totp && !is_open_without_totp(request.request()) => {
            keep_form_and_redirect(request, two_factor::SET_UP_PATH).await
        }
        Ok(Some(session)) => {
            let source = AuditSource::of(request.request(), session.member.id);
            source.scope(serve_signed_in(request, session, next)).await
        }
        Ok(None) => keep_form_and_redirect(request, "/admin/sign-in").await,
    }
}

async fn serve_signed_in(
    request: ServiceRequest,
    session: SessionContext,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let member_id = session.member.id;
    request.extensions_mut().insert(session);
    request.extensions_mut().insert(FromStaff);
    if *request.method() != Method::GET {
        let response = next.call(request).await?.map_into_boxed_body();
        unsaved_forms::delete_if_used(response.request(), response.status(), member_id).await;
        return Ok(response);
    }
    match unsaved_forms::find_requested(request.request(), member_id).await {
        Err(error) => Ok(request.error_response(error)),
        Ok(None) => next.call(request).await.map(ServiceResponse::map_into_boxed_body),
        Ok(Some(form)) => Ok(unsaved_forms::fill(next.call(request).await?.map_into_boxed_body(), form).await),
    }
}

/// Redirects to `target`, which opens the same page afterwards, with the form that was sent.
async fn keep_form_and_redirect(
    request: ServiceRequest,
    target: &str,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let (request, mut payload) = request.into_parts();
    match unsaved_forms::keep_and_redirect(&request, &mut payload, target).await {
        Ok(response) => Ok(ServiceResponse::new(request, response)),
        Err(error) => Ok(ServiceResponse::from_err(error, request)),
    }
}

fn is_open_without_totp(request: &HttpRequest) -> bool {
    let path = routed_path(request);
    OPEN_WITHOUT_TOTP
        .iter()
        .any(|open| path.strip_prefix(open).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

async fn load_session(request: &HttpRequest) -> Result<Option<SessionContext>, PageError> {
    let Some(session) = session::token_hash(request) else { return Ok(None) };
    let Services { db, clock, .. } = &***Services::of(request);
    let now = clock.now();
    let found = store::find_session(db.read(), &session, now).await?;
    let Some(open) = found else { return Ok(None) };
    let needs_totp = open.needs_totp;
    let is_redirected = needs_totp && !is_open_without_totp(request);
    let shows_flash = open.flash.is_some() && *request.method() == Method::GET && !is_redirected;
    // The script of an open editor sends reports even if the user is away.
    let is_report = request.path().starts_with("/admin/editors/");
    let is_due = now.duration_since(open.last_seen_at).abs() >= session::TOUCH_INTERVAL && !is_report;
    if shows_flash || is_due {
        // On a full disk, pages stay readable.
        db.write_best_effort("cannot record the last use of a session", async |tx| {
            store::touch_session(tx, &session, now).await?;
            if shows_flash {
                store::take_flash(tx, &session).await?;
            }
            Ok(())
        })
        .await;
    }
    Ok(Some(SessionContext { member: open.member, flash: open.flash, session, needs_totp }))
}
