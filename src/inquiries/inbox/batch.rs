//! Several inquiries at once: given to somebody, closed, or released. Those that somebody changed meanwhile are left alone.

use std::collections::BTreeMap;

use sqlx::SqliteConnection;

use crate::http::{PageError, PageResult, see_other};
use crate::inquiries::inbox::actions::{can_release, parse_owner, release_inquiry, safe_return_path};
use crate::inquiries::inbox::staff_action::{LockedInquiry, StaffAction, blocked_reason};
use crate::inquiries::{Inquiry, InquiryState, store as inquiries};
use crate::staff;
use crate::web::{Form, plural};

/// No list shows more at once.
const MAX_SELECTED: usize = 200;

enum BatchAction {
    Assign(Option<(i64, String)>),
    Close,
    Release,
}

impl BatchAction {
    fn describe(&self) -> String {
        match self {
            Self::Assign(None) => "given back".into(),
            Self::Assign(Some((_, name))) => format!("given to {name}"),
            Self::Close => "closed".into(),
            Self::Release => "released".into(),
        }
    }

    fn is_allowed(&self, inquiry: &Inquiry) -> bool {
        match self {
            Self::Assign(_) | Self::Close => blocked_reason(inquiry).is_none(),
            Self::Release => can_release(inquiry),
        }
    }
}

/// An inquiry that was picked in the list.
struct SelectedInquiry<'a> {
    id: i64,
    /// The version that was seen; `None` is compared with nothing.
    version: Option<i64>,
    /// Which inquiry it is, beyond doubt; may be empty.
    identity: &'a str,
}

impl<'a> SelectedInquiry<'a> {
    /// Reads a field such as `inquiry-12`, which holds the version and the identity.
    fn parse((name, seen): (&String, &'a String)) -> Option<Self> {
        let id = name.strip_prefix("inquiry-")?.parse().ok()?;
        let (version, identity) = seen.split_once(' ').unwrap_or((seen, ""));
        Some(Self { id, version: version.parse().ok(), identity })
    }
}

/// `POST /admin/inquiries/batch`: a field `inquiry-12` for each that is meant, holding the version that was seen and the
/// identity of the inquiry; `action` is `assign` (to `owner`), `close` or `release`.
pub async fn apply(staff_action: StaffAction, form: Form<BTreeMap<String, String>>) -> PageResult {
    let field = |name: &str| form.0.get(name).map_or("", String::as_str);
    let back = safe_return_path(field("back"));
    let batch_action = match field("action") {
        "assign" => BatchAction::Assign(parse_owner(&staff_action, field("owner")).await?),
        "close" => BatchAction::Close,
        "release" => BatchAction::Release,
        _ => return Err(PageError::BadRequest("Choose what is to be done: assign, close or release.")),
    };
    let selected: Vec<SelectedInquiry> = form.0.iter().filter_map(SelectedInquiry::parse).take(MAX_SELECTED).collect();
    let mut tx = staff_action.services.db.begin_write().await?;
    let (mut done, mut skipped, mut missing) = (vec![], vec![], 0);
    for picked in &selected {
        let found = inquiries::find(&mut *tx, picked.id).await?;
        let Some(inquiry) = found.filter(|inquiry| inquiry.matches_identity(picked.identity)) else {
            missing += i64::from(!picked.identity.is_empty());
            continue;
        };
        let reference = inquiry.reference.clone();
        if picked.version.is_some_and(|seen| seen != inquiry.version) || !batch_action.is_allowed(&inquiry) {
            skipped.push(reference);
            continue;
        }
        let mut open = LockedInquiry { inquiry, tx };
        apply_one(&staff_action, &batch_action, &mut open).await?;
        tx = open.tx;
        done.push(reference);
    }
    let counted = |all: &[String]| plural(i64::try_from(all.len()).unwrap_or(0), "inquiry", "inquiries");
    let mut sentence = match (selected.is_empty(), done.is_empty()) {
        (true, _) => "Pick some inquiries first. Nothing was changed.".to_owned(),
        (_, true) => "Nothing was changed.".to_owned(),
        _ => format!("{} {}.", counted(&done), batch_action.describe()),
    };
    if !skipped.is_empty() {
        let were = if skipped.len() == 1 { "was" } else { "were" };
        sentence += &format!(
            " {} {were} changed meanwhile, or cannot be, and left alone: {}.",
            counted(&skipped),
            skipped.join(", ")
        );
    }
    if missing > 0 {
        let are = if missing == 1 { "is" } else { "are" };
        sentence += &format!(" {} {are} no longer there.", plural(missing, "inquiry", "inquiries"));
    }
    if !done.is_empty() {
        audit_batch(&staff_action, &mut tx, &batch_action, &done).await?;
    }
    staff_action.ctx.set_flash(&mut tx, &sentence).await?;
    tx.commit().await?;
    staff_action.wake_sender();
    Ok(see_other(&back))
}

async fn audit_batch(
    staff_action: &StaffAction,
    tx: &mut SqliteConnection,
    batch_action: &BatchAction,
    done: &[String],
) -> sqlx::Result<()> {
    let action = format!("several inquiries {}", batch_action.describe());
    staff::audit(tx, staff_action.now(), staff_action.actor(), &action, &done.join(", ")).await
}

async fn apply_one(
    staff_action: &StaffAction,
    batch_action: &BatchAction,
    open: &mut LockedInquiry,
) -> Result<(), PageError> {
    match batch_action {
        BatchAction::Assign(owner) => {
            let owner = owner.as_ref().map(|(id, name)| (*id, name.as_str()));
            staff_action.set_owner(&mut open.tx, &open.inquiry, owner).await?;
        }
        BatchAction::Close => {
            staff_action.set_state(&mut open.tx, &open.inquiry, InquiryState::Closed).await?;
        }
        BatchAction::Release => release_inquiry(staff_action, open).await?,
    }
    Ok(())
}
