//! What staff do with one inquiry: its state, its owner, notes, what its occupation means, and releasing what was set aside.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use serde::Deserialize;

use crate::http::{PageError, PageResult, see_other};
use crate::inquiries::inbox::show::{FormInput, state_label};
use crate::inquiries::inbox::staff_action::{ActionError, ExpectedVersion, LockedInquiry, StaffAction};
use crate::inquiries::intake::notifications::queue_notifications;
use crate::inquiries::{Inquiry, InquiryState, store as inquiries};
use crate::occupations;
use crate::staff;
use crate::web::{Form, multi_line, one_line};

/// Where the page of an inquiry is.
pub fn inquiry_path(id: i64) -> String {
    format!("/admin/inquiries/{id}")
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct StateForm {
    state: String,
    #[serde(flatten)]
    seen: ExpectedVersion,
}

/// `POST /admin/inquiries/{id}/state`
pub async fn set_state(action: StaffAction, id: Path<i64>, form: Form<StateForm>) -> PageResult {
    let state = InquiryState::parse(&form.0.state)
        .filter(|state| InquiryState::SETTABLE_BY_STAFF.contains(state))
        .ok_or(PageError::BadRequest("Choose new, reading, answered or closed."))?;
    let mut open = match action.lock_editable(*id, &form.0.seen).await? {
        Ok(open) => open,
        Err(refused) => return action.error_page(*id, refused, FormInput::default()).await,
    };
    let LockedInquiry { inquiry, tx } = &mut open;
    if matches!(state, InquiryState::Reading | InquiryState::Answered) {
        action.claim_if_unassigned(tx, inquiry).await?;
    }
    if !action.set_state(tx, inquiry, state).await? {
        // Pressed twice: it is so already.
        open.tx.rollback().await?;
        return Ok(see_other(&inquiry_path(*id)));
    }
    let sentence = format!("{} is now marked as {}.", inquiry.reference, state_label(state));
    action.finish(open, &format!("marked an inquiry {}", state.as_str()), &sentence, &inquiry_path(*id)).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct OwnerForm {
    owner: String,
    #[serde(flatten)]
    seen: ExpectedVersion,
}

/// Whom a form names: `me`, `none`, or the number of an account that is in use.
pub async fn parse_owner(action: &StaffAction, typed: &str) -> Result<Option<(i64, String)>, PageError> {
    const INVALID_OWNER: PageError = PageError::BadRequest("Choose a colleague from the list, or nobody.");
    let me = &action.ctx.member;
    match typed {
        "none" => Ok(None),
        "me" => Ok(Some((me.id, me.name.clone()))),
        id => {
            let id = id.parse::<i64>().map_err(|_| INVALID_OWNER)?;
            let member = staff::all(action.services.db.read())
                .await?
                .into_iter()
                .find(|member| member.id == id && member.active);
            member.map(|member| Some((member.id, member.name))).ok_or(INVALID_OWNER)
        }
    }
}

/// `POST /admin/inquiries/{id}/owner`
pub async fn set_owner(action: StaffAction, id: Path<i64>, form: Form<OwnerForm>) -> PageResult {
    let owner = parse_owner(&action, &form.0.owner).await?;
    let mut open = match action.lock_editable(*id, &form.0.seen).await? {
        Ok(open) => open,
        Err(refused) => return action.error_page(*id, refused, FormInput::default()).await,
    };
    let LockedInquiry { inquiry, tx } = &mut open;
    let owner = owner.as_ref().map(|(id, name)| (*id, name.as_str()));
    action.set_owner(tx, inquiry, owner).await?;
    let (audit_action, sentence) = match owner {
        None => ("gave an inquiry back".into(), format!("Nobody looks after {} now.", inquiry.reference)),
        Some((id, _)) if id == action.ctx.member.id => {
            ("took an inquiry".into(), format!("You look after {} now.", inquiry.reference))
        }
        Some((_, name)) => {
            (format!("gave an inquiry to {name}"), format!("{name} looks after {} now.", inquiry.reference))
        }
    };
    action.finish(open, &audit_action, &sentence, &inquiry_path(*id)).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct NoteForm {
    #[serde(deserialize_with = "multi_line")]
    note: String,
    #[serde(flatten)]
    seen: ExpectedVersion,
}

/// `POST /admin/inquiries/{id}/notes`: notes only add, so that they never stand in each other's way.
pub async fn add_note(action: StaffAction, id: Path<i64>, form: Form<NoteForm>) -> PageResult {
    let NoteForm { note, seen } = form.0;
    let seen = seen.identity_only();
    if let Err(refused) = action.find(*id, &seen).await? {
        return action.error_page(*id, refused, FormInput { note, ..FormInput::default() }).await;
    }
    let note_error = match note.trim().chars().count() {
        0 => "Write the note first.",
        1..=10_000 => "",
        _ => "Keep the note under 10,000 letters.",
    };
    if !note_error.is_empty() {
        let typed = FormInput { note, note_error, ..FormInput::default() };
        return action.page(StatusCode::UNPROCESSABLE_ENTITY, *id, typed).await;
    }
    let mut open = match action.lock(*id, &seen).await? {
        Ok(open) => open,
        Err(refused) => return action.error_page(*id, refused, FormInput { note, ..FormInput::default() }).await,
    };
    action.record_event(&mut open.tx, *id, "note", note.trim()).await?;
    action.ctx.set_flash(&mut open.tx, "The note is kept.").await?;
    open.tx.commit().await?;
    Ok(see_other(&inquiry_path(*id)))
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct OccupationForm {
    #[serde(deserialize_with = "one_line")]
    noc: String,
    #[serde(flatten)]
    seen: ExpectedVersion,
}

/// `POST /admin/inquiries/{id}/occupation`: which occupation the applicant's words mean. What they wrote stays.
pub async fn set_occupation(action: StaffAction, id: Path<i64>, form: Form<OccupationForm>) -> PageResult {
    let found = occupations::find(action.services.db.read(), &form.0.noc).await?;
    let occupation = found.ok_or(PageError::BadRequest("Choose an occupation of NOC 2021, by its code."))?;
    let mut open = match action.lock_editable(*id, &form.0.seen).await? {
        Ok(open) => open,
        Err(refused) => return action.error_page(*id, refused, FormInput::default()).await,
    };
    inquiries::set_noc(&mut open.tx, *id, &occupation.noc).await?;
    let sentence = format!("The occupation is NOC {}, {}.", occupation.noc, occupation.title_en);
    action.record_event(&mut open.tx, *id, "note", &sentence).await?;
    action.finish(open, "said what an occupation means", &sentence, &inquiry_path(*id)).await
}

/// Where the page goes on that released it.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ReleaseForm {
    back: String,
    #[serde(flatten)]
    seen: ExpectedVersion,
}

/// `POST /admin/inquiries/{id}/release`: what was set aside becomes an inquiry like any other, and its letters are queued.
pub async fn release(action: StaffAction, id: Path<i64>, form: Form<ReleaseForm>) -> PageResult {
    let mut open = match action.lock(*id, &form.0.seen).await? {
        Ok(open) => open,
        Err(refused) => return action.error_page(*id, refused, FormInput::default()).await,
    };
    if !can_release(&open.inquiry) {
        open.tx.rollback().await?;
        let refused = ActionError::Blocked("It is not set aside: there is nothing to release.");
        return action.error_page(*id, refused, FormInput::default()).await;
    }
    release_inquiry(&action, &mut open).await?;
    let sentence = format!("{} is released. Its letters are on their way.", open.inquiry.reference);
    let back = if form.0.back.is_empty() { inquiry_path(*id) } else { safe_return_path(&form.0.back) };
    action.finish(open, "released an inquiry", &sentence, &back).await
}

/// Whether an inquiry was set aside.
pub fn can_release(inquiry: &Inquiry) -> bool {
    inquiry.state == InquiryState::Quarantined && inquiry.trashed_at.is_none()
}

/// Releases one, and queues what would have been written when it came.
pub async fn release_inquiry(action: &StaffAction, open: &mut LockedInquiry) -> Result<(), PageError> {
    let LockedInquiry { inquiry, tx } = open;
    inquiries::set_state(tx, inquiry.id, InquiryState::New, action.now()).await?;
    action.record_event(tx, inquiry.id, "released", "").await?;
    queue_notifications(tx, inquiry, &action.ctx.layout.firm, &action.services.http.base_url, action.now()).await?;
    Ok(())
}

/// An address of the list, or the list itself: nobody is led elsewhere.
pub fn safe_return_path(back: &str) -> String {
    let is_list = back.starts_with("/admin/inquiries?") && back.bytes().all(|b| (0x21..0x7f).contains(&b));
    if is_list { back.into() } else { "/admin/inquiries".into() }
}
