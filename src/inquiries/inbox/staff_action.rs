//! What every deed on an inquiry begins and ends with: nobody overwrites what they have not seen, and nothing typed is lost.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use jiff::Timestamp;
use serde::Deserialize;
use sqlx::SqliteConnection;

use crate::db::WriteTx;
use crate::http::{PageError, PageResult, see_other};
use crate::inquiries::inbox::gone;
use crate::inquiries::inbox::show::{self, FormInput};
use crate::inquiries::inbox::store;
use crate::inquiries::{Inquiry, InquiryState, store as inquiries};
use crate::services::Services;
use crate::staff::{self, StaffContext};

/// What a deed needs: who does it, where, and when.
pub struct StaffAction {
    /// Who is signed in.
    pub ctx: StaffContext,
    pub services: Data<Services>,
    now: Timestamp,
}

impl FromRequest for StaffAction {
    type Error = PageError;
    type Future = Ready<Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let services = Services::of(request).clone();
        let now = services.clock.now();
        ready(StaffContext::from_request(request, payload).into_inner().map(|ctx| Self { ctx, services, now }))
    }
}

/// What the page showed when a form on it was filled in. A form that says nothing is compared with nothing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ExpectedVersion {
    version: String,
    last_event: String,
    /// Which inquiry the form is about, beyond doubt.
    inquiry: String,
}

impl ExpectedVersion {
    fn is_stale(&self, inquiry: &Inquiry) -> bool {
        self.version.parse::<i64>().is_ok_and(|seen| seen != inquiry.version)
    }

    /// The same for a form that stands in nobody's way, whatever was done meanwhile.
    pub fn identity_only(&self) -> Self {
        Self { inquiry: self.inquiry.clone(), ..Self::default() }
    }

    /// The last thing in the history that was shown.
    fn last_event(&self) -> i64 {
        self.last_event.parse().unwrap_or(0)
    }
}

/// An inquiry in a write that nobody else can get in between.
pub struct LockedInquiry {
    /// As it is now.
    pub inquiry: Inquiry,
    /// What commits the deed.
    pub tx: WriteTx,
}

/// Why nothing was done.
pub enum ActionError {
    /// Somebody did something else since; the last thing in the history that was shown.
    Conflict(i64),
    /// It is not to be worked on.
    Blocked(&'static str),
    /// The inquiry that the form is about is not there; the one that stands at its address, where there is one.
    NotFound(Option<Box<Inquiry>>),
}

/// Why an inquiry is not to be worked on, where it is so.
pub fn blocked_reason(inquiry: &Inquiry) -> Option<&'static str> {
    if inquiry.trashed_at.is_some() {
        return Some("It is in the bin: take it out of there first.");
    }
    if inquiry.merged_into.is_some() {
        return Some("It is answered in another inquiry: open that one, or separate the two first.");
    }
    match inquiry.state {
        InquiryState::Quarantined => Some("It is set aside: release it first, so that its letters go out."),
        InquiryState::Withdrawn => Some("The visitor took it back: nothing more is done with it."),
        InquiryState::New | InquiryState::Reading | InquiryState::Answered | InquiryState::Closed => None,
    }
}

/// The inquiry at the address of a form, where it is the one that the form is about.
fn check_identity(found: Option<Inquiry>, seen: &ExpectedVersion) -> Result<Inquiry, ActionError> {
    match found {
        Some(inquiry) if inquiry.matches_identity(&seen.inquiry) => Ok(inquiry),
        other => Err(ActionError::NotFound(other.map(Box::new))),
    }
}

impl StaffAction {
    /// The present instant.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The name of whoever does it.
    pub fn actor(&self) -> &str {
        &self.ctx.member.name
    }

    /// The inquiry that a form is about.
    pub async fn find(&self, id: i64, seen: &ExpectedVersion) -> Result<Result<Inquiry, ActionError>, PageError> {
        Ok(check_identity(inquiries::find(self.services.db.read(), id).await?, seen))
    }

    /// Opens an inquiry for a deed, whatever state it is in.
    pub async fn lock(&self, id: i64, seen: &ExpectedVersion) -> Result<Result<LockedInquiry, ActionError>, PageError> {
        let mut tx = self.services.db.begin_write().await?;
        let inquiry = match check_identity(inquiries::find(&mut *tx, id).await?, seen) {
            Ok(inquiry) => inquiry,
            Err(refused) => {
                tx.rollback().await?;
                return Ok(Err(refused));
            }
        };
        if seen.is_stale(&inquiry) {
            tx.rollback().await?;
            return Ok(Err(ActionError::Conflict(seen.last_event())));
        }
        Ok(Ok(LockedInquiry { inquiry, tx }))
    }

