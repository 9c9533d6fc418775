//! Bulk actions: assign, close, spam, not spam, trash. Inquiries changed in the meantime are skipped.

use std::collections::BTreeMap;

use crate::http::{PageError, PageResult, see_other};
use crate::inquiries::inbox::actions::parse_owner;
use crate::inquiries::inbox::batch::store::{self, ChangedInquiry};
use crate::inquiries::inbox::spam::{can_release, mark_as_spam, release_inquiry};
use crate::inquiries::inbox::staff_action::{
    LockedInquiry, StaffAction, audit_changes, blocked_reason, safe_return_path,
};
use crate::inquiries::inbox::store::by_ids;
use crate::inquiries::privacy::trash_by_staff;
use crate::inquiries::{Inquiry, InquiryState, store as inquiries};
use crate::staff::{self, AuditChanges};
use crate::web::{Form, plural};

/// More than any page of the inbox shows.
const MAX_SELECTED: usize = 200;

enum BatchAction {
    Assign(Option<(i64, String)>),
    Close,
    Spam,
    NotSpam,
    Trash,
}

impl BatchAction {
    /// Past participle, for the flash message and the audit log.
    fn describe(&self) -> (&'static str, String) {
        match self {
            Self::Assign(None) => ("unassigned", String::new()),
            Self::Assign(Some((_, name))) => ("assigned", format!(" to {name}")),
            Self::Close => ("closed", String::new()),
            Self::Spam => ("marked", " as spam".into()),
            Self::NotSpam => ("marked", " as not spam".into()),
            Self::Trash => ("moved", " to the trash".into()),
        }
    }

    /// Name of the stored action. `None` if it cannot be undone, because it sends e-mails.
    fn undo_name(&self) -> Option<&'static str> {
        match self {
            Self::Assign(_) => Some("assign"),
            Self::Close => Some("close"),
            Self::Spam => Some("spam"),
            Self::Trash => Some("trash"),
            Self::NotSpam => None,
        }
    }

    fn is_allowed(&self, inquiry: &Inquiry) -> bool {
        match self {
            Self::Assign(_) | Self::Close | Self::Spam => blocked_reason(inquiry).is_none(),
            Self::NotSpam => can_release(inquiry),
            Self::Trash => inquiry.trashed_at.is_none() && !inquiry.on_hold,
        }
    }

    async fn apply(&self, action: &StaffAction, open: &mut LockedInquiry) -> Result<(), PageError> {
        let LockedInquiry { inquiry, tx } = open;
        match self {
            Self::Assign(owner) => {
                let owner = owner.as_ref().map(|(id, name)| (*id, name.as_str()));
                action.set_owner(tx, inquiry, owner).await?;
            }
            Self::Close => {
                action.set_state(tx, inquiry, InquiryState::Closed).await?;
            }
            Self::Spam => mark_as_spam(action, tx, inquiry).await?,
            Self::NotSpam => release_inquiry(action, open).await?,
            Self::Trash => {
                trash_by_staff(tx, inquiry, action.actor(), action.now()).await?;
            }
        }
        Ok(())
    }

    /// Applies the action, and returns what it changed: the inquiry and those merged into it.
    async fn apply_recorded(
        &self,
        action: &StaffAction,
        mut open: LockedInquiry,
    ) -> Result<(LockedInquiry, Vec<ChangedInquiry>), PageError> {
        let mut ids = inquiries::merge_children(&mut *open.tx, open.inquiry.id).await?;
        ids.insert(0, open.inquiry.id);
        let before = by_ids(&mut *open.tx, &ids).await?;
        self.apply(action, &mut open).await?;
        let after = by_ids(&mut *open.tx, &ids).await?;
        let changed = before.iter().zip(after).filter(|(before, after)| before.version != after.version);
        let changed = changed.map(|(before, after)| ChangedInquiry {
            id: before.id,
            version: after.version,
            state: before.state,
            owner_id: before.owner_id,
        });
        Ok((open, changed.collect()))
    }
}

struct SelectedInquiry<'a> {
    id: i64,
    /// Version shown in the list; `None` skips the conflict check.
    version: Option<i64>,
    /// May be empty; see [`Inquiry::identity`].
    identity: &'a str,
}

