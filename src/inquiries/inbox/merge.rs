//! Two inquiries of one person: one is answered in the other, or each by itself again.

use actix_web::web::Path;
use serde::Deserialize;

use crate::inquiries::inbox::change::address;
use crate::inquiries::inbox::show::Typed;
use crate::inquiries::inbox::store;
use crate::inquiries::inbox::work::{Open, Refused, Seen, Work, shut};
use crate::inquiries::{State, store as inquiries};
use crate::web::{Form, PageError, PageResult};

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct MergeForm {
    into: String,
    /// Which inquiry `into` names, beyond doubt.
    into_inquiry: String,
    #[serde(flatten)]
    seen: Seen,
}

/// `POST /admin/inquiries/{id}/merge`: from now on this one is answered in that one, or in the one that one is answered in.
pub async fn merge(work: Work, id: Path<i64>, form: Form<MergeForm>) -> PageResult {
    const NONE: PageError = PageError::BadRequest("Choose the inquiry in which this one is to be answered.");
    let into = form.0.into.parse::<i64>().map_err(|_| NONE)?;
    let mut open = match work.open_for_work(*id, &form.0.seen).await? {
        Ok(open) => open,
        Err(refused) => return work.refuse(*id, refused, Typed::default()).await,
    };
    let Open { inquiry, tx } = &mut open;
    let named = inquiries::find(&mut **tx, into).await?.filter(|named| named.is_meant_by(&form.0.into_inquiry));
    let root = inquiries::root(&mut **tx, named.ok_or(NONE)?.id).await?.ok_or(NONE)?;
    let target = inquiries::find(&mut **tx, root).await?.ok_or(NONE)?;
    let problem = if root == inquiry.id && into == inquiry.id {
        Some("An inquiry cannot be answered in itself.")
    } else if root == inquiry.id {
        Some("That one is answered in this one already: separate the two first.")
    } else {
        shut(&target).map(|_| "That one is in the bin, set aside or taken back: nothing can be answered in it.")
    };
    if let Some(problem) = problem {
        open.tx.rollback().await?;
        return work.refuse(*id, Refused::Shut(problem), Typed::default()).await;
    }
    store::set_merged(tx, inquiry.id, Some(target.id)).await?;
    work.note(tx, inquiry.id, "merged", &format!("it into {}", target.reference)).await?;
    work.note(tx, target.id, "merged", &format!("{} into it", inquiry.reference)).await?;
    // What nobody has answered yet must not vanish in one that is done with.
    let is_open = |state| matches!(state, State::New | State::Reading);
    if is_open(inquiry.state) && !is_open(target.state) {
        let again = if target.owner_id.is_some() { State::Reading } else { State::New };
        work.set_state(tx, &target, again).await?;
    }
    let sentence = format!("{} is answered in {} from now on.", inquiry.reference, target.reference);
    let deed = format!("merged an inquiry into {}", target.reference);
    work.done(open, &deed, &sentence, &address(root)).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct SeparateForm {
    #[serde(flatten)]
    seen: Seen,
}

/// `POST /admin/inquiries/{id}/unmerge`: it is answered by itself again.
pub async fn separate(work: Work, id: Path<i64>, form: Form<SeparateForm>) -> PageResult {
    let mut open = match work.open(*id, &form.0.seen).await? {
        Ok(open) => open,
        Err(refused) => return work.refuse(*id, refused, Typed::default()).await,
    };
    let Open { inquiry, tx } = &mut open;
    let other = match inquiry.merged_into {
        Some(into) => inquiries::find(&mut **tx, into).await?,
        None => None,
    };
    let Some(other) = other else {
        open.tx.rollback().await?;
        return work.refuse(*id, Refused::Shut("It is answered by itself already."), Typed::default()).await;
    };
    store::set_merged(tx, inquiry.id, None).await?;
    work.note(tx, inquiry.id, "unmerged", &format!("it from {}", other.reference)).await?;
    work.note(tx, other.id, "unmerged", &format!("{} from it", inquiry.reference)).await?;
    let sentence = format!("{} is answered by itself again.", inquiry.reference);
    let deed = format!("separated an inquiry from {}", other.reference);
    work.done(open, &deed, &sentence, &address(*id)).await
}
