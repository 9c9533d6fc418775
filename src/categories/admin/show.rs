//! Admin page of one category list: review, close, reopen, delete.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;

use crate::categories::admin::list::verification_age;

use crate::categories::admin::store;
use crate::categories::category_list::{CategoryList, ListStatus};
use crate::categories::store::{draws_under, occupations_of, versions};
use crate::clock::Clock;
use crate::db::Database;
use crate::http::{PageError, PageResult, html, see_other};
use crate::noc::Occupation;
use crate::services::Services;
use crate::staff::{self, AuditChanges, StaffContext};
use crate::web::{DisplayDate, FieldErrors, Form, office_time_zone, one_line, parse_entered_date, plural};

#[derive(Template)]
#[template(path = "categories/admin_show.html")]
struct ListPage {
    ctx: StaffContext,
    list: CategoryList,
    status: ListStatus,
    occupations: Vec<Occupation>,
    draws: String,
    age: String,
    overdue: bool,
    /// Whether it is the newest list and no draw was held under it.
    deletable: bool,
    next_version: Option<CategoryList>,
    errors: FieldErrors,
    verification: VerificationForm,
    closing: ClosingForm,
}

/// `GET /admin/occupations/lists/{id}`
pub async fn show(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let list = find(&services.db, *id).await?;
    let (check, end) = (VerificationForm::default(), ClosingForm::default());
    page(StatusCode::OK, ctx, list, FieldErrors::default(), check, end, &services.db, &services.clock).await
}

async fn find(db: &Database, id: i64) -> Result<CategoryList, PageError> {
    store::find_list(db.read(), id).await?.ok_or(PageError::NotFound)
}

#[expect(clippy::too_many_arguments, reason = "the page shows every argument")]
async fn page(
    status: StatusCode,
    ctx: StaffContext,
    list: CategoryList,
    errors: FieldErrors,
    check: VerificationForm,
    end: ClosingForm,
    db: &Database,
    clock: &Clock,
) -> PageResult {
    let today = clock.now().to_zoned(office_time_zone()).date();
    let draws = draws_under(db.read(), &list).await?.len();
    let next_version = store::next_version(db.read(), &list).await?;
    let page = ListPage {
        ctx,
        deletable: draws == 0 && next_version.is_none(),
        status: list.status(today),
        occupations: occupations_of(db.read(), list.id).await?,
        draws: plural(i64::try_from(draws).unwrap_or(i64::MAX), "draw", "draws"),
        age: verification_age(&list, today),
        overdue: store::lists_due_for_review(db.read(), today).await?.iter().any(|other| other.id == list.id),
        next_version,
        list,
        errors,
        verification: check,
        closing: end,
    };
    html(status, &page)
}

/// Record of a check against the source.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct VerificationForm {
    /// Empty means today.
    #[serde(deserialize_with = "one_line")]
    verified_on: String,
    #[serde(deserialize_with = "one_line")]
    note: String,
    /// `clear` removes the record of the last check.
    action: String,
}

