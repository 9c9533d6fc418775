//! One list on the desk: what it says, and the deeds on it: checked, closed, reopened, taken back.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;

use crate::clock::Clock;
use crate::db::Database;
use crate::occupations::admin::draft::day;
use crate::occupations::admin::lists::age;
use crate::occupations::admin::store;
use crate::occupations::categories::rounds_of;
use crate::occupations::store::{occupations_of, versions};
use crate::occupations::{CategoryList, Occupation, Standing};
use crate::staff::{self, Desk};
use crate::web::{Day, FieldErrors, Form, PageError, PageResult, firm_zone, html, one_line, plural, see_other};

#[derive(Template)]
#[template(path = "occupations/admin_show.html")]
struct ListPage {
    desk: Desk,
    list: CategoryList,
    standing: Standing,
    occupations: Vec<Occupation>,
    rounds: String,
    age: String,
    overdue: bool,
    /// Whether it can be taken back: it is the newest, and no round was held under it.
    withdrawable: bool,
    /// The version after it.
    following: Option<CategoryList>,
    errors: FieldErrors,
    check: CheckForm,
    end: EndForm,
}

/// `GET /admin/occupations/lists/{id}`
pub async fn show(desk: Desk, id: Path<i64>, db: Data<Database>, clock: Data<Clock>) -> PageResult {
    let list = find(&db, *id).await?;
    let (check, end) = (CheckForm::default(), EndForm::default());
    page(StatusCode::OK, desk, list, FieldErrors::default(), check, end, &db, &clock).await
}

async fn find(db: &Database, id: i64) -> Result<CategoryList, PageError> {
    store::find_list(db.read(), id).await?.ok_or(PageError::NotFound)
}

#[expect(clippy::too_many_arguments, reason = "a page is built from all it shows")]
async fn page(
    status: StatusCode,
    desk: Desk,
    list: CategoryList,
    errors: FieldErrors,
    check: CheckForm,
    end: EndForm,
    db: &Database,
    clock: &Clock,
) -> PageResult {
    let today = clock.now().to_zoned(firm_zone()).date();
    let rounds = rounds_of(db.read(), &list).await?.len();
    let following = store::following(db.read(), &list).await?;
    let page = ListPage {
        desk,
        withdrawable: rounds == 0 && following.is_none(),
        standing: list.standing(today),
        occupations: occupations_of(db.read(), list.id).await?,
        rounds: plural(i64::try_from(rounds).unwrap_or(i64::MAX), "round", "rounds"),
        age: age(&list, today),
        overdue: store::lists_to_check(db.read(), today).await?.iter().any(|other| other.id == list.id),
        following,
        list,
        errors,
        check,
        end,
    };
    html(status, &page)
}

/// That a list was held against its source.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CheckForm {
    /// Empty means today.
    #[serde(deserialize_with = "one_line")]
    checked_on: String,
    #[serde(deserialize_with = "one_line")]
    note: String,
    /// `clear` takes the note of a check back.
    action: String,
}

/// `POST /admin/occupations/lists/{id}/checks`
pub async fn check(
    desk: Desk,
    id: Path<i64>,
    form: Form<CheckForm>,
    db: Data<Database>,
    clock: Data<Clock>,
) -> PageResult {
    let form = form.0;
    let today = clock.now().to_zoned(firm_zone()).date();
    let mut tx = db.begin_write().await?;
    let list = store::find_list(&mut *tx, *id).await?.ok_or(PageError::NotFound)?;
    let clears = form.action == "clear";
    let checked_on = if form.checked_on.is_empty() { Some(today) } else { day(&form.checked_on) };
    let Some(checked_on) = checked_on.filter(|day| *day <= today) else {
        tx.rollback().await?;
        let mut errors = FieldErrors::default();
        errors.add("checked_on", "Give the day of the check, today or earlier, as 2026-08-26.");
        return page(StatusCode::UNPROCESSABLE_ENTITY, desk, list, errors, form, EndForm::default(), &db, &clock).await;
    };
    let new = (!clears).then_some(checked_on);
    store::set_checked(&mut tx, list.id, new).await?;
    let before = list.checked_on.clone().unwrap_or_else(|| "never".into());
    let after = new.map_or("never".into(), |day| day.to_string());
    let note = if form.note.is_empty() { String::new() } else { format!(": {}", form.note) };
    let deed = format!("{}: {before} → {after}{note}", list.title());
    staff::audit(&mut tx, clock.now(), &desk.member.name, "noted when a category list was checked", &deed).await?;
    let sentence = match new {
        Some(day) => format!("{}: checked on {}. Before, it said {before}.", list.title(), Day::from(day).text),
        None => format!("{}: no check is noted any more. Before, it said {before}.", list.title()),
    };
    desk.say(&mut tx, &sentence).await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/occupations/lists/{id}")))
}

/// The last day of a list.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct EndForm {
    #[serde(deserialize_with = "one_line")]
    effective_to: String,
}

