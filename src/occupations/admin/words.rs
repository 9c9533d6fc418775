//! The words people use for an occupation that are in neither of its titles.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

use crate::clock::Clock;
use crate::db::Database;
use crate::occupations::Occupation;
use crate::occupations::admin::store::{self, Worded};
use crate::occupations::store as directory;
use crate::staff::{self, Desk};
use crate::web::{FieldErrors, Form, PageResult, Query, html, one_line, paragraphs, plain_digits, plural, see_other};

#[derive(Template)]
#[template(path = "occupations/admin_words.html")]
struct WordsPage {
    desk: Desk,
    q: String,
    /// How many words are kept.
    kept: String,
    found: Vec<Worded>,
    /// The occupation whose words are changed.
    chosen: Option<Occupation>,
    known: Vec<String>,
    form: WordsForm,
    errors: FieldErrors,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct WordsQuery {
    #[serde(deserialize_with = "one_line")]
    noc: String,
}

/// `GET /admin/occupations/words?noc=`: the words of a code, or the occupations that fit what was typed.
pub async fn show(desk: Desk, query: Query<WordsQuery>, db: Data<Database>) -> PageResult {
    let form = WordsForm { noc: query.0.noc, ..WordsForm::default() };
    page(StatusCode::OK, desk, form, FieldErrors::default(), &db).await
}

async fn page(status: StatusCode, desk: Desk, form: WordsForm, errors: FieldErrors, db: &Database) -> PageResult {
    let q = form.noc.clone();
    let asked = plain_digits(&q).to_lowercase();
    let chosen = directory::find(db.read(), asked.trim_start_matches("noc").trim()).await?;
    let (found, known) = match &chosen {
        Some(chosen) => (vec![], store::words_of(db.read(), &chosen.noc).await?),
        None if asked.is_empty() => (vec![], vec![]),
        None => (store::worded(db.read(), &asked).await?, vec![]),
    };
    let kept = words_kept(db).await?;
    html(status, &WordsPage { desk, q, kept, found, chosen, known, form, errors })
}

/// How many words are kept, in words.
pub async fn words_kept(db: &Database) -> sqlx::Result<String> {
    let (words, of) = store::count_words(db.read()).await?;
    Ok(format!("{} for {}", plural(words, "entry", "entries"), plural(of, "occupation", "occupations")))
}

/// Words for a code, by commas or lines.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct WordsForm {
    #[serde(deserialize_with = "one_line")]
    noc: String,
    #[serde(deserialize_with = "paragraphs")]
    words: String,
}

impl WordsForm {
    /// Each entry as it is kept: in small letters, with single spaces.
    fn entries(&self) -> Vec<String> {
        let tidy = |entry: &str| entry.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        self.words.split([',', ';', '\n', '|']).map(tidy).filter(|entry| !entry.is_empty()).collect()
    }
}

/// `POST /admin/occupations/words`: all of them, or none.
pub async fn add(desk: Desk, form: Form<WordsForm>, db: Data<Database>, clock: Data<Clock>) -> PageResult {
    let form = form.0;
    let mut errors = FieldErrors::in_order(&["noc", "words"]);
    let entries = form.entries();
    let mut tx = db.begin_write().await?;
    let known = store::words_of(&mut *tx, &form.noc).await?;
    let Some(occupation) = directory::find(&mut *tx, &form.noc).await? else {
        tx.rollback().await?;
        let what = if form.noc.is_empty() { "That" } else { &*form.noc };
        errors.add("noc", format!("{what} is no code of NOC 2021. Find the occupation first."));
        return page(StatusCode::UNPROCESSABLE_ENTITY, desk, form, errors, &db).await;
    };
    if entries.is_empty() {
        errors.add("words", "Type the words that people use, as physio.");
    }
    for (place, entry) in entries.iter().enumerate() {
        if known.contains(entry) {
            errors.add("words", format!("“{entry}” is known for {} already.", occupation.noc));
        } else if entries[..place].contains(entry) {
            errors.add("words", format!("“{entry}” is typed twice."));
        } else if entry.chars().count() > 60 {
            errors.add("words", "Keep each entry under 60 letters: a word or a few, not a sentence.");
        } else if !entry.chars().any(char::is_alphabetic) {
            errors.add("words", format!("“{entry}” has no letter in it. Codes are found without this."));
        }
    }
    if !errors.is_empty() {
        tx.rollback().await?;
        return page(StatusCode::UNPROCESSABLE_ENTITY, desk, form, errors, &db).await;
    }
    for entry in &entries {
        store::add_words(&mut tx, &occupation.noc, entry).await?;
    }
    let deed = format!("{}: {}", occupation.noc, entries.join(", "));
    staff::audit(&mut tx, clock.now(), &desk.member.name, "added words for an occupation", &deed).await?;
    desk.say(&mut tx, "Added. The directory finds the occupation by them from now on.").await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/occupations/words?noc={}", occupation.noc)))
}

/// `POST /admin/occupations/words/removal`
pub async fn remove(desk: Desk, form: Form<WordsForm>, db: Data<Database>, clock: Data<Clock>) -> PageResult {
    let WordsForm { noc, words } = form.0;
    let mut tx = db.begin_write().await?;
    let back: String = form_urlencoded::byte_serialize(noc.as_bytes()).collect();
    // Pressed twice, or by two people: it is gone all the same.
    if store::remove_words(&mut tx, &noc, &words).await? {
        let deed = format!("{noc}: {words}");
        staff::audit(&mut tx, clock.now(), &desk.member.name, "removed words for an occupation", &deed).await?;
        desk.say(&mut tx, &format!("Removed: “{words}”. Type it again to have it back.")).await?;
    }
    tx.commit().await?;
    Ok(see_other(&format!("/admin/occupations/words?noc={back}")))
}
