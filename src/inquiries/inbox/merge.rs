//! Two inquiries of one person: one is answered in the other, or each by itself again.

use actix_web::web::Path;
use serde::Deserialize;

use crate::http::{PageError, PageResult};
use crate::inquiries::inbox::actions::inquiry_path;
use crate::inquiries::inbox::show::FormInput;
use crate::inquiries::inbox::staff_action::{ActionError, ExpectedVersion, LockedInquiry, StaffAction, blocked_reason};
use crate::inquiries::inbox::store;
use crate::inquiries::{InquiryState, store as inquiries};
use crate::web::Form;

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct MergeForm {
    into: String,
    /// Which inquiry `into` names, beyond doubt.
    into_inquiry: String,
    #[serde(flatten)]
    seen: ExpectedVersion,
}

/// `POST /admin/inquiries/{id}/merge`: from now on this one is answered in that one, or in the one that one is answered in.
pub async fn merge(action: StaffAction, id: Path<i64>, form: Form<MergeForm>) -> PageResult {
    const INVALID_TARGET: PageError = PageError::BadRequest("Choose the inquiry in which this one is to be answered.");
    let into = form.0.into.parse::<i64>().map_err(|_| INVALID_TARGET)?;
    let mut open = match action.lock_editable(*id, &form.0.seen).await? {
        Ok(open) => open,
        Err(refused) => return action.error_page(*id, refused, FormInput::default()).await,
    };
    let LockedInquiry { inquiry, tx } = &mut open;
    let named = inquiries::find(&mut **tx, into).await?.filter(|named| named.matches_identity(&form.0.into_inquiry));
    let root = inquiries::merge_root(&mut **tx, named.ok_or(INVALID_TARGET)?.id).await?.ok_or(INVALID_TARGET)?;
    let target = inquiries::find(&mut **tx, root).await?.ok_or(INVALID_TARGET)?;
    let problem = if root == inquiry.id && into == inquiry.id {
        Some("An inquiry cannot be answered in itself.")
    } else if root == inquiry.id {
        Some("That one is answered in this one already: separate the two first.")
    } else {
        blocked_reason(&target)
            .map(|_| "That one is in the bin, set aside or taken back: nothing can be answered in it.")
    };
    if let Some(problem) = problem {
        open.tx.rollback().await?;
        return action.error_page(*id, ActionError::Blocked(problem), FormInput::default()).await;
    }
    store::set_merged(tx, inquiry.id, Some(target.id)).await?;
    action.record_event(tx, inquiry.id, "merged", &format!("it into {}", target.reference)).await?;
    action.record_event(tx, target.id, "merged", &format!("{} into it", inquiry.reference)).await?;
    // What nobody has answered yet must not vanish in one that is done with.
    let is_open = |state| matches!(state, InquiryState::New | InquiryState::Reading);
    if is_open(inquiry.state) && !is_open(target.state) {
        let again = if target.owner_id.is_some() { InquiryState::Reading } else { InquiryState::New };
        action.set_state(tx, &target, again).await?;
    }
    let sentence = format!("{} is answered in {} from now on.", inquiry.reference, target.reference);
    let audit_action = format!("merged an inquiry into {}", target.reference);
    action.finish(open, &audit_action, &sentence, &inquiry_path(root)).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct UnmergeForm {
    #[serde(flatten)]
    seen: ExpectedVersion,
}

/// `POST /admin/inquiries/{id}/unmerge`: it is answered by itself again.
pub async fn unmerge(action: StaffAction, id: Path<i64>, form: Form<UnmergeForm>) -> PageResult {
    let mut open = match action.lock(*id, &form.0.seen).await? {
        Ok(open) => open,
        Err(refused) => return action.error_page(*id, refused, FormInput::default()).await,
    };
    let LockedInquiry { inquiry, tx } = &mut open;
    let other = match inquiry.merged_into {
        Some(into) => inquiries::find(&mut **tx, into).await?,
        None => None,
    };
    let Some(other) = other else {
        open.tx.rollback().await?;
        return action
            .error_page(*id, ActionError::Blocked("It is answered by itself already."), FormInput::default())
            .await;
    };
    store::set_merged(tx, inquiry.id, None).await?;
    action.record_event(tx, inquiry.id, "unmerged", &format!("it from {}", other.reference)).await?;
    action.record_event(tx, other.id, "unmerged", &format!("{} from it", inquiry.reference)).await?;
    let sentence = format!("{} is answered by itself again.", inquiry.reference);
    let audit_action = format!("separated an inquiry from {}", other.reference);
    action.finish(open, &audit_action, &sentence, &inquiry_path(*id)).await
}
