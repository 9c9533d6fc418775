//! A list that is new, or one that is corrected: typed, looked at, and only then written.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;
use sqlx::SqliteConnection;

use crate::clock::Clock;
use crate::db::Database;
use crate::http::{PageError, PageResult, Sha256Hex, html, see_other};
use crate::occupations::admin::code_parser::ParsedCodes;
use crate::occupations::admin::code_parser::decode_file;
use crate::occupations::admin::list_form::{ListContext, ListErrors, ListForm, NewList, codes_as_text};
use crate::occupations::admin::store;
use crate::occupations::store::{self as lists, Category};
use crate::occupations::{CategoryList, ListDiff, Occupation};
use crate::services::Services;
use crate::staff::{self, StaffContext};
use crate::web::{DisplayDate, FieldErrors, Form, Query, Upload, office_time_zone, plural};

#[derive(Template)]
#[template(path = "occupations/admin_edit.html")]
struct EditPage {
    ctx: StaffContext,
    /// The list that is corrected; `None` for a new one.
    corrected: Option<CategoryList>,
    categories: Vec<Category>,
    form: ListForm,
    errors: FieldErrors,
    /// What is wrong with the codes, by line.
    lines: Vec<(usize, String)>,
    stale: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct NewQuery {
    category: String,
}

/// `GET /admin/occupations/lists/new?category=`
pub async fn new(ctx: StaffContext, query: Query<NewQuery>, services: Data<Services>) -> PageResult {
    let key = query.0.category;
    let known = list_context(&mut *services.db.read().acquire().await?, None, &key, &services.clock).await?;
    let form = known.versions.first().map(ListForm::for_next_version).unwrap_or_default();
    form_page(StatusCode::OK, ctx, known, form, None, false, &services.db).await
}

/// `GET /admin/occupations/lists/{id}/correction`
pub async fn correct(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let list = store::find_list(services.db.read(), *id).await?.ok_or(PageError::NotFound)?;
    let known = list_context(
        &mut *services.db.read().acquire().await?,
        Some(list.clone()),
        &list.category_key,
        &services.clock,
    )
    .await?;
    let form = ListForm::from_list(&list, &known.previous_occupations);
    form_page(StatusCode::OK, ctx, known, form, None, false, &services.db).await
}

async fn list_context(
    db: &mut SqliteConnection,
    corrected: Option<CategoryList>,
    category: &str,
    clock: &Clock,
) -> sqlx::Result<ListContext> {
    let today = clock.now().to_zoned(office_time_zone()).date();
    let versions = lists::versions(&mut *db, category).await?;
    let before = match corrected.as_ref().or(versions.first()) {
        Some(list) => lists::occupations_of(&mut *db, list.id).await?,
        None => vec![],
    };
    Ok(ListContext {
        corrected,
        categories: lists::categories(&mut *db, today).await?.into_iter().map(|category| category.key).collect(),
        versions,
        previous_occupations: before,
        occupations: lists::all(&mut *db).await?,
        noc2016_codes: store::noc2016_codes(&mut *db).await?,
        today,
    })
}

async fn form_page(
    status: StatusCode,
    ctx: StaffContext,
    known: ListContext,
    form: ListForm,
    refusal: Option<ListErrors>,
    stale: bool,
    db: &Database,
) -> PageResult {
    let categories = lists::categories(db.read(), known.today).await?;
    let (errors, lines) = refusal.map_or_else(Default::default, |refusal| (refusal.errors, refusal.lines));
    html(status, &EditPage { ctx, corrected: known.corrected, categories, form, errors, lines, stale })
}

#[derive(Template)]
#[template(path = "occupations/admin_preview.html")]
struct PreviewPage {
    ctx: StaffContext,
    corrected: Option<CategoryList>,
    form: ListForm,
    /// What changes, in sentences.
    sentences: Vec<String>,
    difference: ListDiff,
    /// Every occupation of the list, in order.
    occupations: Vec<Occupation>,
    /// Whether there is anything to hold it against.
    has_before: bool,
    ignored_lines: Vec<(usize, String)>,
    stale: bool,
}

/// `POST /admin/occupations/lists/new`: what the list would do.
pub async fn preview_new(ctx: StaffContext, upload: Upload, services: Data<Services>) -> PageResult {
    preview(ctx, None, upload, &services.db, &services.clock).await
}

/// `POST /admin/occupations/lists/{id}/correction`: what the correction would do.
pub async fn preview_correction(
    ctx: StaffContext,
    id: Path<i64>,
    upload: Upload,
    services: Data<Services>,
) -> PageResult {
    preview(ctx, Some(*id), upload, &services.db, &services.clock).await
}

async fn preview(ctx: StaffContext, id: Option<i64>, upload: Upload, db: &Database, clock: &Clock) -> PageResult {
    let mut form = upload.parse_fields::<ListForm>()?;
    // A correction begins with the codes as they are, which a file is to replace.
    let twofold = id.is_none() && !upload.file.is_empty() && !form.text.trim().is_empty();
    let mut unreadable = None;
    if !upload.file_name.is_empty() || !upload.file.is_empty() {
        match decode_file(&upload.file) {
            _ if twofold => {}
            Ok(text) => form.text = text,
            Err(fault) => unreadable = Some(fault),
        }
    }
    let known = load_list_context(&mut *db.read().acquire().await?, id, &form, clock).await?;
    let rounds = draws_since(&mut *db.read().acquire().await?, &known, &form).await?;
    let read = form.validate(&known);
    if twofold {
        let (mut errors, lines) = read.err().map_or_else(Default::default, |refusal| (refusal.errors, refusal.lines));
        errors.add(
            "file",
            "You chose a file and pasted codes too. Empty one of them, so that it is clear which is meant.",
        );
        let refusal = Some(ListErrors { errors, lines });
        return form_page(StatusCode::UNPROCESSABLE_ENTITY, ctx, known, form, refusal, false, db).await;
    }
    if let Some(fault) = unreadable {
        let mut errors = FieldErrors::default();
        errors.add("file", fault);
        let refusal = Some(ListErrors { errors, lines: Default::default() });
        return form_page(StatusCode::UNPROCESSABLE_ENTITY, ctx, known, form, refusal, false, db).await;
    }
    match read {
        Ok((list, found)) => preview_page(StatusCode::OK, ctx, known, form, list, found, &rounds, false),
        Err(refusal) => {
            // What is no text cannot be shown to be mended.
            form.text = if form.text.contains('\0') { String::new() } else { form.text };
            form_page(StatusCode::UNPROCESSABLE_ENTITY, ctx, known, form, Some(refusal), false, db).await
        }
    }
}

async fn load_list_context(
    db: &mut SqliteConnection,
    id: Option<i64>,
    form: &ListForm,
    clock: &Clock,
) -> Result<ListContext, PageError> {
    let corrected = match id {
        Some(id) => Some(store::find_list(&mut *db, id).await?.ok_or(PageError::NotFound)?),
        None => None,
    };
    let category = corrected.as_ref().map_or(form.category.clone(), |list| list.category_key.clone());
    Ok(list_context(db, corrected, &category, clock).await?)
}

/// The rounds that will count under the list, because they were held since its first day.
async fn draws_since(db: &mut SqliteConnection, known: &ListContext, form: &ListForm) -> sqlx::Result<Vec<String>> {
    match form.first_day().filter(|_| known.corrected.is_none()) {
        Some(start) => store::draws_since(db, &form.category, start).await,
        None => Ok(vec![]),
    }
}

#[expect(clippy::too_many_arguments, reason = "a page is built from all it shows")]
fn preview_page(
    status: StatusCode,
    ctx: StaffContext,
    known: ListContext,
    form: ListForm,
    list: NewList,
    found: ParsedCodes,
    rounds: &[String],
    stale: bool,
) -> PageResult {
    let occupations = occupations_in_order(&known, &list);
    let sentences = if known.corrected.is_some() {
        change_sentences(&known, &list)
    } else {
        let rounds_moved = (!rounds.is_empty()).then(|| {
            let count = plural(i64::try_from(rounds.len()).unwrap_or(i64::MAX), "round", "rounds");
            format!("{count} held since that day ({}) will count under it.", rounds.join(", "))
        });
        closing_sentence(&known, &list).into_iter().chain(change_sentences(&known, &list)).chain(rounds_moved).collect()
    };
    let form = ListForm { fingerprint: fingerprint(&known), text: codes_as_text(&occupations), ..form };
    let page = PreviewPage {
        difference: ListDiff::between(&known.previous_occupations, &occupations),
        has_before: known.corrected.is_some() || !known.versions.is_empty(),
        corrected: known.corrected,
        ctx,
        form,
        sentences,
        occupations,
        ignored_lines: found.ignored_lines,
        stale,
    };
    html(status, &page)
}

fn occupations_in_order(known: &ListContext, list: &NewList) -> Vec<Occupation> {
    let find = |code: &String| known.occupations.iter().find(|one| one.noc == *code).cloned();
    list.codes.iter().filter_map(find).collect()
}

/// What becomes of the version before.
fn closing_sentence(known: &ListContext, list: &NewList) -> Option<String> {
    let before = known.versions.first()?;
    Some(match closing_day(before, list.effective_from) {
        Some(last) => format!("{} will be closed on {}, the day before.", before.version, DisplayDate::from(last).text),
        None => {
            let last = before.to().map(|last| last.text).unwrap_or_default();
            format!("{} ended on {last} already.", before.version)
        }
    })
}

/// The last day of the version before a list that begins on `start`; `None` where it has one already.
fn closing_day(before: &CategoryList, start: Date) -> Option<Date> {
    before.effective_to.is_none().then(|| start.saturating_sub(1.day()))
}

/// What the list says otherwise than what it is held against.
fn change_sentences(known: &ListContext, list: &NewList) -> Vec<String> {
    let Some(before) = known.corrected.as_ref().or(known.versions.first()) else { return vec![] };
    let rule = list.rule(before);
    let pairs = [
        ("The English name", before.name_en.clone(), list.name_en.clone()),
        ("The French name", before.name_fr.clone(), list.name_fr.clone()),
        ("The rule", before.experience_rule(), rule),
        ("The source", before.source.clone(), list.source.clone()),
        ("What the notes say", before.notes.clone(), list.notes.clone()),
    ];
    let shown = if known.corrected.is_some() { 5 } else { 3 };
    let or_none = |text: String| if text.is_empty() { "nothing".to_owned() } else { format!("“{text}”") };
    pairs
        .into_iter()
        .take(shown)
        .filter(|(_, old, new)| old != new)
        .map(|(what, old, new)| format!("{what} changes from {} to {}.", or_none(old), or_none(new)))
        .collect()
}

fn fingerprint(known: &ListContext) -> String {
    let versions: Vec<_> =
        known.versions.iter().map(|list| (list.id, &list.version, list.effective_from, &list.effective_to)).collect();
    let codes: Vec<&str> = known.previous_occupations.iter().map(|one| &*one.noc).collect();
    // A check of the list that is corrected in the meantime takes nothing from the correction.
    let words = known.corrected.as_ref().map(|list| CategoryList { verified_on: None, ..list.clone() });
    Sha256Hex::of(&format!("{versions:?} {codes:?} {words:?}"))[..16].to_owned()
}

/// `POST /admin/occupations/lists`: writes the list that was looked at.
pub async fn add(ctx: StaffContext, form: Form<ListForm>, services: Data<Services>) -> PageResult {
    apply(ctx, None, form.0, &services.db, &services.clock).await
}

/// `POST /admin/occupations/lists/{id}`: writes the correction that was looked at.
pub async fn apply_correction(
    ctx: StaffContext,
    id: Path<i64>,
    form: Form<ListForm>,
    services: Data<Services>,
) -> PageResult {
    apply(ctx, Some(*id), form.0, &services.db, &services.clock).await
}

async fn apply(ctx: StaffContext, id: Option<i64>, form: ListForm, db: &Database, clock: &Clock) -> PageResult {
    let mut tx = db.begin_write().await?;
    let known = load_list_context(&mut tx, id, &form, clock).await?;
    if form.action == "change" {
        tx.rollback().await?;
        return form_page(StatusCode::OK, ctx, known, form, None, false, db).await;
    }
    if let Some(done) = find_saved(&mut tx, &known, &form).await? {
        // Pressed twice: the first press did it.
        return Ok(see_other(&format!("/admin/occupations/lists/{done}")));
    }
    let stale = form.fingerprint != fingerprint(&known);
    let rounds = draws_since(&mut tx, &known, &form).await?;
    let (list, found) = match form.validate(&known) {
        Ok(read) => read,
        Err(refusal) => {
            tx.rollback().await?;
            let status = if stale { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
            return form_page(status, ctx, known, form, Some(refusal), stale, db).await;
        }
    };
    if stale {
        tx.rollback().await?;
        return preview_page(StatusCode::CONFLICT, ctx, known, form, list, found, &rounds, true);
    }
    let id = match &known.corrected {
        Some(corrected) => write_correction(&mut tx, corrected, &known, &list, &ctx, clock).await?,
        None => write_new(&mut tx, &known, &list, &ctx, clock).await?,
    };
    tx.commit().await?;
    Ok(see_other(&format!("/admin/occupations/lists/{id}")))
}

/// The number of the list that says what was typed already, if one does.
async fn find_saved(tx: &mut SqliteConnection, known: &ListContext, form: &ListForm) -> sqlx::Result<Option<i64>> {
    let key = if form.category.is_empty() { &form.key } else { &form.category };
    let versions = lists::versions(&mut *tx, known.corrected.as_ref().map_or(key, |list| &list.category_key)).await?;
    let same = versions.iter().find(|list| match &known.corrected {
        Some(corrected) => list.id == corrected.id,
        None => list.version == form.version && form.first_day() == Some(list.effective_from),
    });
    let Some(list) = same else { return Ok(None) };
    let occupations = lists::occupations_of(&mut *tx, list.id).await?;
    let is_same = form.matches(list, &occupations);
    Ok(is_same.then_some(list.id))
}

async fn write_new(
    tx: &mut SqliteConnection,
    known: &ListContext,
    list: &NewList,
    ctx: &StaffContext,
    clock: &Clock,
) -> sqlx::Result<i64> {
    let mut subject = format!("{}, {} from {}", list.name_en, list.version, list.effective_from);
    store::upsert_category(tx, &list.category_key, &list.name_en, &list.name_fr).await?;
    if let Some(before) = known.versions.first()
        && let Some(last) = closing_day(before, list.effective_from)
    {
        store::set_last_day(tx, before.id, Some(last)).await?;
        subject = format!("{subject}; {} closed on {last}", before.version);
    }
    let id = store::add_list(tx, list, known.today).await?;
    let subject = format!("{subject}; {}", code_changes(known, list));
    staff::audit(tx, clock.now(), &ctx.member.name, "added a category list", &subject).await?;
    let from = DisplayDate::from(list.effective_from).text;
    ctx.set_flash(tx, &format!("Added: {} holds from {from}. Rounds and posts follow it by their days.", list.version))
        .await?;
    Ok(id)
}

async fn write_correction(
    tx: &mut SqliteConnection,
    corrected: &CategoryList,
    known: &ListContext,
    list: &NewList,
    ctx: &StaffContext,
    clock: &Clock,
) -> sqlx::Result<i64> {
    store::correct_list(tx, corrected.id, list).await?;
    if known.versions.first().is_some_and(|newest| newest.id == corrected.id) {
        store::upsert_category(tx, &list.category_key, &list.name_en, &list.name_fr).await?;
    }
    let words: String = change_sentences(known, list).iter().map(|sentence| format!(" {sentence}")).collect();
    let subject = format!("{}: {}.{words}", corrected.title(), code_changes(known, list));
    staff::audit(tx, clock.now(), &ctx.member.name, "corrected a category list", &subject).await?;
    ctx.set_flash(tx, "Saved. Every page and every post that refers to the list shows it from now on.").await?;
    Ok(corrected.id)
}

/// Which codes came in and left, for the audit log: enough to type the list before again.
fn code_changes(known: &ListContext, list: &NewList) -> String {
    let difference = ListDiff::between(&known.previous_occupations, &occupations_in_order(known, list));
    let side = |some: &[Occupation], word: &str| {
        let codes: Vec<&str> = some.iter().map(|one| &*one.noc).collect();
        if codes.is_empty() { format!("none {word}") } else { format!("{} {word} ({})", codes.len(), codes.join(", ")) }
    };
    format!("{}, {}", side(&difference.added, "came in"), side(&difference.removed, "left"))
}
