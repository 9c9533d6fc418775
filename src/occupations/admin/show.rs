//! One list in the admin area: what it says, and the deeds on it: checked, closed, reopened, taken back.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;

use crate::clock::Clock;
use crate::db::Database;
use crate::http::{PageError, PageResult, html, see_other};
use crate::occupations::admin::list_form::parse_date;
use crate::occupations::admin::lists::verification_age;
use crate::occupations::admin::store;
use crate::occupations::categories::draws_under;
use crate::occupations::store::{occupations_of, versions};
use crate::occupations::{CategoryList, ListStatus, Occupation};
use crate::services::Services;
use crate::staff::{self, StaffContext};
use crate::web::{DisplayDate, FieldErrors, Form, office_time_zone, one_line, plural};

#[derive(Template)]
#[template(path = "occupations/admin_show.html")]
struct ListPage {
    ctx: StaffContext,
    list: CategoryList,
    status: ListStatus,
    occupations: Vec<Occupation>,
    rounds: String,
    age: String,
    overdue: bool,
    /// Whether it can be taken back: it is the newest, and no round was held under it.
    deletable: bool,
    /// The version after it.
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

#[expect(clippy::too_many_arguments, reason = "a page is built from all it shows")]
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
    let rounds = draws_under(db.read(), &list).await?.len();
    let next_version = store::next_version(db.read(), &list).await?;
    let page = ListPage {
        ctx,
        deletable: rounds == 0 && next_version.is_none(),
        status: list.status(today),
        occupations: occupations_of(db.read(), list.id).await?,
        rounds: plural(i64::try_from(rounds).unwrap_or(i64::MAX), "round", "rounds"),
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

/// That a list was held against its source.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct VerificationForm {
    /// Empty means today.
    #[serde(deserialize_with = "one_line")]
    verified_on: String,
    #[serde(deserialize_with = "one_line")]
    note: String,
    /// `clear` takes the note of a check back.
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
    let verified_on = if form.verified_on.is_empty() { Some(today) } else { parse_date(&form.verified_on) };
    let Some(verified_on) = verified_on.filter(|day| *day <= today) else {
        tx.rollback().await?;
        let mut errors = FieldErrors::default();
        errors.add("verified_on", "Give the day of the check, today or earlier, as 2026-08-26.");
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
    let before = list.verified_on.clone().unwrap_or_else(|| "never".into());
    let after = new.map_or("never".into(), |day| day.to_string());
    let note = if form.note.is_empty() { String::new() } else { format!(": {}", form.note) };
    let subject = format!("{}: {before} → {after}{note}", list.title());
    staff::audit(&mut tx, services.clock.now(), &ctx.member.name, "noted when a category list was checked", &subject)
        .await?;
    let sentence = match new {
        Some(day) => format!("{}: checked on {}. Before, it said {before}.", list.title(), DisplayDate::from(day).text),
        None => format!("{}: no check is noted any more. Before, it said {before}.", list.title()),
    };
    ctx.set_flash(&mut tx, &sentence).await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/occupations/lists/{id}")))
}

/// The last day of a list.
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
    let typed = parse_date(&form.effective_to);
    if typed.is_some() && typed == list.last_day() {
        // Pressed twice: the first press did it.
        return Ok(see_other(&format!("/admin/occupations/lists/{id}")));
    }
    let refusal = match typed {
        _ if list.last_day().is_some() => Some("This list has its last day already. Reopen it first.".to_owned()),
        None => Some("Give the last day on which the list holds, as 2026-02-17.".to_owned()),
        Some(last) if last < list.effective_from => {
            Some(format!("The list began on {}. It cannot have ended before.", list.from().text))
        }
        Some(last) => {
            let later = draws_under(&mut *tx, &list).await?.into_iter().rfind(|round| round.date > last);
            later.map(|round| {
                let held = DisplayDate::from(round.date).text;
                format!("Round {} was held under this list on {held}. It cannot have ended before.", round.round)
            })
        }
    };
    if let Some(sentence) = refusal {
        tx.rollback().await?;
        let mut errors = FieldErrors::default();
        errors.add("effective_to", sentence);
        let check = VerificationForm::default();
        return page(StatusCode::UNPROCESSABLE_ENTITY, ctx, list, errors, check, form, &services.db, &services.clock)
            .await;
    }
    store::set_last_day(&mut tx, list.id, typed).await?;
    let last = typed.unwrap_or_default();
    let subject = format!("{} on {last}", list.title());
    staff::audit(&mut tx, services.clock.now(), &ctx.member.name, "closed a category list", &subject).await?;
    ctx.set_flash(&mut tx, &format!("Closed: {} is its last day.", DisplayDate::from(last).text)).await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/occupations/lists/{id}")))
}

/// `POST /admin/occupations/lists/{id}/reopening`: it holds on, as long as no other list follows it.
pub async fn reopen(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let mut tx = services.db.begin_write().await?;
    let list = store::find_list(&mut *tx, *id).await?.ok_or(PageError::NotFound)?;
    if let Some(following) = store::next_version(&mut *tx, &list).await? {
        tx.rollback().await?;
        let mut errors = FieldErrors::default();
        let sentence = format!(
            "{} follows it from {}. Two lists of a category cannot hold on the same day.",
            following.version,
            following.from().text
        );
        errors.add("reopening", sentence);
        let (check, end) = (VerificationForm::default(), ClosingForm::default());
        return page(StatusCode::UNPROCESSABLE_ENTITY, ctx, list, errors, check, end, &services.db, &services.clock)
            .await;
    }
    if let Some(last) = list.last_day() {
        store::set_last_day(&mut tx, list.id, None).await?;
        let subject = format!("{}, closed on {last}", list.title());
        staff::audit(&mut tx, services.clock.now(), &ctx.member.name, "reopened a category list", &subject).await?;
        ctx.set_flash(&mut tx, &format!("Reopened: it holds on. Its last day was {}.", DisplayDate::from(last).text))
            .await?;
    }
    tx.commit().await?;
    Ok(see_other(&format!("/admin/occupations/lists/{id}")))
}

/// `POST /admin/occupations/lists/{id}/deletion`: a list that was added by mistake never was; the one before holds on.
pub async fn delete(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let mut tx = services.db.begin_write().await?;
    let list = store::find_list(&mut *tx, *id).await?.ok_or(PageError::NotFound)?;
    let versions = versions(&mut *tx, &list.category_key).await?;
    let before = versions.get(1);
    // Rounds of a category without any list would lead nowhere.
    let since = if before.is_some() { list.effective_from } else { Date::MIN };
    let rounds = store::draws_since(&mut *tx, &list.category_key, since).await?;
    let refusal = if versions.first().is_none_or(|newest| newest.id != list.id) {
        Some("A later list follows it. Take that one back first.".to_owned())
    } else {
        let first = rounds.first();
        first.map(|round| format!("Round {round} was held under it, so it cannot be taken back. Correct it instead."))
    };
    if let Some(sentence) = refusal {
        tx.rollback().await?;
        let mut errors = FieldErrors::default();
        errors.add("deletion", sentence);
        let (check, end) = (VerificationForm::default(), ClosingForm::default());
        return page(StatusCode::UNPROCESSABLE_ENTITY, ctx, list, errors, check, end, &services.db, &services.clock)
            .await;
    }
    let codes: Vec<String> = occupations_of(&mut *tx, list.id).await?.into_iter().map(|one| one.noc).collect();
    let mut subject = format!("{}, from {}: {}", list.title(), list.effective_from, codes.join(", "));
    store::delete_list(&mut tx, &list).await?;
    if let Some(before) = before {
        store::upsert_category(&mut tx, &before.category_key, &before.name_en, &before.name_fr).await?;
        if before.last_day() == Some(list.effective_from.saturating_sub(1.day())) {
            store::set_last_day(&mut tx, before.id, None).await?;
            subject = format!("{subject}; {} holds on", before.version);
        }
    }
    staff::audit(&mut tx, services.clock.now(), &ctx.member.name, "took a category list back", &subject).await?;
    let sentence = format!("Taken back: {}. The audit log keeps its codes.", list.title());
    ctx.set_flash(&mut tx, &sentence).await?;
    tx.commit().await?;
    Ok(see_other("/admin/occupations"))
}