/// `POST /admin/occupations/lists/{id}/verifications`
pub async fn mark_verified(
    ctx: StaffContext,
    id: Path<i64>,
    form: Form<VerificationForm>,
    services: Data<Services>,
) -> PageResult {
    let form = form.0;
    let today = services.clock.now().to_zoned(office_time_zone()).date();
    let mut tx = services.db.begin_write().await?;
    let list = store::find_list(&mut *tx, *id).await?.ok_or(PageError::NotFound)?;
    let clears = form.action == "clear";
    let verified_on = if form.verified_on.is_empty() { Some(today) } else { parse_entered_date(&form.verified_on) };
    let Some(verified_on) = verified_on.filter(|day| *day <= today) else {
        tx.rollback().await?;
        let mut errors = FieldErrors::default();
        errors.add("verified_on", "Enter the date of the review, which must be today or earlier.");
        return page(
            StatusCode::UNPROCESSABLE_ENTITY,
            ctx,
            list,
            errors,
            form,
            ClosingForm::default(),
            &services.db,
            &services.clock,
        )
        .await;
    };
    let new = (!clears).then_some(verified_on);
    store::set_verified(&mut tx, list.id, new).await?;
    let before = list.verified().map_or("never".into(), |day| day.text);
    let after = new.map_or("never".into(), |day| DisplayDate::from(day).text);
    let note = if form.note.is_empty() { String::new() } else { format!(". Note: {}", form.note) };
    let subject = format!("{}: {before} → {after}{note}", list.title());
    let changes = AuditChanges::default().field("reviewed on", &before, &after);
    let (now, action) = (services.clock.now(), "changed the review date of a category list");
    staff::audit_change(&mut tx, now, &ctx.member.name, action, &subject, &changes).await?;
    let sentence = match new {
        Some(_) => format!("Marked as reviewed on {after}: {}. Previous review: {before}.", list.title()),
        None => format!("Review removed: {}. Previous review: {before}.", list.title()),
    };
    ctx.set_flash(&mut tx, &sentence).await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/occupations/lists/{id}")))
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ClosingForm {
    #[serde(deserialize_with = "one_line")]
    effective_to: String,
}

/// `POST /admin/occupations/lists/{id}/closing`
pub async fn close(ctx: StaffContext, id: Path<i64>, form: Form<ClosingForm>, services: Data<Services>) -> PageResult {
    let form = form.0;
    let mut tx = services.db.begin_write().await?;
    let list = store::find_list(&mut *tx, *id).await?.ok_or(PageError::NotFound)?;
    let typed = parse_entered_date(&form.effective_to);
    if typed.is_some() && typed == list.last_day() {
        // Submitted twice.
        return Ok(see_other(&format!("/admin/occupations/lists/{id}")));
    }
    let problem = match typed {
        _ if list.last_day().is_some() => Some("This list already has a last day. Reopen it first.".to_owned()),
        None => Some("Enter the last day of the list.".to_owned()),
        Some(last) if last < list.effective_from => {
            Some(format!("The last day cannot be before {}, the first day of the list.", list.from().text))
        }
        Some(last) => {
            let later = draws_under(&mut *tx, &list).await?.into_iter().rfind(|draw| draw.date > last);
            later.map(|draw| {
                let held = DisplayDate::from(draw.date).text;
                format!("The last day cannot be before {held}, when draw {} was held under this list.", draw.round)
            })
        }
    };
    if let Some(sentence) = problem {
        tx.rollback().await?;
        let mut errors = FieldErrors::default();
        errors.add("effective_to", sentence);
        let check = VerificationForm::default();
        return page(StatusCode::UNPROCESSABLE_ENTITY, ctx, list, errors, check, form, &services.db, &services.clock)
            .await;
    }
    store::set_last_day(&mut tx, list.id, typed).await?;
    let last = DisplayDate::from(typed.unwrap_or_default()).text;
    let subject = format!("{}, last day {last}", list.title());
    let changes = AuditChanges::default().field("last day", "", &last);
    let now = services.clock.now();
    staff::audit_change(&mut tx, now, &ctx.member.name, "closed a category list", &subject, &changes).await?;
    ctx.set_flash(&mut tx, &format!("Closed. The last day of the list is {last}.")).await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/occupations/lists/{id}")))
}

/// `POST /admin/occupations/lists/{id}/reopening`: removes the last day, unless a newer list exists.
pub async fn reopen(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let mut tx = services.db.begin_write().await?;
    let list = store::find_list(&mut *tx, *id).await?.ok_or(PageError::NotFound)?;
    if let Some(following) = store::next_version(&mut *tx, &list).await? {
        tx.rollback().await?;
        let mut errors = FieldErrors::default();
        let sentence = format!(
            "{} takes effect on {}. Two lists of a category cannot be in force on the same day.",
            following.version,
            following.from().text
        );
        errors.add("reopening", sentence);
        let (check, end) = (VerificationForm::default(), ClosingForm::default());
        return page(StatusCode::UNPROCESSABLE_ENTITY, ctx, list, errors, check, end, &services.db, &services.clock)
            .await;
    }
    if let Some(last) = list.to() {
        store::set_last_day(&mut tx, list.id, None).await?;
        let subject = format!("{}, last day was {}", list.title(), last.text);
        let changes = AuditChanges::default().field("last day", &last.text, "");
        let now = services.clock.now();
        staff::audit_change(&mut tx, now, &ctx.member.name, "reopened a category list", &subject, &changes).await?;
        ctx.set_flash(&mut tx, &format!("Reopened. The list stays in force; its last day was {}.", last.text)).await?;
    }
    tx.commit().await?;
    Ok(see_other(&format!("/admin/occupations/lists/{id}")))
}

/// `POST /admin/occupations/lists/{id}/deletion`: deletes a list added by mistake and reopens the previous one.
pub async fn delete(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let mut tx = services.db.begin_write().await?;
    let list = store::find_list(&mut *tx, *id).await?.ok_or(PageError::NotFound)?;
    let versions = versions(&mut *tx, &list.category_key).await?;
    let before = versions.get(1);
    // Without any list, all draws of the category would link to a missing page.
    let since = if before.is_some() { list.effective_from } else { Date::MIN };
    let draws = store::draws_since(&mut *tx, &list.category_key, since).await?;
    let problem = if versions.first().is_none_or(|newest| newest.id != list.id) {
        Some("There is a newer list. Delete that one first.".to_owned())
    } else {
        let first = draws.first();
        first.map(|draw| format!("Draw {draw} was held under this list, so it cannot be deleted. Correct it instead."))
    };
    if let Some(sentence) = problem {
        tx.rollback().await?;
        let mut errors = FieldErrors::default();
        errors.add("deletion", sentence);
        let (check, end) = (VerificationForm::default(), ClosingForm::default());
        return page(StatusCode::UNPROCESSABLE_ENTITY, ctx, list, errors, check, end, &services.db, &services.clock)
            .await;
    }
    let codes: Vec<String> = occupations_of(&mut *tx, list.id).await?.into_iter().map(|one| one.noc).collect();
    let mut subject = format!("{}, from {}: {}", list.title(), list.from().text, codes.join(", "));
    store::delete_list(&mut tx, &list).await?;
    if let Some(before) = before {
        store::upsert_category(&mut tx, &before.category_key, &before.name_en, &before.name_fr).await?;
        if before.last_day() == Some(list.effective_from.saturating_sub(1.day())) {
            store::set_last_day(&mut tx, before.id, None).await?;
            subject = format!("{subject}; {} reopened", before.version);
        }
    }
    let changes = AuditChanges::default().field("codes", codes.join(", "), "");
    let now = services.clock.now();
    staff::audit_change(&mut tx, now, &ctx.member.name, "deleted a category list", &subject, &changes).await?;
    let sentence = format!("Deleted: {}. Its codes are in the audit log.", list.title());
    ctx.set_flash(&mut tx, &sentence).await?;
    tx.commit().await?;
    Ok(see_other("/admin/occupations"))
}
