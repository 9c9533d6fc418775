//! Undo of a bulk action. Inquiries changed in the meantime are skipped.

use serde::Deserialize;

use crate::http::{PageResult, see_other};
use crate::inquiries::inbox::batch::store::{self, ChangedInquiry};
use crate::inquiries::inbox::staff_action::{StaffAction, safe_return_path};
use crate::inquiries::privacy::restore_from_trash;
use crate::inquiries::{Inquiry, store as inquiries};
use crate::staff;
use crate::web::{Form, plural_len};

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct UndoForm {
    /// ID of the bulk action.
    batch: String,
    /// List to return to.
    back: String,
}

/// `POST /admin/inquiries/undo`
pub async fn undo(action: StaffAction, form: Form<UndoForm>) -> PageResult {
    let back = safe_return_path(&form.0.back);
    let mut tx = action.services.db.begin_write().await?;
    let changed = match form.0.batch.parse() {
        Ok(id) => store::remove(&mut tx, id, action.ctx.member.id, action.now()).await?,
        Err(_) => None,
    };
    let Some(changed) = changed else {
        action.ctx.set_flash(&mut tx, "This can no longer be undone.").await?;
        tx.commit().await?;
        return Ok(see_other(&back));
    };
    let (mut done, mut skipped) = (vec![], vec![]);
    for row in &changed {
        let Some(inquiry) = inquiries::find(&mut *tx, row.id).await? else { continue };
        if inquiry.version == row.version {
            put_back(&action, &mut tx, &inquiry, row).await?;
            done.push(inquiry.reference);
        } else {
            skipped.push(inquiry.reference);
        }
    }
    let mut flash = match done.is_empty() {
        true => "Nothing was undone.".to_owned(),
        false => format!("Undone for {}.", plural_len(done.len(), "inquiry", "inquiries")),
    };
    if !skipped.is_empty() {
        let count = plural_len(skipped.len(), "inquiry", "inquiries");
        flash += &format!(" {count} skipped (changed in the meantime): {}.", skipped.join(", "));
    }
    if !done.is_empty() {
        staff::audit(&mut tx, action.now(), action.actor(), "undid a bulk action", &done.join(", ")).await?;
    }
    action.ctx.set_flash(&mut tx, &flash).await?;
    tx.commit().await?;
    Ok(see_other(&back))
}

/// Gives an inquiry the state and owner that it had before, and records each change in its history.
async fn put_back(
    action: &StaffAction,
    tx: &mut sqlx::SqliteConnection,
    inquiry: &Inquiry,
    before: &ChangedInquiry,
) -> sqlx::Result<()> {
    if inquiry.trashed_at.is_some() {
        restore_from_trash(&mut *tx, inquiry.id, action.actor(), action.now()).await?;
    }
    if inquiry.owner_id != before.owner_id {
        let owner = match before.owner_id {
            Some(id) => staff::all(&mut *tx).await?.into_iter().find(|member| member.id == id),
            None => None,
        };
        action.change_owner(&mut *tx, inquiry.id, owner.as_ref().map(|owner| (owner.id, owner.name.as_str()))).await?;
    }
    if inquiry.state != before.state {
        if inquiry.state_before_spam.is_some() {
            inquiries::forget_spam_verdict(&mut *tx, inquiry.id).await?;
        }
        inquiries::set_state(&mut *tx, inquiry.id, before.state, action.now()).await?;
        action.record_event(&mut *tx, inquiry.id, "state", before.state.as_str()).await?;
    }
    Ok(())
}
