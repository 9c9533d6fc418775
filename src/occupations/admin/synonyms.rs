//! Admin page for synonyms: names of an occupation that are in neither of its titles.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

use crate::db::Database;
use crate::http::{PageResult, html, see_other};
use crate::noc::Occupation;
use crate::occupations::admin::store::{self, SynonymGroup};
use crate::occupations::store as directory;
use crate::services::Services;
use crate::staff::{self, StaffContext};
use crate::web::{FieldErrors, Form, Query, ascii_digits, multi_line, one_line, plural};

#[derive(Template)]
#[template(path = "occupations/admin_synonyms.html")]
struct SynonymsPage {
    ctx: StaffContext,
    q: String,
    counts: String,
    found: Vec<SynonymGroup>,
    /// The occupation to edit.
    selected: Option<Occupation>,
    synonyms: Vec<String>,
    form: SynonymsForm,
    errors: FieldErrors,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct SynonymsQuery {
    #[serde(deserialize_with = "one_line")]
    noc: String,
}

/// `GET /admin/occupations/synonyms?noc=`: synonyms of a code, or occupations that match the text.
pub async fn show(ctx: StaffContext, query: Query<SynonymsQuery>, services: Data<Services>) -> PageResult {
    let form = SynonymsForm { noc: query.0.noc, ..SynonymsForm::default() };
    page(StatusCode::OK, ctx, form, FieldErrors::default(), &services.db).await
}

async fn page(
    status: StatusCode,
    ctx: StaffContext,
    form: SynonymsForm,
    errors: FieldErrors,
    db: &Database,
) -> PageResult {
    let q = form.noc.clone();
    let query = ascii_digits(&q).to_lowercase();
    let selected = directory::find(db.read(), query.trim_start_matches("noc").trim()).await?;
    let (found, synonyms) = match &selected {
        Some(selected) => (vec![], directory::synonyms_of(db.read(), &selected.noc).await?),
        None if query.is_empty() => (vec![], vec![]),
        None => (store::find_synonyms(db.read(), &query).await?, vec![]),
    };
    let (synonyms_total, occupations_total) = store::count_synonyms(db.read()).await?;
    let counts = format!(
        "{} for {}",
        plural(synonyms_total, "synonym", "synonyms"),
        plural(occupations_total, "occupation", "occupations")
    );
    html(status, &SynonymsPage { ctx, q, counts, found, selected, synonyms, form, errors })
}

/// Synonyms for a code, separated by commas or lines.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SynonymsForm {
    #[serde(deserialize_with = "one_line")]
    noc: String,
    #[serde(deserialize_with = "multi_line")]
    synonyms: String,
}

impl SynonymsForm {
    /// Entries in lower case with single spaces.
    fn entries(&self) -> Vec<String> {
        let tidy = |entry: &str| entry.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        self.synonyms.split([',', ';', '\n', '|']).map(tidy).filter(|entry| !entry.is_empty()).collect()
    }
}

/// `POST /admin/occupations/synonyms`: adds all entries, or none if one is invalid.
pub async fn add(ctx: StaffContext, form: Form<SynonymsForm>, services: Data<Services>) -> PageResult {
    let form = form.0;
    let mut errors = FieldErrors::in_order(&["noc", "synonyms"]);
    let entries = form.entries();
    let mut tx = services.db.begin_write().await?;
    let existing = directory::synonyms_of(&mut *tx, &form.noc).await?;
    let Some(occupation) = directory::find(&mut *tx, &form.noc).await? else {
        tx.rollback().await?;
        let what = if form.noc.is_empty() { "This" } else { &*form.noc };
        errors.add("noc", format!("{what} is not a NOC 2021 code. Search for the occupation first."));
        return page(StatusCode::UNPROCESSABLE_ENTITY, ctx, form, errors, &services.db).await;
    };
    if entries.is_empty() {
        errors.add("synonyms", "Enter at least one synonym, such as physio.");
    }
    for (index, entry) in entries.iter().enumerate() {
        if existing.contains(entry) {
            errors.add("synonyms", format!("{} already has the synonym “{entry}”.", occupation.noc));
        } else if entries[..index].contains(entry) {
            errors.add("synonyms", format!("“{entry}” is entered twice."));
        } else if entry.chars().count() > 60 {
            errors.add("synonyms", "Each synonym must be 60 characters or fewer.");
        } else if !entry.chars().any(char::is_alphabetic) {
            errors.add("synonyms", format!("“{entry}” contains no letter. Codes do not need synonyms."));
        }
    }
    if !errors.is_empty() {
        tx.rollback().await?;
        return page(StatusCode::UNPROCESSABLE_ENTITY, ctx, form, errors, &services.db).await;
    }
    for entry in &entries {
        store::add_synonym(&mut tx, &occupation.noc, entry).await?;
    }
    let subject = format!("{}: {}", occupation.noc, entries.join(", "));
    staff::audit(&mut tx, services.clock.now(), &ctx.member.name, "added synonyms", &subject).await?;
    ctx.set_flash(&mut tx, "Added. The search now finds the occupation by these names.").await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/occupations/synonyms?noc={}", occupation.noc)))
}

/// `POST /admin/occupations/synonyms/removal`
pub async fn remove(ctx: StaffContext, form: Form<SynonymsForm>, services: Data<Services>) -> PageResult {
    let SynonymsForm { noc, synonyms: synonym } = form.0;
    let mut tx = services.db.begin_write().await?;
    let back: String = form_urlencoded::byte_serialize(noc.as_bytes()).collect();
    // Nothing to do if it was already removed.
    if store::remove_synonym(&mut tx, &noc, &synonym).await? {
        let subject = format!("{noc}: {synonym}");
        staff::audit(&mut tx, services.clock.now(), &ctx.member.name, "removed a synonym", &subject).await?;
        ctx.set_flash(&mut tx, &format!("Removed “{synonym}”. To undo this, add it again.")).await?;
    }
    tx.commit().await?;
    Ok(see_other(&format!("/admin/occupations/synonyms?noc={back}")))
}
