//! A round typed in by hand, or corrected by hand, under the same checks as one that is imported.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;
use sqlx::SqliteConnection;

use crate::clock::Clock;
use crate::db::Database;
use crate::draws::admin::form::DrawForm;
use crate::draws::category::{CategoryName, category_names};
use crate::draws::change::{Change, Words};
use crate::draws::check::{Around, Doubt, Rule, doubts};
use crate::draws::import::confirm as keep_confirmation;
use crate::draws::import::merge::differences;
use crate::draws::import::plan::FieldChange;
use crate::draws::pool::{BANDS, Band};
use crate::draws::store::{self, Mention};
use crate::draws::tokens::speaking_of;
use crate::draws::{Draw, Origin, Round};
use crate::staff::{self, Desk};
use crate::web::{Digest, FieldErrors, Form, PageError, PageResult, firm_zone, html, one_line, see_other};

#[derive(Template)]
#[template(path = "draws/admin_edit.html")]
struct EditPage {
    desk: Desk,
    /// `None` while the round is new.
    draw: Option<Draw>,
    form: DrawForm,
    errors: FieldErrors,
    doubts: Vec<DoubtLine>,
    /// Where the record, changed by somebody else meanwhile, differs from what was typed.
    conflict: Vec<Words>,
    names: Vec<CategoryName>,
    known_names: Vec<String>,
    mentions: Vec<Mention>,
    changes: Vec<Change>,
}

struct DoubtLine {
    doubt: Doubt,
    /// Why it was let stand, where somebody did.
    confirmed: Option<String>,
}

impl EditPage {
    fn new(desk: Desk, draw: Option<Draw>, form: DrawForm) -> Self {
        Self {
            desk,
            draw,
            form,
            errors: FieldErrors::default(),
            doubts: vec![],
            conflict: vec![],
            names: vec![],
            known_names: vec![],
            mentions: vec![],
            changes: vec![],
        }
    }

    async fn answer(mut self, status: StatusCode, db: &Database) -> PageResult {
        self.names = category_names(db.read()).await?;
        self.known_names = store::newest_names(db.read()).await?;
        if let Some(draw) = &self.draw {
            let corrections = store::corrections(db.read(), &draw.round).await?;
            self.changes = Change::all(&corrections);
            self.mentions = speaking_of(db.read(), &[draw.round.to_string()]).await?;
        }
        html(status, &self)
    }

    fn bands(&self) -> [Band; 18] {
        BANDS
    }

    /// Whether the form asks for a reason: something is doubted that nobody let stand yet.
    fn asks_reason(&self) -> bool {
        self.doubts.iter().any(|line| line.confirmed.is_none())
    }
}

fn fingerprint(draw: &Draw) -> String {
    Digest::of(&format!("{draw:?}"))[..16].to_owned()
}

/// `GET /admin/draws/new`
pub async fn new(desk: Desk, db: Data<Database>) -> PageResult {
    EditPage::new(desk, None, DrawForm::default()).answer(StatusCode::OK, &db).await
}

/// `GET /admin/draws/{round}`
pub async fn edit(desk: Desk, round: Path<String>, db: Data<Database>, clock: Data<Clock>) -> PageResult {
    let draw = find(&db, &round).await?;
    let form = DrawForm { fingerprint: fingerprint(&draw), ..DrawForm::of(&draw) };
    let doubts = doubt_lines(&mut *db.read().acquire().await?, &draw, &clock).await?;
    EditPage { doubts, ..EditPage::new(desk, Some(draw), form) }.answer(StatusCode::OK, &db).await
}

async fn find(db: &Database, round: &str) -> Result<Draw, PageError> {
    let round = round.parse::<Round>().map_err(|_| PageError::NotFound)?;
    store::find(db.read(), &round).await?.ok_or(PageError::NotFound)
}

/// What the checks doubt about a record, with what was found about it before.
async fn doubt_lines(db: &mut SqliteConnection, draw: &Draw, clock: &Clock) -> sqlx::Result<Vec<DoubtLine>> {
    let before = store::before(&mut *db, &draw.round).await?;
    let after = store::after(&mut *db, &draw.round).await?;
    let around = Around { before: before.as_ref(), after: after.as_ref() };
    // A draw that is added below the newest one fills a gap and leaves none.
    let fills_gap = after.is_some() && store::find(&mut *db, &draw.round).await?.is_none();
    let confirmed = store::confirmations(&mut *db).await?;
    let round = draw.round.to_string();
    let today = clock.now().to_zoned(firm_zone()).date();
    let line = |doubt: Doubt| {
        let found = confirmed.iter().find(|(of, key, _)| *of == round && *key == doubt.key());
        DoubtLine { confirmed: found.map(|(.., reason)| reason.clone()), doubt }
    };
    let found = doubts(draw, around, today).into_iter();
    Ok(found.filter(|doubt| !fills_gap || doubt.rule != Rule::Gap).map(line).collect())
}

/// `POST /admin/draws/new`
pub async fn create(desk: Desk, form: Form<DrawForm>, db: Data<Database>, clock: Data<Clock>) -> PageResult {
    write(desk, None, form.0, &db, &clock).await
}