/// `POST /admin/occupations/lists/{id}/end`
pub async fn end(desk: Desk, id: Path<i64>, form: Form<EndForm>, db: Data<Database>, clock: Data<Clock>) -> PageResult {
    let form = form.0;
    let mut tx = db.begin_write().await?;
    let list = store::find_list(&mut *tx, *id).await?.ok_or(PageError::NotFound)?;
    let typed = day(&form.effective_to);
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
            let later = rounds_of(&mut *tx, &list).await?.into_iter().rfind(|round| round.date > last);
            later.map(|round| {
                let held = Day::from(round.date).text;
                format!("Round {} was held under this list on {held}. It cannot have ended before.", round.round)
            })
        }
    };
    if let Some(sentence) = refusal {
        tx.rollback().await?;
        let mut errors = FieldErrors::default();
        errors.add("effective_to", sentence);
        let check = CheckForm::default();
        return page(StatusCode::UNPROCESSABLE_ENTITY, desk, list, errors, check, form, &db, &clock).await;
    }
    store::set_end(&mut tx, list.id, typed).await?;
    let last = typed.unwrap_or_default();
    let deed = format!("{} on {last}", list.title());
    staff::audit(&mut tx, clock.now(), &desk.member.name, "closed a category list", &deed).await?;
    desk.say(&mut tx, &format!("Closed: {} is its last day.", Day::from(last).text)).await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/occupations/lists/{id}")))
}

/// `POST /admin/occupations/lists/{id}/reopening`: it holds on, as long as no other list follows it.
pub async fn reopen(desk: Desk, id: Path<i64>, db: Data<Database>, clock: Data<Clock>) -> PageResult {
    let mut tx = db.begin_write().await?;
    let list = store::find_list(&mut *tx, *id).await?.ok_or(PageError::NotFound)?;
    if let Some(following) = store::following(&mut *tx, &list).await? {
        tx.rollback().await?;
        let mut errors = FieldErrors::default();
        let sentence = format!(
            "{} follows it from {}. Two lists of a category cannot hold on the same day.",
            following.version,
            following.from().text
        );
        errors.add("reopening", sentence);
        let (check, end) = (CheckForm::default(), EndForm::default());
        return page(StatusCode::UNPROCESSABLE_ENTITY, desk, list, errors, check, end, &db, &clock).await;
    }
    if let Some(last) = list.last_day() {
        store::set_end(&mut tx, list.id, None).await?;
        let deed = format!("{}, closed on {last}", list.title());
        staff::audit(&mut tx, clock.now(), &desk.member.name, "reopened a category list", &deed).await?;
        desk.say(&mut tx, &format!("Reopened: it holds on. Its last day was {}.", Day::from(last).text)).await?;
    }
    tx.commit().await?;
    Ok(see_other(&format!("/admin/occupations/lists/{id}")))
}

/// `POST /admin/occupations/lists/{id}/withdrawal`: a list that was added by mistake never was; the one before holds on.
pub async fn withdraw(desk: Desk, id: Path<i64>, db: Data<Database>, clock: Data<Clock>) -> PageResult {
    let mut tx = db.begin_write().await?;
    let list = store::find_list(&mut *tx, *id).await?.ok_or(PageError::NotFound)?;
    let versions = versions(&mut *tx, &list.category_key).await?;
    let before = versions.get(1);
    // Rounds of a category without any list would lead nowhere.
    let since = if before.is_some() { list.effective_from } else { Date::MIN };
    let rounds = store::rounds_since(&mut *tx, &list.category_key, since).await?;
    let refusal = if versions.first().is_none_or(|newest| newest.id != list.id) {
        Some("A later list follows it. Take that one back first.".to_owned())
    } else {
        let first = rounds.first();
        first.map(|round| format!("Round {round} was held under it, so it cannot be taken back. Correct it instead."))
    };
    if let Some(sentence) = refusal {
        tx.rollback().await?;
        let mut errors = FieldErrors::default();
        errors.add("withdrawal", sentence);
        let (check, end) = (CheckForm::default(), EndForm::default());
        return page(StatusCode::UNPROCESSABLE_ENTITY, desk, list, errors, check, end, &db, &clock).await;
    }
    let codes: Vec<String> = occupations_of(&mut *tx, list.id).await?.into_iter().map(|one| one.noc).collect();
    let mut deed = format!("{}, from {}: {}", list.title(), list.effective_from, codes.join(", "));
    store::remove_list(&mut tx, &list).await?;
    if let Some(before) = before {
        store::name_category(&mut tx, &before.category_key, &before.name_en, &before.name_fr).await?;
        if before.last_day() == Some(list.effective_from.saturating_sub(1.day())) {
            store::set_end(&mut tx, before.id, None).await?;
            deed = format!("{deed}; {} holds on", before.version);
        }
    }
    staff::audit(&mut tx, clock.now(), &desk.member.name, "took a category list back", &deed).await?;
    let sentence = format!("Taken back: {}. The audit log keeps its codes.", list.title());
    desk.say(&mut tx, &sentence).await?;
    tx.commit().await?;
    Ok(see_other("/admin/occupations"))
}