    /// Opens an inquiry that staff work on.
    pub async fn lock_editable(
        &self,
        id: i64,
        seen: &ExpectedVersion,
    ) -> Result<Result<LockedInquiry, ActionError>, PageError> {
        let open = self.lock(id, seen).await?;
        let Ok(LockedInquiry { inquiry, tx }) = open else { return Ok(open) };
        if let Some(why) = blocked_reason(&inquiry) {
            tx.rollback().await?;
            return Ok(Err(ActionError::Blocked(why)));
        }
        Ok(Ok(LockedInquiry { inquiry, tx }))
    }

    /// The page as it is now, with what was typed still in its boxes, and why nothing was done.
    pub async fn error_page(self, id: i64, refused: ActionError, typed: FormInput) -> PageResult {
        let (status, typed) = match refused {
            ActionError::Conflict(since) => (StatusCode::CONFLICT, FormInput { changed_since: Some(since), ..typed }),
            ActionError::Blocked(why) => (StatusCode::UNPROCESSABLE_ENTITY, FormInput { problem: why.into(), ..typed }),
            ActionError::NotFound(other) => {
                let texts = [typed.subject.unwrap_or_default(), typed.text, typed.note];
                return gone::page(self.ctx, other.as_deref(), texts.into());
            }
        };
        self.page(status, id, typed).await
    }

    /// The page of an inquiry.
    pub async fn page(self, status: StatusCode, id: i64, typed: FormInput) -> PageResult {
        show::page(status, self.ctx, id, typed, &self.services.db, self.now).await
    }

    /// Writes a deed into the audit log, leaves a sentence for the next page, and commits all of it.
    pub async fn finish(&self, open: LockedInquiry, audit_action: &str, sentence: &str, then: &str) -> PageResult {
        let LockedInquiry { inquiry, mut tx } = open;
        staff::audit(&mut tx, self.now, self.actor(), audit_action, &inquiry.reference).await?;
        self.ctx.set_flash(&mut tx, sentence).await?;
        tx.commit().await?;
        self.wake_sender();
        Ok(see_other(then))
    }

    /// Rouses the sender once letters were queued and committed.
    pub fn wake_sender(&self) {
        self.services.notifier.notify();
    }

    /// Writes down what happened to an inquiry.
    pub async fn record_event(
        &self,
        tx: &mut SqliteConnection,
        id: i64,
        kind: &'static str,
        text: &str,
    ) -> sqlx::Result<()> {
        inquiries::record_event(tx, id, kind, self.actor(), text, self.now).await
    }

    /// Moves an inquiry to another state, and with it those that are answered in it.
    pub async fn set_state(
        &self,
        tx: &mut SqliteConnection,
        inquiry: &Inquiry,
        state: InquiryState,
    ) -> sqlx::Result<bool> {
        let is_new = inquiries::set_state(&mut *tx, inquiry.id, state, self.now).await?;
        if is_new {
            self.record_event(&mut *tx, inquiry.id, "state", state.as_str()).await?;
            let below = inquiries::merge_children(&mut *tx, inquiry.id).await?;
            for other in store::by_ids(&mut *tx, &below).await? {
                // One that the visitor took back meanwhile stays so.
                let follows = InquiryState::SETTABLE_BY_STAFF.contains(&other.state) && other.trashed_at.is_none();
                if follows && inquiries::set_state(&mut *tx, other.id, state, self.now).await? {
                    self.record_event(&mut *tx, other.id, "state", state.as_str()).await?;
                }
            }
        }
        Ok(is_new)
    }

    /// Gives an inquiry to a member of staff, or to nobody; `owner` is their number and name.
    pub async fn set_owner(
        &self,
        tx: &mut SqliteConnection,
        inquiry: &Inquiry,
        owner: Option<(i64, &str)>,
    ) -> sqlx::Result<bool> {
        if inquiry.owner_id == owner.map(|(id, _)| id) {
            return Ok(false);
        }
        store::set_owner(&mut *tx, inquiry.id, owner.map(|(id, _)| id)).await?;
        self.record_event(&mut *tx, inquiry.id, "owner", owner.map_or("", |(_, name)| name)).await?;
        // Whoever takes an inquiry begins to read it; one that is given back waits again.
        match (inquiry.state, owner) {
            (InquiryState::New, Some(_)) => self.set_state(tx, inquiry, InquiryState::Reading).await?,
            (InquiryState::Reading, None) => self.set_state(tx, inquiry, InquiryState::New).await?,
            _ => false,
        };
        Ok(true)
    }

    /// Takes an inquiry that nobody looks after.
    pub async fn claim_if_unassigned(&self, tx: &mut SqliteConnection, inquiry: &Inquiry) -> sqlx::Result<()> {
        if inquiry.owner_id.is_none() {
            store::set_owner(&mut *tx, inquiry.id, Some(self.ctx.member.id)).await?;
            self.record_event(tx, inquiry.id, "owner", self.actor()).await?;
        }
        Ok(())
    }
}
