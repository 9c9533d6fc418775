//! Staff actions on one inquiry: conflict check, write lock, history and audit log.
//!
//! Actions return an [`ActionError`] and never render a page.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use jiff::Timestamp;
use serde::Deserialize;
use sqlx::SqliteConnection;

use crate::db::WriteTx;
use crate::http::{PageError, see_other};
use crate::inquiries::inbox::store;
use crate::inquiries::inquiry::page_path;
use crate::inquiries::{Inquiry, InquiryState, store as inquiries};
use crate::services::Services;
use crate::staff::{self, AuditChanges, StaffContext};
use crate::web::{FieldErrors, one_line};

/// Context of a staff action: the signed-in member, the services and the time.
pub struct StaffAction {
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

/// Version of an inquiry that a form was filled in for. Empty fields skip the conflict check.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ExpectedVersion {
    version: String,
    /// ID of the newest event that the page showed.
    last_event: String,
    /// See [`Inquiry::identity`].
    inquiry: String,
    /// Query string of the list that the inquiry was opened from.
    #[serde(deserialize_with = "one_line")]
    pub list: String,
}

impl ExpectedVersion {
    /// Path of the inquiry page, opened from the same list.
    pub fn inquiry_path(&self, id: i64) -> String {
        page_path(id, &self.list)
    }

    fn is_stale(&self, inquiry: &Inquiry) -> bool {
        self.version.parse::<i64>().is_ok_and(|seen| seen != inquiry.version)
    }

    /// Checks only which inquiry is meant, for forms that cannot conflict with other changes.
    pub fn identity_only(&self) -> Self {
        Self { inquiry: self.inquiry.clone(), list: self.list.clone(), ..Self::default() }
    }

    fn check(&self, found: Option<Inquiry>) -> Result<Inquiry, ActionError> {
        match found {
            Some(inquiry) if inquiry.matches_identity(&self.inquiry) => Ok(inquiry),
            other => Err(ActionError::NotFound(other.map(Box::new))),
        }
    }
}

/// Inquiry with the write transaction that locks it. Dropping it rolls back.
pub struct LockedInquiry {
    pub inquiry: Inquiry,
    pub tx: WriteTx,
}

pub enum ActionError {
    /// Someone else changed the inquiry; holds the ID of the newest event that the form had seen.
    Conflict(i64),
    /// The inquiry cannot be changed; holds the reason for staff.
    Blocked(&'static str),
    Invalid(FieldErrors),
    /// The inquiry was deleted; holds the one that has its ID now, if any.
    NotFound(Option<Box<Inquiry>>),
    Page(PageError),
}

impl<E: Into<PageError>> From<E> for ActionError {
    fn from(error: E) -> Self {
        Self::Page(error.into())
    }
}

pub type ActionResult<T = HttpResponse> = Result<T, ActionError>;

/// Why staff cannot work on an inquiry; `None` if they can.
pub fn blocked_reason(inquiry: &Inquiry) -> Option<&'static str> {
    if inquiry.trashed_at.is_some() {
        return Some("This inquiry is in the trash. Restore it first.");
    }
    if inquiry.merged_into.is_some() {
        return Some("This inquiry is merged into another one. Open that one, or split them first.");
    }
    match inquiry.state {
        InquiryState::Quarantined => Some("This inquiry is quarantined. Choose “Not spam” first."),
        InquiryState::Withdrawn => Some("The visitor withdrew this inquiry. No further action is needed."),
        InquiryState::New | InquiryState::Reading | InquiryState::Answered | InquiryState::Closed => None,
    }
}

/// Changes for the audit log, which outlives the data of a person: only what says nothing about the visitor.
pub fn audit_changes(before: &Inquiry, after: &Inquiry) -> AuditChanges {
    let owner = |inquiry: &Inquiry| inquiry.owner.clone().unwrap_or_default();
    let merged = |inquiry: &Inquiry| inquiry.merged_into.map(|id| format!("inquiry {id}")).unwrap_or_default();
    AuditChanges::default()
        .field("status", before.state.label().to_lowercase(), after.state.label().to_lowercase())
        .field("assigned to", owner(before), owner(after))
        .field("merged into", merged(before), merged(after))
}

impl StaffAction {
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Name of the signed-in member.
    pub fn actor(&self) -> &str {
        &self.ctx.member.name
    }

    pub async fn find(&self, id: i64, expected: &ExpectedVersion) -> ActionResult<Inquiry> {
        expected.check(inquiries::find(self.services.db.read(), id).await?)
    }

