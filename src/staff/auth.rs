//! The guard before every staff page: no session, no page.

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
use crate::http::{FromStaff, PageError, SearchClient, canonical_path, routed_path, see_other};
use crate::services::Services;
use crate::staff::{StaffMember, session, store};
use crate::web::{AlertBanner, Layout};

/// What every staff page starts from: who is asking, and what the last deed left to say.
#[derive(Clone, Debug)]
pub struct StaffContext {
    /// The firm, for the head.
    pub layout: Layout,
    /// Who is signed in.
    pub member: StaffMember,
    /// What the last deed left to say, shown once.
    pub flash: Option<String>,
    /// How often they may search.
    pub searcher: SearchClient,
    /// What may not wait until somebody looks for it, shown on every page.
    pub alert: Option<String>,
    session: String,
}

#[derive(Clone)]
struct SessionContext {
    member: StaffMember,
    flash: Option<String>,
    session: String,
}

impl StaffContext {
    /// Leaves a sentence for the next page, in the transaction of the deed it tells of.
    pub async fn set_flash(&self, tx: &mut SqliteConnection, sentence: &str) -> sqlx::Result<()> {
        store::set_flash(tx, &self.session, sentence).await
    }

    /// Records in the audit log what was read, such as an export. Where nothing can be written it can be read all the same,
    /// and the log of the program has the entry.
    pub async fn audit_if_possible(&self, db: &Database, now: Timestamp, action: &str, subject: &str) {
        let what = format!("the audit log lacks an entry: account {} {action}: {subject}", self.member.id);
        db.write_best_effort(&what, async |tx| store::audit(tx, now, &self.member.name, action, subject).await).await;
    }
}

impl FromRequest for StaffContext {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let signed_in = request.extensions().get::<SessionContext>().cloned();
        let alarm = request.extensions().get::<AlertBanner>().map(|alarm| alarm.0.clone());
        let found = signed_in.zip(Layout::of(request));
        let ctx = found.map(|(who, layout)| Self {
            layout,
            searcher: SearchClient::of(request),
            member: who.member,
            flash: who.flash,
            alert: alarm,
            session: who.session,
        });
        ready(ctx.ok_or_else(|| PageError::Internal(anyhow::anyhow!("a staff page stands outside the guard"))))
    }
}

/// Who is signed in.
pub(super) fn current_member(request: &HttpRequest) -> Option<StaffMember> {
    request.extensions().get::<SessionContext>().map(|who| who.member.clone())
}

/// Middleware: nothing of the admin area may be stored on the way, not even a refusal at its door.
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

/// Middleware of `/admin`: sends whoever is not signed in to sign-in and back.
pub async fn require_login(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    match load_session(request.request()).await {
        Err(error) => Ok(request.error_response(error)),
        Ok(Some(who)) => {
            request.extensions_mut().insert(who);
            request.extensions_mut().insert(FromStaff);
            next.call(request).await.map(ServiceResponse::map_into_boxed_body)
        }
        Ok(None) => {
            let is_read = *request.method() == Method::GET;
            let query = request.uri().query().map_or(String::new(), |query| format!("?{query}"));
            let wanted = if is_read { canonical_path(request.request()) + &query } else { "/admin".to_owned() };
            let next: String = form_urlencoded::byte_serialize(wanted.as_bytes()).collect();
            Ok(request.into_response(see_other(&format!("/admin/sign-in?next={next}"))))
        }
    }
}

async fn load_session(request: &HttpRequest) -> Result<Option<SessionContext>, PageError> {
    let Some(session) = session::token_hash(request) else { return Ok(None) };
    let Services { db, clock, .. } = &***Services::of(request);
    let now = clock.now();
    let found = store::find_session(db.read(), &session, now).await?;
    let Some(open) = found else { return Ok(None) };
    let speaks = open.flash.is_some() && *request.method() == Method::GET;
    if speaks || now.duration_since(open.last_seen_at).abs() >= session::TOUCH_INTERVAL {
        // The page is what was asked for; on a full disk it can be read all the same.
        db.write_best_effort("the last use of a session was not noted", async |tx| {
            store::touch_session(tx, &session, now).await?;
            if speaks {
                store::take_flash(tx, &session).await?;
            }
            Ok(())
        })
        .await;
    }
    Ok(Some(SessionContext { member: open.member, flash: open.flash, session }))
}
