//! Merging and splitting inquiries of the same person.

use actix_web::web::Path;
use serde::Deserialize;

use crate::http::{PageError, PageResult};
use crate::inquiries::inbox::show;
use crate::inquiries::inbox::staff_action::{ActionError, ExpectedVersion, LockedInquiry, StaffAction, blocked_reason};
use crate::inquiries::inbox::store;
use crate::inquiries::inbox::view_model::FormInput;
use crate::inquiries::{InquiryState, store as inquiries};
use crate::web::Form;

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct MergeForm {
    into: String,
    /// Identity of the inquiry `into`.
    into_inquiry: String,
    #[serde(flatten)]
    expected: ExpectedVersion,
}

/// `POST /admin/inquiries/{id}/merge`: merges into the inquiry `into`, or into the one that `into` was merged into.
pub async fn merge(action: StaffAction, id: Path<i64>, form: Form<MergeForm>) -> PageResult {
    const INVALID_TARGET: PageError = PageError::BadRequest("Choose the inquiry to merge into.");
    let result = async {
        let into = form.0.into.parse::<i64>().map_err(|_| INVALID_TARGET)?;
        let mut open = action.lock_editable(*id, &form.0.expected).await?;
        let LockedInquiry { inquiry, tx } = &mut open;
        let named = inquiries::find(&mut **tx, into).await?;
        let named = named.filter(|named| named.matches_identity(&form.0.into_inquiry)).ok_or(INVALID_TARGET)?;
        let root = inquiries::merge_root(&mut **tx, named.id).await?.ok_or(INVALID_TARGET)?;
        let target = inquiries::find(&mut **tx, root).await?.ok_or(INVALID_TARGET)?;
        if into == inquiry.id {
            return Err(ActionError::Blocked("An inquiry cannot be merged into itself."));
        }
        if root == inquiry.id {
            return Err(ActionError::Blocked("That inquiry is already merged into this one. Split them first."));
        }
        if blocked_reason(&target).is_some() {
            return Err(ActionError::Blocked(
                "That inquiry is in the trash, quarantined or withdrawn. Nothing can be merged into it.",
            ));
        }
        store::set_merged(tx, inquiry.id, Some(target.id)).await?;
        action.record_event(tx, inquiry.id, "merged", &format!("this inquiry into {}", target.reference)).await?;
        action.record_event(tx, target.id, "merged", &format!("{} into this inquiry", inquiry.reference)).await?;
        // An unanswered inquiry reopens the one it is merged into, so that it is not overlooked.
        let is_open = |state| matches!(state, InquiryState::New | InquiryState::Reading);
        if is_open(inquiry.state) && !is_open(target.state) {
            let state = if target.owner_id.is_some() { InquiryState::Reading } else { InquiryState::New };
            action.set_state(tx, &target, state).await?;
        }
        let flash = format!("{} merged into {}.", inquiry.reference, target.reference);
        let audit_action = format!("merged an inquiry into {}", target.reference);
        action.finish(open, &audit_action, &flash, &form.0.expected.inquiry_path(root)).await
    };
    let result = result.await;
    show::respond(action, *id, FormInput::of_list(&form.0.expected), result).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct UnmergeForm {
    #[serde(flatten)]
    expected: ExpectedVersion,
}

/// `POST /admin/inquiries/{id}/unmerge`
pub async fn unmerge(action: StaffAction, id: Path<i64>, form: Form<UnmergeForm>) -> PageResult {
    let result = async {
        let mut open = action.lock(*id, &form.0.expected).await?;
        let LockedInquiry { inquiry, tx } = &mut open;
        let other = match inquiry.merged_into {
            Some(into) => inquiries::find(&mut **tx, into).await?,
            None => None,
        };
        let other = other.ok_or(ActionError::Blocked("This inquiry is not merged into another one."))?;
        store::set_merged(tx, inquiry.id, None).await?;
        action.record_event(tx, inquiry.id, "unmerged", &format!("this inquiry from {}", other.reference)).await?;
        action.record_event(tx, other.id, "unmerged", &format!("{} from this inquiry", inquiry.reference)).await?;
        let flash = format!("{} split from {}.", inquiry.reference, other.reference);
        let audit_action = format!("split an inquiry from {}", other.reference);
        action.finish(open, &audit_action, &flash, &form.0.expected.inquiry_path(*id)).await
    };
    let result = result.await;
    show::respond(action, *id, FormInput::of_list(&form.0.expected), result).await
}
