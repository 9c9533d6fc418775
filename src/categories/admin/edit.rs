//! Add or correct a category list: form, preview, then save.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;
use sqlx::SqliteConnection;

use crate::categories::admin::audit::{code_changes, occupation_changes};
use crate::categories::admin::code_parser::{ParsedCodes, decode_file, parse_codes};
use crate::categories::admin::list_form::{ListContext, ListErrors, ListForm, NewList, codes_as_text};
use crate::categories::admin::store;
use crate::categories::category_list::{CategoryList, ListDiff};
use crate::categories::store::{self as lists, Category};
use crate::clock::Clock;
use crate::db::Database;
use crate::http::{PageError, PageResult, html, see_other, sha256_hex};
use crate::noc::Occupation;
use crate::services::Services;
use crate::staff::{self, StaffContext};
use crate::web::{DisplayDate, FieldErrors, Form, Query, Upload, office_time_zone, plural};

#[derive(Template)]
#[template(path = "categories/admin_edit.html")]
struct EditPage {
    ctx: StaffContext,
    /// The list to correct; `None` for a new one.
    corrected: Option<CategoryList>,
    categories: Vec<Category>,
    form: ListForm,
    errors: FieldErrors,
    /// Problems with the codes, by line.
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
    let context = list_context(&mut *services.db.read().acquire().await?, None, &key, "", &services.clock).await?;
    let form = context.versions.first().map(ListForm::for_next_version).unwrap_or_default();
    form_page(StatusCode::OK, ctx, context, form, None, false, &services.db).await
}

/// `GET /admin/occupations/lists/{id}/correction`
pub async fn correct(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let list = store::find_list(services.db.read(), *id).await?.ok_or(PageError::NotFound)?;
    let (key, clock) = (&list.category_key, &services.clock);
    let context = list_context(&mut *services.db.read().acquire().await?, Some(list.clone()), key, "", clock).await?;
    let form = ListForm::from_list(&list, &context.previous_occupations);
    form_page(StatusCode::OK, ctx, context, form, None, false, &services.db).await
}

async fn list_context(
    db: &mut SqliteConnection,
    corrected: Option<CategoryList>,
    category: &str,
    text: &str,
    clock: &Clock,
) -> sqlx::Result<ListContext> {
    let today = clock.now().to_zoned(office_time_zone()).date();
    let versions = lists::versions(&mut *db, category).await?;
    let before = match corrected.as_ref().or(versions.first()) {
        Some(list) => lists::occupations_of(&mut *db, list.id).await?,
        None => vec![],
    };
    let codes: Vec<String> = parse_codes(text).codes.into_iter().map(|(_, code)| code).collect();
    Ok(ListContext {
        corrected,
        categories: lists::all(&mut *db, today).await?.into_iter().map(|category| category.key).collect(),
        versions,
        previous_occupations: before,
        occupations: store::occupations_with_codes(&mut *db, &codes).await?,
        noc2016_codes: store::noc2016_codes(&mut *db).await?,
        today,
    })
}

async fn form_page(
    status: StatusCode,
    ctx: StaffContext,
    context: ListContext,
    form: ListForm,
    failure: Option<ListErrors>,
    stale: bool,
    db: &Database,
) -> PageResult {
    let categories = lists::all(db.read(), context.today).await?;
    let (errors, lines) = failure.map_or_else(Default::default, |failure| (failure.errors, failure.lines));
    html(status, &EditPage { ctx, corrected: context.corrected, categories, form, errors, lines, stale })
}

#[derive(Template)]
#[template(path = "categories/admin_preview.html")]
struct PreviewPage {
    ctx: StaffContext,
    corrected: Option<CategoryList>,
    form: ListForm,
    /// Changes other than occupations, one sentence each.
    sentences: Vec<String>,
    difference: ListDiff,
    occupations: Vec<Occupation>,
    /// Whether there is a list to compare with.
    has_before: bool,
    ignored_lines: Vec<(usize, String)>,
    stale: bool,
}

/// `POST /admin/occupations/lists/new`: preview of a new list.
pub async fn preview_new(ctx: StaffContext, upload: Upload, services: Data<Services>) -> PageResult {
    preview(ctx, None, upload, &services.db, &services.clock).await
}