impl<'a> SelectedInquiry<'a> {
    /// Parses a field such as `inquiry-12=3 IE-2026-000012-ab12cd34`.
    fn parse((name, value): (&String, &'a String)) -> Option<Self> {
        let id = name.strip_prefix("inquiry-")?.parse().ok()?;
        let (version, identity) = value.split_once(' ').unwrap_or((value, ""));
        Some(Self { id, version: version.parse().ok(), identity })
    }
}

/// `POST /admin/inquiries/batch`: one field `inquiry-{id}` per selected inquiry, with version and identity; `action` is
/// `assign` (to `owner`), `close`, `spam`, `not-spam` or `trash`.
pub async fn apply(staff_action: StaffAction, form: Form<BTreeMap<String, String>>) -> PageResult {
    let field = |name: &str| form.0.get(name).map_or("", String::as_str);
    let back = safe_return_path(field("back"));
    let batch_action = match field("action") {
        "assign" => BatchAction::Assign(parse_owner(&staff_action, field("owner")).await?),
        "close" => BatchAction::Close,
        "spam" => BatchAction::Spam,
        "not-spam" => BatchAction::NotSpam,
        "trash" => BatchAction::Trash,
        _ => return Err(PageError::BadRequest("Choose an action: assign, close, spam, not spam or trash.")),
    };
    let selected: Vec<SelectedInquiry> = form.0.iter().filter_map(SelectedInquiry::parse).take(MAX_SELECTED).collect();
    let mut tx = staff_action.services.db.begin_write().await?;
    let (mut done, mut skipped, mut missing, mut changed) = (vec![], vec![], 0, vec![]);
    let mut changes = AuditChanges::default();
    for row in &selected {
        let found = inquiries::find(&mut *tx, row.id).await?;
        let Some(inquiry) = found.filter(|inquiry| inquiry.matches_identity(row.identity)) else {
            missing += i64::from(!row.identity.is_empty());
            continue;
        };
        let reference = inquiry.reference.clone();
        if row.version.is_some_and(|seen| seen != inquiry.version) || !batch_action.is_allowed(&inquiry) {
            skipped.push(reference);
            continue;
        }
        let (open, rows) = batch_action.apply_recorded(&staff_action, LockedInquiry { inquiry, tx }).await?;
        tx = open.tx;
        if let Some(after) = inquiries::find(&mut *tx, row.id).await? {
            for (field, before, after) in audit_changes(&open.inquiry, &after).iter() {
                changes = changes.field(&format!("{reference} {field}"), before, after);
            }
        }
        changed.extend(rows);
        done.push(reference);
    }
    let (verb, rest) = batch_action.describe();
    let count = |references: &[String]| inquiries_text(i64::try_from(references.len()).unwrap_or(0));
    let mut flash = match (selected.is_empty(), done.is_empty()) {
        (true, _) => "Select at least one inquiry. Nothing was changed.".to_owned(),
        (_, true) => "Nothing was changed.".to_owned(),
        _ => format!("{} {verb}{rest}.", count(&done)),
    };
    if !skipped.is_empty() {
        let reason = "changed in the meantime, or not allowed";
        flash += &format!(" {} skipped ({reason}): {}.", count(&skipped), skipped.join(", "));
    }
    if missing > 0 {
        flash += &format!(" {} no longer found.", inquiries_text(missing));
    }
    if !done.is_empty() {
        let audit_action = format!("{verb} several inquiries{rest}");
        let (now, by) = (staff_action.now(), staff_action.actor());
        staff::audit_change(&mut tx, now, by, &audit_action, &done.join(", "), &changes).await?;
    }
    let mut location = back;
    if let Some(name) = batch_action.undo_name().filter(|_| !changed.is_empty()) {
        let id = store::insert(&mut tx, staff_action.ctx.member.id, name, &changed, staff_action.now()).await?;
        let joint = if location.contains('?') { '&' } else { '?' };
        location.push_str(&format!("{joint}undo={id}"));
    }
    staff_action.ctx.set_flash(&mut tx, &flash).await?;
    tx.commit().await?;
    staff_action.wake_sender();
    Ok(see_other(&location))
}

fn inquiries_text(count: i64) -> String {
    plural(count, "inquiry", "inquiries")
}
