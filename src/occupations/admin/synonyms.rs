//! The words people use for an occupation that are in neither of its titles.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

use crate::db::Database;
use crate::http::{PageResult, html, see_other};
use crate::occupations::Occupation;
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
    /// How many words are kept.
    counts: String,
    found: Vec<SynonymGroup>,
    /// The occupation whose words are changed.
    chosen: Option<Occupation>,
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

/// `GET /admin/occupations/synonyms?noc=`: the words of a code, or the occupations that fit what was typed.
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
    let asked = ascii_digits(&q).to_lowercase();
    let chosen = directory::find(db.read(), asked.trim_start_matches("noc").trim()).await?;
    let (found, synonyms) = match &chosen {
        Some(chosen) => (vec![], store::synonyms_of(db.read(), &chosen.noc).await?),
        None if asked.is_empty() => (vec![], vec![]),
        None => (store::find_synonyms(db.read(), &asked).await?, vec![]),
    };
    let counts = synonym_counts(db).await?;
    html(status, &SynonymsPage { ctx, q, counts, found, chosen, synonyms, form, errors })
}

/// How many words are kept, in words.
pub async fn synonym_counts(db: &Database) -> sqlx::Result<String> {
    let (words, of) = store::count_synonyms(db.read()).await?;
    Ok(format!("{} for {}", plural(words, "entry", "entries"), plural(of, "occupation", "occupations")))
}

/// Words for a code, by commas or lines.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SynonymsForm {
    #[serde(deserialize_with = "one_line")]
    noc: String,
    #[serde(deserialize_with = "multi_line")]
    synonyms: String,
}

impl SynonymsForm {
    /// Each entry as it is kept: in small letters, with single spaces.
    fn entries(&self) -> Vec<String> {
        let tidy = |entry: &str| entry.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        self.synonyms.split([',', ';', '\n', '|']).map(tidy).filter(|entry| !entry.is_empty()).collect()
    }
}

/// `POST /admin/occupations/synonyms`: all of them, or none.
pub async fn add(ctx: StaffContext, form: Form<SynonymsForm>, services: Data<Services>) -> PageResult {
    let form = form.0;
    let mut errors = FieldErrors::in_order(&["noc", "synonyms"]);
    let entries = form.entries();
    let mut tx = services.db.begin_write().await?;
    let known = store::synonyms_of(&mut *tx, &form.noc).await?;
    let Some(occupation) = directory::find(&mut *tx, &form.noc).await? else {
        tx.rollback().await?;
        let what = if form.noc.is_empty() { "That" } else { &*form.noc };
        errors.add("noc", format!("{what} is no code of NOC 2021. Find the occupation first."));
        return page(StatusCode::UNPROCESSABLE_ENTITY, ctx, form, errors, &services.db).await;
    };
    if entries.is_empty() {
        errors.add("synonyms", "Type the words that people use, as physio.");
    }
    for (place, entry) in entries.iter().enumerate() {
        if known.contains(entry) {
            errors.add("synonyms", format!("“{entry}” is known for {} already.", occupation.noc));
        } else if entries[..place].contains(entry) {
            errors.add("synonyms", format!("“{entry}” is typed twice."));
        } else if entry.chars().count() > 60 {
            errors.add("synonyms", "Keep each entry under 60 letters: a word or a few, not a sentence.");
        } else if !entry.chars().any(char::is_alphabetic) {
            errors.add("synonyms", format!("“{entry}” has no letter in it. Codes are found without this."));
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
    staff::audit(&mut tx, services.clock.now(), &ctx.member.name, "added words for an occupation", &subject).await?;
    ctx.set_flash(&mut tx, "Added. The directory finds the occupation by them from now on.").await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/occupations/synonyms?noc={}", occupation.noc)))
}

/// `POST /admin/occupations/synonyms/removal`
pub async fn remove(ctx: StaffContext, form: Form<SynonymsForm>, services: Data<Services>) -> PageResult {
    let SynonymsForm { noc, synonyms: words } = form.0;
    let mut tx = services.db.begin_write().await?;
    let back: String = form_urlencoded::byte_serialize(noc.as_bytes()).collect();
    // Pressed twice, or by two people: it is gone all the same.
    if store::remove_synonym(&mut tx, &noc, &words).await? {
        let subject = format!("{noc}: {words}");
        staff::audit(&mut tx, services.clock.now(), &ctx.member.name, "removed words for an occupation", &subject)
            .await?;
        ctx.set_flash(&mut tx, &format!("Removed: “{words}”. Type it again to have it back.")).await?;
    }
    tx.commit().await?;
    Ok(see_other(&format!("/admin/occupations/synonyms?noc={back}")))
}