/// `POST /admin/occupations/lists/{id}/correction`: preview of a correction.
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
    // The form of a correction is filled with the current codes, which a file replaces.
    let is_ambiguous = id.is_none() && !upload.file.is_empty() && !form.text.trim().is_empty();
    let mut unreadable = None;
    if !upload.file_name.is_empty() || !upload.file.is_empty() {
        match decode_file(&upload.file) {
            _ if is_ambiguous => {}
            Ok(text) => form.text = text,
            Err(fault) => unreadable = Some(fault),
        }
    }
    let context = load_list_context(&mut *db.read().acquire().await?, id, &form, clock).await?;
    let draws = draws_since(&mut *db.read().acquire().await?, &context, &form).await?;
    let validated = form.validate(&context);
    if is_ambiguous {
        let (mut errors, lines) =
            validated.err().map_or_else(Default::default, |failure| (failure.errors, failure.lines));
        errors.add("file", "You chose a file and also pasted codes. Use only one of them.");
        let failure = Some(ListErrors { errors, lines });
        return form_page(StatusCode::UNPROCESSABLE_ENTITY, ctx, context, form, failure, false, db).await;
    }
    if let Some(fault) = unreadable {
        let mut errors = FieldErrors::default();
        errors.add("file", fault);
        let failure = Some(ListErrors { errors, lines: Default::default() });
        return form_page(StatusCode::UNPROCESSABLE_ENTITY, ctx, context, form, failure, false, db).await;
    }
    match validated {
        Ok((list, found)) => preview_page(StatusCode::OK, ctx, context, form, list, found, &draws, false),
        Err(failure) => {
            // Binary data cannot be shown in the form.
            form.text = if form.text.contains('\0') { String::new() } else { form.text };
            form_page(StatusCode::UNPROCESSABLE_ENTITY, ctx, context, form, Some(failure), false, db).await
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
    Ok(list_context(db, corrected, &category, &form.text, clock).await?)
}

/// Draws held since the first day of a new list, which will count under it.
async fn draws_since(db: &mut SqliteConnection, context: &ListContext, form: &ListForm) -> sqlx::Result<Vec<String>> {
    match form.first_day().filter(|_| context.corrected.is_none()) {
        Some(start) => store::draws_since(db, &form.category, start).await,
        None => Ok(vec![]),
    }
}

#[expect(clippy::too_many_arguments, reason = "the page shows every argument")]
fn preview_page(
    status: StatusCode,
    ctx: StaffContext,
    context: ListContext,
    form: ListForm,
    list: NewList,
    found: ParsedCodes,
    draws: &[String],
    stale: bool,
) -> PageResult {
    let occupations = context.occupations.clone();
    let sentences = if context.corrected.is_some() {
        change_sentences(&context, &list)
    } else {
        let moved_draws = (!draws.is_empty()).then(|| {
            let count = plural(i64::try_from(draws.len()).unwrap_or(i64::MAX), "draw", "draws");
            format!("{count} held since that day ({}) will count under this list.", draws.join(", "))
        });
        closing_sentence(&context, &list)
            .into_iter()
            .chain(change_sentences(&context, &list))
            .chain(moved_draws)
            .collect()
    };
    let form = ListForm { fingerprint: fingerprint(&context), text: codes_as_text(&occupations), ..form };
    let page = PreviewPage {
        difference: ListDiff::between(&context.previous_occupations, &occupations),
        has_before: context.corrected.is_some() || !context.versions.is_empty(),
        corrected: context.corrected,
        ctx,
        form,
        sentences,
        occupations,
        ignored_lines: found.ignored_lines,
        stale,
    };
    html(status, &page)
}

/// What happens to the previous version.
fn closing_sentence(context: &ListContext, list: &NewList) -> Option<String> {
    let before = context.versions.first()?;
    Some(match closing_day(before, list.effective_from) {
        Some(last) => format!("{} will end on {}, the day before.", before.version, DisplayDate::from(last).text),
        None => {
            let last = before.to().map(|last| last.text).unwrap_or_default();
            format!("{} already ended on {last}.", before.version)
        }
    })
}

/// Last day for the previous version if a new list starts on `start`; `None` if it already has one.
fn closing_day(before: &CategoryList, start: Date) -> Option<Date> {
    before.effective_to.is_none().then(|| start.saturating_sub(1.day()))
}

/// Changed fields, one sentence each.
fn change_sentences(context: &ListContext, list: &NewList) -> Vec<String> {
    let Some(before) = context.corrected.as_ref().or(context.versions.first()) else { return vec![] };
    let rule = list.rule(before);
    let pairs = [
        ("The English name", before.name_en.clone(), list.name_en.clone()),
        ("The French name", before.name_fr.clone(), list.name_fr.clone()),
        ("The rule", before.experience_rule(), rule),
        ("The source", before.source.clone(), list.source.clone()),
        ("The notes", before.notes.clone(), list.notes.clone()),
    ];
    let shown = if context.corrected.is_some() { 5 } else { 3 };
    let or_none = |text: String| if text.is_empty() { "nothing".to_owned() } else { format!("“{text}”") };
    pairs
        .into_iter()
        .take(shown)
        .filter(|(_, old, new)| old != new)
        .map(|(what, old, new)| {
            let verb = if what == "The notes" { "change" } else { "changes" };
            format!("{what} {verb} from {} to {}.", or_none(old), or_none(new))
        })
        .collect()
}

fn fingerprint(context: &ListContext) -> String {
    let versions: Vec<_> =
        context.versions.iter().map(|list| (list.id, &list.version, list.effective_from, &list.effective_to)).collect();
    let codes: Vec<&str> = context.previous_occupations.iter().map(|one| &*one.noc).collect();
    // A review in the meantime does not affect a correction.
    let corrected = context.corrected.as_ref().map(|list| CategoryList { verified_on: None, ..list.clone() });
    sha256_hex(format!("{versions:?} {codes:?} {corrected:?}"))[..16].to_owned()
}

/// `POST /admin/occupations/lists`: adds the previewed list.
pub async fn add(ctx: StaffContext, form: Form<ListForm>, services: Data<Services>) -> PageResult {
    apply(ctx, None, form.0, &services.db, &services.clock).await
}

/// `POST /admin/occupations/lists/{id}`: saves the previewed correction.
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
    let context = load_list_context(&mut tx, id, &form, clock).await?;
    if form.action == "change" {
        tx.rollback().await?;
        return form_page(StatusCode::OK, ctx, context, form, None, false, db).await;
    }
    if let Some(done) = find_saved(&mut tx, &context, &form).await? {
        // Submitted twice.
        return Ok(see_other(&format!("/admin/occupations/lists/{done}")));
    }
    let stale = form.fingerprint != fingerprint(&context);
    let draws = draws_since(&mut tx, &context, &form).await?;
    let (list, found) = match form.validate(&context) {
        Ok(valid) => valid,
        Err(failure) => {
            tx.rollback().await?;
            let status = if stale { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
            return form_page(status, ctx, context, form, Some(failure), stale, db).await;
        }
    };
    if stale {
        tx.rollback().await?;
        return preview_page(StatusCode::CONFLICT, ctx, context, form, list, found, &draws, true);
    }
    let id = match &context.corrected {
        Some(corrected) => write_correction(&mut tx, corrected, &context, &list, &ctx, clock).await?,
        None => write_new(&mut tx, &context, &list, &ctx, clock).await?,
    };
    tx.commit().await?;
    Ok(see_other(&format!("/admin/occupations/lists/{id}")))
}

/// ID of the stored list that already has this content.
async fn find_saved(tx: &mut SqliteConnection, context: &ListContext, form: &ListForm) -> sqlx::Result<Option<i64>> {
    let key = if form.category.is_empty() { &form.key } else { &form.category };
    let versions = lists::versions(&mut *tx, context.corrected.as_ref().map_or(key, |list| &list.category_key)).await?;
    let same = versions.iter().find(|list| match &context.corrected {
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
    context: &ListContext,
    list: &NewList,
    ctx: &StaffContext,
    clock: &Clock,
) -> sqlx::Result<i64> {
    let from = DisplayDate::from(list.effective_from).text;
    let mut subject = format!("{}, {} from {from}", list.name_en, list.version);
    store::upsert_category(tx, &list.category_key, &list.name_en, &list.name_fr).await?;
    if let Some(before) = context.versions.first()
        && let Some(last) = closing_day(before, list.effective_from)
    {
        store::set_last_day(tx, before.id, Some(last)).await?;
        subject = format!("{subject}; last day of {}: {}", before.version, DisplayDate::from(last).text);
    }
    let id = store::add_list(tx, list, context.today).await?;
    let subject = format!("{subject}; {}", code_changes(context));
    let changes = occupation_changes(context).field("effective from", "", &from);
    staff::audit_change(tx, clock.now(), &ctx.member.name, "added a category list", &subject, &changes).await?;
    let flash = format!("Added. {} takes effect on {from}. Draws and posts use it from that date.", list.version);
    ctx.set_flash(tx, &flash).await?;
    Ok(id)
}

async fn write_correction(
    tx: &mut SqliteConnection,
    corrected: &CategoryList,
    context: &ListContext,
    list: &NewList,
    ctx: &StaffContext,
    clock: &Clock,
) -> sqlx::Result<i64> {
    store::correct_list(tx, corrected.id, list).await?;
    if context.versions.first().is_some_and(|newest| newest.id == corrected.id) {
        store::upsert_category(tx, &list.category_key, &list.name_en, &list.name_fr).await?;
    }
    let sentences: String = change_sentences(context, list).iter().map(|sentence| format!(" {sentence}")).collect();
    let subject = format!("{}: {}.{sentences}", corrected.title(), code_changes(context));
    let changes = occupation_changes(context);
    staff::audit_change(tx, clock.now(), &ctx.member.name, "corrected a category list", &subject, &changes).await?;
    ctx.set_flash(tx, "Saved. All pages and posts that refer to the list are up to date.").await?;
    Ok(corrected.id)
}
