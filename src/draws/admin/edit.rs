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
use crate::draws::change::Change;
use crate::draws::check::{Doubt, Rule, doubts};
use crate::draws::import::confirm_all;
use crate::draws::import::plan::differences;
use crate::draws::pool::{BANDS, Band};
use crate::draws::store::{self, Mention};
use crate::draws::tokens::speaking_of;
use crate::draws::{Correction, Draw, Round};
use crate::staff::{self, Desk, Role};
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
    conflict: bool,
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
    desk.member.must_be(Role::Publisher)?;
    page(StatusCode::OK, desk, None, DrawForm::default(), FieldErrors::default(), vec![], false, &db).await
}

/// `GET /admin/draws/{round}`
pub async fn edit(desk: Desk, round: Path<String>, db: Data<Database>, clock: Data<Clock>) -> PageResult {
    let draw = find(&db, &round).await?;
    let form = DrawForm { fingerprint: fingerprint(&draw), ..DrawForm::of(&draw) };
    let lines = doubt_lines(&mut *db.read().acquire().await?, &draw, &clock).await?;
    page(StatusCode::OK, desk, Some(draw), form, FieldErrors::default(), lines, false, &db).await
}

async fn find(db: &Database, round: &str) -> Result<Draw, PageError> {
    let round = round.parse::<Round>().map_err(|_| PageError::NotFound)?;
    store::find(db.read(), &round).await?.ok_or(PageError::NotFound)
}

/// What the checks doubt about a record, with what was found about it before.
async fn doubt_lines(db: &mut SqliteConnection, draw: &Draw, clock: &Clock) -> sqlx::Result<Vec<DoubtLine>> {
    let before = store::before(&mut *db, &draw.round).await?;
    let confirmed = store::confirmations(&mut *db).await?;
    let round = draw.round.to_string();
    let today = clock.now().to_zoned(firm_zone()).date();
    let line = |doubt: Doubt| {
        let found = confirmed.iter().find(|(of, rule, _)| *of == round && *rule == doubt.rule.key());
        DoubtLine { confirmed: found.map(|(.., reason)| reason.clone()), doubt }
    };
    Ok(doubts(draw, before.as_ref(), today).into_iter().map(line).collect())
}

#[expect(clippy::too_many_arguments, reason = "a page is built from all it shows")]
async fn page(
    status: StatusCode,
    desk: Desk,
    draw: Option<Draw>,
    form: DrawForm,
    errors: FieldErrors,
    doubts: Vec<DoubtLine>,
    conflict: bool,
    db: &Database,
) -> PageResult {
    let names = category_names(db.read()).await?;
    let known_names = store::newest_names(db.read()).await?;
    let (mentions, changes) = match &draw {
        Some(draw) => {
            let corrections = store::corrections(db.read(), &draw.round).await?;
            let mentions = speaking_of(db.read(), &[draw.round.to_string()]).await?;
            (mentions, corrections.iter().map(Change::of).collect())
        }
        None => (vec![], vec![]),
    };
    html(status, &EditPage { desk, draw, form, errors, doubts, conflict, names, known_names, mentions, changes })
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

async fn write(desk: Desk, old: Option<Draw>, mut form: DrawForm, db: &Database, clock: &Clock) -> PageResult {
    desk.member.must_be(Role::Publisher)?;
    const WRONG: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
    let draw = match form.read(old.as_ref()) {
        Ok(draw) => draw,
        Err(errors) => return page(WRONG, desk, old, form, errors, vec![], false, db).await,
    };
    let mut errors = FieldErrors::default();
    let names = category_names(db.read()).await?;
    if draw.category.as_ref().is_some_and(|key| !names.iter().any(|name| name.key == *key)) {
        errors.add("category", "Choose one of the categories, or none.");
    }
    let now = clock.now();
    let mut tx = db.begin_write().await?;
    let present = store::find(&mut *tx, &draw.round).await?;
    if old.is_none() && present.is_some() {
        errors.add("round", format!("Round {} is in the record already. Open it there to correct it.", draw.round));
    }
    let lines = doubt_lines(&mut tx, &draw, clock).await?;
    if let Some(line) = lines.iter().find(|line| line.doubt.rule.is_impossible()) {
        errors.add(field_of(line.doubt.rule), line.doubt.sentence.clone());
    }
    let open: Vec<Rule> = lines.iter().filter(|line| line.confirmed.is_none()).map(|line| line.doubt.rule).collect();
    if errors.is_empty() && !open.is_empty() && form.reason.trim().is_empty() {
        errors.add("reason", "The checks doubt this round. Mend it, or say here why it is right, and save again.");
    }
    if !errors.is_empty() {
        tx.rollback().await?;
        return page(WRONG, desk, old, form, errors, lines, false, db).await;
    }
    if let Some(present) = present.filter(|present| fingerprint(present) != form.fingerprint) {
        tx.rollback().await?;
        form.fingerprint = fingerprint(&present);
        return page(StatusCode::CONFLICT, desk, Some(present), form, errors, lines, true, db).await;
    }
    let by = desk.member.name.clone();
    store::put(&mut tx, std::slice::from_ref(&draw)).await?;
    if let Some(old) = &old {
        let corrections: Vec<Correction> = differences(old, &draw)
            .into_iter()
            .map(|change| Correction {
                round: draw.round.to_string(),
                field: change.field.into(),
                before: change.before,
                after: change.after,
                corrected_at: now,
                corrected_by: by.clone(),
                source: form.source.trim().to_owned(),
            })
            .collect();
        store::keep_corrections(&mut tx, &corrections).await?;
    }
    confirm_all(&mut tx, open.into_iter().map(|rule| (&draw, rule)), form.reason.trim(), &by, now).await?;
    let deed = if old.is_some() { "corrected a round" } else { "typed in a round" };
    staff::audit(&mut tx, now, &by, deed, &format!("round {}: {}", draw.round, form.source.trim())).await?;
    desk.say(&mut tx, "Saved. Every page and every post that refers to it shows it from now on.").await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/draws/{}", draw.round)))
}

/// Where the form says what cannot be.
fn field_of(rule: Rule) -> &'static str {
    match rule {
        Rule::CrsOutOfRange => "crs",
        Rule::NobodyInvited => "invitations",
        _ => "reason",
    }
}

/// Which doubt was looked into, and what was found.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Confirmation {
    rule: String,
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
    desk.member.must_be(Role::Publisher)?;
    let draw = find(&db, &round).await?;
    let Confirmation { rule, reason } = form.0;
    let mut tx = db.begin_write().await?;
    let lines = doubt_lines(&mut tx, &draw, &clock).await?;
    let Some(line) = lines.iter().find(|line| line.doubt.rule.key() == rule) else {
        return Err(PageError::NotFound);
    };
    if reason.is_empty() {
        return Err(PageError::BadRequest("Say what you found, so that the next to look at it knows."));
    }
    confirm_all(&mut tx, std::iter::once((&draw, line.doubt.rule)), &reason, &desk.member.name, clock.now()).await?;
    desk.say(&mut tx, "Kept. It is shown as looked into.").await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/draws/{round}")))
}
