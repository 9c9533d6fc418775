//! Bulk actions on selected inquiries: assign, close, release. Inquiries changed in the meantime are skipped.

use std::collections::BTreeMap;

use crate::http::{PageError, PageResult, see_other};
use crate::inquiries::inbox::actions::{can_release, parse_owner, release_inquiry, safe_return_path};
use crate::inquiries::inbox::staff_action::{LockedInquiry, StaffAction, audit_changes, blocked_reason};
use crate::inquiries::{Inquiry, InquiryState, store as inquiries};
use crate::staff::{self, AuditChanges};
use crate::web::{Form, plural};

/// More than any page of the inbox shows.
const MAX_SELECTED: usize = 200;

enum BatchAction {
    Assign(Option<(i64, String)>),
    Close,
    Release,
}

impl BatchAction {
    /// Past participle, for the flash message and the audit log.
    fn describe(&self) -> (&'static str, String) {
        match self {
            Self::Assign(None) => ("unassigned", String::new()),
            Self::Assign(Some((_, name))) => ("assigned", format!(" to {name}")),
            Self::Close => ("closed", String::new()),
            Self::Release => ("released", " from quarantine".into()),
        }
    }

    fn is_allowed(&self, inquiry: &Inquiry) -> bool {
        match self {
            Self::Assign(_) | Self::Close => blocked_reason(inquiry).is_none(),
            Self::Release => can_release(inquiry),
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
            Self::Release => release_inquiry(action, open).await?,
        }
        Ok(())
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
/// `assign` (to `owner`), `close` or `release`.
pub async fn apply(staff_action: StaffAction, form: Form<BTreeMap<String, String>>) -> PageResult {
    let field = |name: &str| form.0.get(name).map_or("", String::as_str);
    let back = safe_return_path(field("back"));
    let batch_action = match field("action") {
        "assign" => BatchAction::Assign(parse_owner(&staff_action, field("owner")).await?),
        "close" => BatchAction::Close,
        "release" => BatchAction::Release,
        _ => return Err(PageError::BadRequest("Choose an action: assign, close or release.")),
    };
    let selected: Vec<SelectedInquiry> = form.0.iter().filter_map(SelectedInquiry::parse).take(MAX_SELECTED).collect();
    let mut tx = staff_action.services.db.begin_write().await?;
    let (mut done, mut skipped, mut missing) = (vec![], vec![], 0);
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
        let mut open = LockedInquiry { inquiry, tx };
        batch_action.apply(&staff_action, &mut open).await?;
        tx = open.tx;
        if let Some(after) = inquiries::find(&mut *tx, row.id).await? {
            let changed = audit_changes(&open.inquiry, &after);
            for (field, before, after) in changed.iter() {
                changes = changes.field(&format!("{reference} {field}"), before, after);
            }
        }
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
    staff_action.ctx.set_flash(&mut tx, &flash).await?;
    tx.commit().await?;
    staff_action.wake_sender();
    Ok(see_other(&back))
}

fn inquiries_text(count: i64) -> String {
    plural(count, "inquiry", "inquiries")
}