    /// Locks an inquiry in any state.
    pub async fn lock(&self, id: i64, expected: &ExpectedVersion) -> ActionResult<LockedInquiry> {
        let mut tx = self.services.db.begin_write().await?;
        let inquiry = expected.check(inquiries::find(&mut *tx, id).await?)?;
        if expected.is_stale(&inquiry) {
            return Err(ActionError::Conflict(expected.last_event.parse().unwrap_or(0)));
        }
        Ok(LockedInquiry { inquiry, tx })
    }

    /// Locks an inquiry that staff can work on; see [`blocked_reason`].
    pub async fn lock_editable(&self, id: i64, expected: &ExpectedVersion) -> ActionResult<LockedInquiry> {
        let open = self.lock(id, expected).await?;
        match blocked_reason(&open.inquiry) {
            Some(reason) => Err(ActionError::Blocked(reason)),
            None => Ok(open),
        }
    }

    /// Writes the audit log and the flash message, commits, and redirects to `location`.
    pub async fn finish(&self, open: LockedInquiry, audit_action: &str, flash: &str, location: &str) -> ActionResult {
        let LockedInquiry { inquiry, mut tx } = open;
        let after = inquiries::find(&mut *tx, inquiry.id).await?;
        let changes = after.map(|after| audit_changes(&inquiry, &after)).unwrap_or_default();
        staff::audit_change(&mut tx, self.now, self.actor(), audit_action, &inquiry.reference, &changes).await?;
        self.ctx.set_flash(&mut tx, flash).await?;
        tx.commit().await?;
        self.wake_sender();
        Ok(see_other(location))
    }

    /// Starts sending the e-mails that were queued and committed.
    pub fn wake_sender(&self) {
        self.services.notifier.notify();
    }

    pub async fn record_event(
        &self,
        tx: &mut SqliteConnection,
        id: i64,
        kind: &'static str,
        text: &str,
    ) -> sqlx::Result<()> {
        inquiries::record_event(tx, id, kind, self.actor(), text, self.now).await
    }

    /// Sets the state of an inquiry and of those merged into it. Returns false if it had that state already.
    pub async fn set_state(
        &self,
        tx: &mut SqliteConnection,
        inquiry: &Inquiry,
        state: InquiryState,
    ) -> sqlx::Result<bool> {
        let is_changed = inquiries::set_state(&mut *tx, inquiry.id, state, self.now).await?;
        if is_changed {
            self.record_event(&mut *tx, inquiry.id, "state", state.as_str()).await?;
            let children = inquiries::merge_children(&mut *tx, inquiry.id).await?;
            for child in store::by_ids(&mut *tx, &children).await? {
                // Withdrawn ones keep their state.
                let follows = InquiryState::SETTABLE_BY_STAFF.contains(&child.state) && child.trashed_at.is_none();
                if follows && inquiries::set_state(&mut *tx, child.id, state, self.now).await? {
                    self.record_event(&mut *tx, child.id, "state", state.as_str()).await?;
                }
            }
        }
        Ok(is_changed)
    }

    /// Assigns an inquiry to a member, given as ID and name, or unassigns it.
    pub async fn set_owner(
        &self,
        tx: &mut SqliteConnection,
        inquiry: &Inquiry,
        owner: Option<(i64, &str)>,
    ) -> sqlx::Result<bool> {
        if inquiry.owner_id == owner.map(|(id, _)| id) {
            return Ok(false);
        }
        self.change_owner(&mut *tx, inquiry.id, owner).await?;
        match (inquiry.state, owner) {
            (InquiryState::New, Some(_)) => self.set_state(tx, inquiry, InquiryState::Reading).await?,
            (InquiryState::Reading, None) => self.set_state(tx, inquiry, InquiryState::New).await?,
            _ => false,
        };
        Ok(true)
    }

    /// Changes the owner without changing the state.
    pub async fn change_owner(
        &self,
        tx: &mut SqliteConnection,
        id: i64,
        owner: Option<(i64, &str)>,
    ) -> sqlx::Result<()> {
        store::set_owner(&mut *tx, id, owner.map(|(id, _)| id)).await?;
        self.record_event(tx, id, "owner", owner.map_or("", |(_, name)| name)).await
    }

    pub async fn claim_if_unassigned(&self, tx: &mut SqliteConnection, inquiry: &Inquiry) -> sqlx::Result<()> {
        if inquiry.owner_id.is_none() {
            self.change_owner(tx, inquiry.id, Some((self.ctx.member.id, self.actor()))).await?;
        }
        Ok(())
    }
}

/// `back` if it is a filtered inbox URL, otherwise the inbox. Prevents open redirects.
pub fn safe_return_path(back: &str) -> String {
    let is_list = back.starts_with("/admin/inquiries?") && back.bytes().all(|b| (0x21..0x7f).contains(&b));
    if is_list { back.into() } else { "/admin/inquiries".into() }
}
