//! Staff actions on one inquiry: status, assignment, notes, occupation.

use actix_web::web::Path;
use serde::Deserialize;

use crate::http::{PageError, PageResult, see_other};
use crate::inquiries::inbox::show;
use crate::inquiries::inbox::staff_action::{ActionError, ExpectedVersion, LockedInquiry, StaffAction};
use crate::inquiries::inbox::view_model::FormInput;
use crate::inquiries::{InquiryState, store as inquiries};
use crate::occupations;
use crate::staff;
use crate::web::{FieldErrors, Form, ascii_digits, multi_line, one_line};

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct StateForm {
    state: String,
    #[serde(flatten)]
    expected: ExpectedVersion,
}

/// `POST /admin/inquiries/{id}/state`
pub async fn set_state(action: StaffAction, id: Path<i64>, form: Form<StateForm>) -> PageResult {
    let result = async {
        let state = InquiryState::parse(&form.0.state)
            .filter(|state| InquiryState::SETTABLE_BY_STAFF.contains(state))
            .ok_or(PageError::BadRequest("Choose a status: new, in progress, answered or closed."))?;
        let mut open = action.lock_editable(*id, &form.0.expected).await?;
        let LockedInquiry { inquiry, tx } = &mut open;
        if matches!(state, InquiryState::Reading | InquiryState::Answered) {
            action.claim_if_unassigned(tx, inquiry).await?;
        }
        if !action.set_state(tx, inquiry, state).await? {
            return Ok(see_other(&form.0.expected.inquiry_path(*id)));
        }
        let label = state.label().to_lowercase();
        let flash = format!("{} marked as {label}.", inquiry.reference);
        let audit_action = format!("changed the status of an inquiry to {label}");
        action.finish(open, &audit_action, &flash, &form.0.expected.inquiry_path(*id)).await
    };
    let result = result.await;
    show::respond(action, *id, FormInput::of_list(&form.0.expected), result).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct OwnerForm {
    owner: String,
    #[serde(flatten)]
    expected: ExpectedVersion,
}

/// Parses the assignee of a form: `me`, `none`, or the ID of an active account. Returns its ID and name.
pub async fn parse_owner(action: &StaffAction, typed: &str) -> Result<Option<(i64, String)>, PageError> {
    const INVALID_OWNER: PageError = PageError::BadRequest("Choose a team member from the list, or Unassigned.");
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
    let result = async {
        let owner = parse_owner(&action, &form.0.owner).await?;
        let mut open = action.lock_editable(*id, &form.0.expected).await?;
        let LockedInquiry { inquiry, tx } = &mut open;
        let owner = owner.as_ref().map(|(id, name)| (*id, name.as_str()));
        action.set_owner(tx, inquiry, owner).await?;
        let reference = &inquiry.reference;
        let (audit_action, flash) = match owner {
            None => ("unassigned an inquiry".into(), format!("{reference} is now unassigned.")),
            Some((id, _)) if id == action.ctx.member.id => {
                ("claimed an inquiry".into(), format!("You claimed {reference}."))
            }
            Some((_, name)) => (format!("assigned an inquiry to {name}"), format!("{reference} assigned to {name}.")),
        };
        action.finish(open, &audit_action, &flash, &form.0.expected.inquiry_path(*id)).await
    };
    let result = result.await;
    show::respond(action, *id, FormInput::of_list(&form.0.expected), result).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct NoteForm {
    #[serde(deserialize_with = "multi_line")]
    note: String,
    #[serde(flatten)]
    expected: ExpectedVersion,
}

/// `POST /admin/inquiries/{id}/notes`: never conflicts with other changes.
pub async fn add_note(action: StaffAction, id: Path<i64>, form: Form<NoteForm>) -> PageResult {
    let NoteForm { note, expected } = form.0;
    let expected = expected.identity_only();
    let result = async {
        action.find(*id, &expected).await?;
        let mut errors = FieldErrors::in_order(&["note"]);
        match note.trim().chars().count() {
            0 => errors.add("note", "Enter a note."),
            1..=10_000 => {}
            _ => errors.add("note", "The note must be 10,000 characters or fewer."),
        }
        if !errors.is_empty() {
            return Err(ActionError::Invalid(errors));
        }
        let mut open = action.lock(*id, &expected).await?;
        action.record_event(&mut open.tx, *id, "note", note.trim()).await?;
        // Without the text, which may contain personal data.
        let reference = &open.inquiry.reference;
        staff::audit(&mut open.tx, action.now(), action.actor(), "added a note to an inquiry", reference).await?;
        action.ctx.set_flash(&mut open.tx, "Note saved.").await?;
        open.tx.commit().await?;
        Ok(see_other(&expected.inquiry_path(*id)))
    };
    let result = result.await;
    show::respond(action, *id, FormInput { note, ..FormInput::of_list(&expected) }, result).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct OccupationForm {
    #[serde(deserialize_with = "one_line")]
    noc: String,
    #[serde(flatten)]
    expected: ExpectedVersion,
}

/// `POST /admin/inquiries/{id}/occupation`: sets the NOC code; the submitted text is kept.
pub async fn set_occupation(action: StaffAction, id: Path<i64>, form: Form<OccupationForm>) -> PageResult {
    let noc = ascii_digits(&form.0.noc);
    let result = async {
        let Some(occupation) = occupations::find(action.services.db.read(), &noc).await? else {
            let mut errors = FieldErrors::in_order(&["noc"]);
            errors.add("noc", "Enter a NOC 2021 code, such as 31301.");
            return Err(ActionError::Invalid(errors));
        };
        let mut open = action.lock_editable(*id, &form.0.expected).await?;
        inquiries::set_noc(&mut open.tx, *id, &occupation.noc).await?;
        let sentence = format!("Occupation set to NOC {}, {}.", occupation.noc, occupation.title_en);
        action.record_event(&mut open.tx, *id, "note", &sentence).await?;
        action.finish(open, "set the occupation of an inquiry", &sentence, &form.0.expected.inquiry_path(*id)).await
    };
    let result = result.await;
    show::respond(action, *id, FormInput { noc: form.0.noc.clone(), ..FormInput::of_list(&form.0.expected) }, result)
        .await
}