/// `POST /admin/draws/{round}`
pub async fn save(
    desk: Desk,
    round: Path<String>,
    form: Form<DrawForm>,
    db: Data<Database>,
    clock: Data<Clock>,
) -> PageResult {
    let draw = find(&db, &round).await?;
    let form = DrawForm { round: draw.round.to_string(), ..form.0 };
    write(desk, Some(draw), form, &db, &clock).await
}

async fn write(desk: Desk, old: Option<Draw>, form: DrawForm, db: &Database, clock: &Clock) -> PageResult {
    const WRONG: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
    let mut page = EditPage::new(desk, old, form);
    let draw = match page.form.read(page.draw.as_ref()) {
        Ok(draw) => draw,
        Err(errors) => return EditPage { errors, ..page }.answer(WRONG, db).await,
    };
    let names = category_names(db.read()).await?;
    if draw.category.as_ref().is_some_and(|key| !names.iter().any(|name| name.key == *key)) {
        page.errors.add("category", "Choose one of the categories, or none.");
    }
    let (now, by) = (clock.now(), page.desk.member.name.clone());
    let mut tx = db.begin_write().await?;
    let present = store::find(&mut *tx, &draw.round).await?;
    if page.draw.is_none() && present.is_some() {
        page.errors
            .add("round", format!("Round {} is in the record already. Open it there to correct it.", draw.round));
    }
    page.doubts = doubt_lines(&mut tx, &draw, clock).await?;
    if let Some(line) = page.doubts.iter().find(|line| line.doubt.rule.is_impossible()) {
        page.errors.add(field_of(line.doubt.rule), line.doubt.sentence.clone());
    }
    if page.errors.is_empty() && page.asks_reason() && page.form.reason.is_empty() {
        page.errors.add("reason", "The checks doubt this round. Mend it, or say here why it is right, and save again.");
    }
    if !page.errors.is_empty() {
        tx.rollback().await?;
        return page.answer(WRONG, db).await;
    }
    if let Some(present) = present.as_ref().filter(|present| fingerprint(present) != page.form.fingerprint) {
        tx.rollback().await?;
        page.conflict = differences(present, &draw).iter().map(FieldChange::in_words).collect();
        page.form.fingerprint = fingerprint(present);
        page.draw = Some(present.clone());
        return page.answer(StatusCode::CONFLICT, db).await;
    }
    store::put(&mut tx, std::slice::from_ref(&draw), now).await?;
    let changes = present.as_ref().map(|present| differences(present, &draw)).unwrap_or_default();
    let source = &page.form.source;
    let kept: Vec<_> = changes.iter().map(|change| change.kept(&draw, now, &by, Origin::Hand, source)).collect();
    store::keep_corrections(&mut tx, &kept).await?;
    for line in page.doubts.iter().filter(|line| line.confirmed.is_none()) {
        keep_confirmation(&mut tx, &draw, &line.doubt, &page.form.reason, &by, now).await?;
    }
    let deed = if present.is_some() { "corrected a round" } else { "typed in a round" };
    let told: Vec<String> = changes
        .iter()
        .map(FieldChange::in_words)
        .map(|words| format!("{} was {}, is {}", words.field, words.before, words.after))
        .collect();
    let told = told.join("; ");
    let subject = format!("round {}: {}", draw.round, [told.as_str(), source].join(" ").trim());
    staff::audit(&mut tx, now, &by, deed, &subject).await?;
    page.desk.say(&mut tx, "Saved. Every page and every post that refers to it shows it from now on.").await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/draws/{}", draw.round)))
}

/// Where the form says what cannot be.
fn field_of(rule: Rule) -> &'static str {
    match rule {
        Rule::CrsOutOfRange => "crs",
        Rule::NobodyInvited => "invitations",
        Rule::OutOfTime => "date",
        _ => "reason",
    }
}

/// Which doubt was looked into, and what was found.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Confirmation {
    doubt: String,
    #[serde(deserialize_with = "one_line")]
    reason: String,
}

/// `POST /admin/draws/{round}/confirmations`: the figure stands as it was published.
pub async fn confirm(
    desk: Desk,
    round: Path<String>,
    form: Form<Confirmation>,
    db: Data<Database>,
    clock: Data<Clock>,
) -> PageResult {
    let Confirmation { doubt, reason } = form.0;
    let round = round.parse::<Round>().map_err(|_| PageError::NotFound)?;
    let mut tx = db.begin_write().await?;
    let draw = store::find(&mut *tx, &round).await?.ok_or(PageError::NotFound)?;
    let lines = doubt_lines(&mut tx, &draw, &clock).await?;
    let sentence = match lines.iter().find(|line| line.doubt.key() == doubt) {
        None => "The round has changed, and this is doubted no longer.",
        Some(_) if reason.is_empty() => "Say what you found, so that the next to look at it knows. Nothing was kept.",
        Some(line) => {
            let reason: String = reason.chars().take(500).collect();
            keep_confirmation(&mut tx, &draw, &line.doubt, &reason, &desk.member.name, clock.now()).await?;
            "Kept. It is shown as looked into."
        }
    };
    desk.say(&mut tx, sentence).await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/draws/{round}")))
}
