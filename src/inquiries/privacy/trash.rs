//! Trash and legal hold in the admin area.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use jiff::Timestamp;
use serde::Deserialize;
use sqlx::SqliteConnection;

use crate::db::Database;
use crate::http::{PageError, PageResult, html, see_other};
use crate::inquiries::gone;
use crate::inquiries::inquiry::{identity, page_path};
use crate::inquiries::privacy::retention::trash_expires_at;
use crate::inquiries::privacy::store::{self, DeletionReason};
use crate::inquiries::store::{consent_text, find, record_event};
use crate::inquiries::{Inquiry, InquiryState};
use crate::services::Services;
use crate::staff::{self, AuditChanges, StaffContext};
use crate::web::{self, DisplayDate, DisplayTime, Form, Pagination, Query, one_line};

/// Retention section of the inquiry page.
pub struct RetentionPanel {
    /// ID of the inquiry.
    pub id: i64,
    pub identity: String,
    /// Query string of the list that the inquiry was opened from.
    pub list: String,
    pub on_hold: bool,
    /// Last day of the retention period.
    pub kept_until: DisplayDate,
    pub trash: Option<TrashState>,
    /// Time of the consent, and its text if known.
    pub consent: Option<(DisplayTime, Option<String>)>,
}

pub struct TrashState {
    pub since: DisplayTime,
    pub reason: &'static str,
    pub deletes_at: DisplayTime,
    pub is_withdrawn: bool,
}

impl RetentionPanel {
    pub async fn load(
        inquiry: &Inquiry,
        list: &str,
        periods: &web::RetentionPeriods,
        db: &Database,
    ) -> sqlx::Result<Self> {
        let status = store::retention_status(db.read(), inquiry.id).await?.ok_or(sqlx::Error::RowNotFound)?;
        let trash = inquiry.trashed_at.zip(status.trash_reason).map(|(at, reason)| TrashState {
            since: DisplayTime::in_office(at.to_jiff()),
            reason: reason.label(),
            deletes_at: DisplayTime::in_office(trash_expires_at(at.to_jiff())),
            is_withdrawn: reason == DeletionReason::Withdrawn,
        });
        let consent = match (inquiry.consented(), &inquiry.consent_version) {
            (Some(when), Some(version)) => Some((when, consent_text(db.read(), version).await?)),
            (when, _) => when.map(|when| (when, None)),
        };
        Ok(Self {
            id: inquiry.id,
            identity: inquiry.identity(),
            list: list.to_owned(),
            on_hold: inquiry.on_hold,
            kept_until: status.period(periods).expires_on(status.since).into(),
            trash,
            consent,
        })
    }
}

#[derive(Template)]
#[template(path = "inquiries/admin_trash.html")]
struct TrashPage {
    ctx: StaffContext,
    rows: Vec<TrashRow>,
    paging: Pagination,
}

struct TrashRow {
    id: i64,
    identity: String,
    reference: String,
    name: String,
    since: DisplayTime,
    reason: &'static str,
    deletes_at: DisplayTime,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct TrashQuery {
    page: String,
}

/// `GET /admin/inquiries/trash?page=`
pub async fn list(ctx: StaffContext, query: Query<TrashQuery>, services: Data<Services>) -> PageResult {
    let total = store::count_trashed(services.db.read()).await?;
    let paging = Pagination::new(&query.0.page, total, 50, "/admin/inquiries/trash".into())?;
    let trashed = store::trashed(services.db.read(), paging.per_page, paging.offset()).await?;
    let rows = trashed.into_iter().map(|one| TrashRow {
        identity: identity(&one.reference, &one.receipt_token),
        since: DisplayTime::in_office(one.trashed_at),
        deletes_at: DisplayTime::in_office(trash_expires_at(one.trashed_at)),
        reason: one.reason.label(),
        id: one.id,
        reference: one.reference,
        name: one.name,
    });
    let rows = rows.collect();
    html(StatusCode::OK, &TrashPage { ctx, rows, paging })
}

/// Identity of the inquiry that a form is about; see [`Inquiry::identity`].
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct IdentityForm {
    inquiry: String,
    /// Query string of the list that the inquiry was opened from.
    #[serde(deserialize_with = "one_line")]
    list: String,
}

/// `POST /admin/inquiries/{id}/trash`
pub async fn move_to_trash(
    ctx: StaffContext,
    id: Path<i64>,
    form: Form<IdentityForm>,
    services: Data<Services>,
) -> PageResult {
    let now = services.clock.now();
    let mut tx = services.db.begin_write().await?;
    let found = find(&mut *tx, *id).await?;
    let Some(inquiry) = found.as_ref().filter(|inquiry| inquiry.matches_identity(&form.0.inquiry)) else {
        tx.rollback().await?;
        return gone::page(ctx, found.as_ref(), vec![]);
    };
    let reference = &inquiry.reference;
    let flash = if trash_by_staff(&mut tx, inquiry, &ctx.member.name, now).await? {
        let changes = AuditChanges::default().field("in the trash", "no", "yes");
        let action = "moved an inquiry to the trash";
        staff::audit_change(&mut tx, now, &ctx.member.name, action, reference, &changes).await?;
        format!(
            "{reference} moved to the trash. It will be deleted with its e-mails in 7 days; until then you can restore it."
        )
    } else if inquiry.on_hold {
        format!("{reference} is on hold (client record). Remove the hold first.")
    } else {
        format!("{reference} is already in the trash.")
    };
    ctx.set_flash(&mut tx, &flash).await?;
    tx.commit().await?;
    Ok(see_other(&page_path(inquiry.id, &form.0.list)))
}

/// Moves an inquiry to the trash. Returns false if it is already there, or on hold.
pub async fn trash_by_staff(
    tx: &mut SqliteConnection,
    inquiry: &Inquiry,
    actor: &str,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let is_trashed = store::trash(&mut *tx, inquiry.id, DeletionReason::Staff, now).await?;
    if is_trashed {
        record_event(tx, inquiry.id, "trashed", actor, DeletionReason::Staff.as_str(), now).await?;
    }
    Ok(is_trashed)
}

/// Restores an inquiry from the trash in the state that it has.
pub async fn restore_from_trash(tx: &mut SqliteConnection, id: i64, actor: &str, now: Timestamp) -> sqlx::Result<()> {
    if store::untrash_silently(&mut *tx, id).await? {
        record_event(tx, id, "restored", actor, "", now).await?;
    }
    Ok(())
}

/// `POST /admin/inquiries/{id}/restoration`
pub async fn restore(
    ctx: StaffContext,
    id: Path<i64>,
    form: Form<IdentityForm>,
    services: Data<Services>,
) -> PageResult {
    let now = services.clock.now();
    let mut tx = services.db.begin_write().await?;
    let found = find(&mut *tx, *id).await?;
    let Some(inquiry) = found.as_ref().filter(|inquiry| inquiry.matches_identity(&form.0.inquiry)) else {
        tx.rollback().await?;
        return gone::page(ctx, found.as_ref(), vec![]);
    };
    let flash = if store::restore(&mut tx, inquiry.id, now).await? {
        record_event(&mut tx, inquiry.id, "restored", &ctx.member.name, "", now).await?;
        let changes = AuditChanges::default().field("in the trash", "yes", "no");
        let action = "restored an inquiry from the trash";
        staff::audit_change(&mut tx, now, &ctx.member.name, action, &inquiry.reference, &changes).await?;
        format!("{} restored. Its retention period starts again today.", inquiry.reference)
    } else {
        format!("{} is not in the trash.", inquiry.reference)
    };
    ctx.set_flash(&mut tx, &flash).await?;
    tx.commit().await?;
    Ok(see_other(&page_path(inquiry.id, &form.0.list)))
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct HoldForm {
    hold: String,
    #[serde(flatten)]
    identity: IdentityForm,
}

/// `POST /admin/inquiries/{id}/hold`: `hold` is `on` or `off`.
pub async fn set_hold(ctx: StaffContext, id: Path<i64>, form: Form<HoldForm>, services: Data<Services>) -> PageResult {
    let on_hold = match form.0.hold.as_str() {
        "on" => true,
        "off" => false,
        _ => return Err(PageError::BadRequest("Choose whether to place the inquiry on hold.")),
    };
    let now = services.clock.now();
    let mut tx = services.db.begin_write().await?;
    let found = find(&mut *tx, *id).await?;
    let Some(inquiry) = found.as_ref().filter(|inquiry| inquiry.matches_identity(&form.0.identity.inquiry)) else {
        tx.rollback().await?;
        return gone::page(ctx, found.as_ref(), vec![]);
    };
    let reference = &inquiry.reference;
    let changed = store::set_hold(&mut tx, inquiry.id, on_hold).await?;
    if changed {
        record_event(&mut tx, inquiry.id, "hold", &ctx.member.name, if on_hold { "on" } else { "off" }, now).await?;
        let audit_action = if on_hold { "placed an inquiry on hold" } else { "removed the hold on an inquiry" };
        let held = |on_hold: bool| if on_hold { "yes" } else { "no" };
        let changes = AuditChanges::default().field("on hold", held(!on_hold), held(on_hold));
        staff::audit_change(&mut tx, now, &ctx.member.name, audit_action, reference, &changes).await?;
    }
    // A held inquiry must not stay in the trash. A withdrawn one stays withdrawn.
    let was_trashed = on_hold && store::untrash_silently(&mut tx, inquiry.id).await?;
    if was_trashed {
        record_event(&mut tx, inquiry.id, "restored", &ctx.member.name, "", now).await?;
    }
    // An inquiry that was withdrawn while on hold moves to the trash now.
    let is_trashed_again = changed
        && !on_hold
        && inquiry.state == InquiryState::Withdrawn
        && store::trash(&mut tx, inquiry.id, DeletionReason::Withdrawn, now).await?;
    if is_trashed_again {
        record_event(&mut tx, inquiry.id, "trashed", &ctx.member.name, DeletionReason::Withdrawn.as_str(), now).await?;
    }
    let flash = match (on_hold, was_trashed) {
        (true, false) => format!("{reference} is on hold. It is kept until the hold is removed."),
        (true, true) => format!("{reference} restored and placed on hold. It is kept until the hold is removed."),
        (false, _) if is_trashed_again => format!(
            "Hold on {reference} removed. The visitor withdrew it, so it moved to the trash and will be deleted in 7 days."
        ),
        (false, _) if changed => format!("Hold on {reference} removed. Its retention period starts again today."),
        (false, _) => format!("{reference} is not on hold."),
    };
    ctx.set_flash(&mut tx, &flash).await?;
    tx.commit().await?;
    Ok(see_other(&page_path(inquiry.id, &form.0.identity.list)))
}
