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
use crate::draws::correction_text::{ChangeText, CorrectionText};
use crate::draws::import::acknowledge_warning;
use crate::draws::import::merge::differences;
use crate::draws::import::plan::FieldChange;
use crate::draws::pool::{BANDS, Band};
use crate::draws::store::{self, DrawMention};
use crate::draws::tokens::mentions_of;
use crate::draws::validation::{Neighbours, Rule, Warning, validate};
use crate::draws::{CorrectionOrigin, Draw, DrawNumber};
use crate::http::{PageError, PageResult, Sha256Hex, html, see_other};
use crate::services::Services;
use crate::staff::{self, StaffContext};
use crate::web::{FieldErrors, Form, office_time_zone, one_line};

#[derive(Template)]
#[template(path = "draws/admin_edit.html")]
struct EditPage {
    ctx: StaffContext,
    /// `None` while the round is new.
    draw: Option<Draw>,
    form: DrawForm,
    errors: FieldErrors,
    warnings: Vec<WarningLine>,
    /// Where the record, changed by somebody else meanwhile, differs from what was typed.
    conflict: Vec<ChangeText>,
    names: Vec<CategoryName>,
    name_suggestions: Vec<String>,
    mentions: Vec<DrawMention>,
    changes: Vec<CorrectionText>,
}

struct WarningLine {
    warning: Warning,
    /// Why it was let stand, where somebody did.
    acknowledged_reason: Option<String>,
}

impl EditPage {
    fn new(ctx: StaffContext, draw: Option<Draw>, form: DrawForm) -> Self {
        Self {
            ctx,
            draw,
            form,
            errors: FieldErrors::default(),
            warnings: vec![],
            conflict: vec![],
            names: vec![],
            name_suggestions: vec![],
            mentions: vec![],
            changes: vec![],
        }
    }

    async fn render_page(mut self, status: StatusCode, db: &Database) -> PageResult {
        self.names = category_names(db.read()).await?;
        self.name_suggestions = store::names_newest_first(db.read()).await?;
        if let Some(draw) = &self.draw {
            let corrections = store::corrections(db.read(), &draw.round).await?;
            self.changes = CorrectionText::all(&corrections);
            self.mentions = mentions_of(db.read(), &[draw.round.to_string()]).await?;
        }
        html(status, &self)
    }

    fn bands(&self) -> [Band; 18] {
        BANDS
    }

    /// Whether the form asks for a reason: something is doubted that nobody let stand yet.
    fn needs_reason(&self) -> bool {
        self.warnings.iter().any(|line| line.acknowledged_reason.is_none())
    }
}

fn fingerprint(draw: &Draw) -> String {
    Sha256Hex::of(&format!("{draw:?}"))[..16].to_owned()
}

/// `GET /admin/draws/new`
pub async fn new(ctx: StaffContext, services: Data<Services>) -> PageResult {
    EditPage::new(ctx, None, DrawForm::default()).render_page(StatusCode::OK, &services.db).await
}

/// `GET /admin/draws/{number}`
pub async fn edit(ctx: StaffContext, round: Path<String>, services: Data<Services>) -> PageResult {
    let draw = find(&services.db, &round).await?;
    let form = DrawForm { fingerprint: fingerprint(&draw), ..DrawForm::of(&draw) };
    let warnings = warning_lines(&mut *services.db.read().acquire().await?, &draw, &services.clock).await?;
    EditPage { warnings, ..EditPage::new(ctx, Some(draw), form) }.render_page(StatusCode::OK, &services.db).await
}

async fn find(db: &Database, round: &str) -> Result<Draw, PageError> {
    let round = round.parse::<DrawNumber>().map_err(|_| PageError::NotFound)?;
    store::find(db.read(), &round).await?.ok_or(PageError::NotFound)
}

/// What the checks doubt about a record, with what was found about it before.
async fn warning_lines(db: &mut SqliteConnection, draw: &Draw, clock: &Clock) -> sqlx::Result<Vec<WarningLine>> {
    let before = store::previous(&mut *db, &draw.round).await?;
    let after = store::next(&mut *db, &draw.round).await?;
    let around = Neighbours { previous: before.as_ref(), next: after.as_ref() };
    // A draw that is added below the newest one fills a gap and leaves none.
    let fills_gap = after.is_some() && store::find(&mut *db, &draw.round).await?.is_none();
    let confirmed = store::acknowledged_warnings(&mut *db).await?;
    let round = draw.round.to_string();
    let today = clock.now().to_zoned(office_time_zone()).date();
    let line = |warning: Warning| {
        let found = confirmed.iter().find(|(of, key, _)| *of == round && *key == warning.key());
        WarningLine { acknowledged_reason: found.map(|(.., reason)| reason.clone()), warning }
    };
    let found = validate(draw, around, today).into_iter();
    Ok(found.filter(|warning| !fills_gap || warning.rule != Rule::Gap).map(line).collect())
}

/// `POST /admin/draws/new`
pub async fn create(ctx: StaffContext, form: Form<DrawForm>, services: Data<Services>) -> PageResult {
    save_draw(ctx, None, form.0, &services.db, &services.clock).await
}

/// `POST /admin/draws/{number}`
pub async fn save(
    ctx: StaffContext,
    round: Path<String>,
    form: Form<DrawForm>,
    services: Data<Services>,
) -> PageResult {
    let draw = find(&services.db, &round).await?;
    let form = DrawForm { round: draw.round.to_string(), ..form.0 };
    save_draw(ctx, Some(draw), form, &services.db, &services.clock).await
}

async fn save_draw(ctx: StaffContext, old: Option<Draw>, form: DrawForm, db: &Database, clock: &Clock) -> PageResult {
    const WRONG: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
    let mut page = EditPage::new(ctx, old, form);
    let draw = match page.form.parse(page.draw.as_ref()) {
        Ok(draw) => draw,
        Err(errors) => return EditPage { errors, ..page }.render_page(WRONG, db).await,
    };
    let names = category_names(db.read()).await?;
    if draw.category.as_ref().is_some_and(|key| !names.iter().any(|name| name.key == *key)) {
        page.errors.add("category", "Choose one of the categories, or none.");
    }
    let (now, by) = (clock.now(), page.ctx.member.name.clone());
    let mut tx = db.begin_write().await?;
    let present = store::find(&mut *tx, &draw.round).await?;
    if page.draw.is_none() && present.is_some() {
        page.errors
            .add("round", format!("Round {} is in the record already. Open it there to correct it.", draw.round));
    }
    page.warnings = warning_lines(&mut tx, &draw, clock).await?;
    if let Some(line) = page.warnings.iter().find(|line| line.warning.rule.is_error()) {
        page.errors.add(form_field_of(line.warning.rule), line.warning.sentence.clone());
    }
    if page.errors.is_empty() && page.needs_reason() && page.form.reason.is_empty() {
        page.errors.add("reason", "The checks doubt this round. Mend it, or say here why it is right, and save again.");
    }
    if !page.errors.is_empty() {
        tx.rollback().await?;
        return page.render_page(WRONG, db).await;
    }
    if let Some(present) = present.as_ref().filter(|present| fingerprint(present) != page.form.fingerprint) {
        tx.rollback().await?;
        page.conflict = differences(present, &draw).iter().map(FieldChange::describe).collect();
        page.form.fingerprint = fingerprint(present);
        page.draw = Some(present.clone());
        return page.render_page(StatusCode::CONFLICT, db).await;
    }
    store::upsert(&mut tx, std::slice::from_ref(&draw), now).await?;
    let changes = present.as_ref().map(|present| differences(present, &draw)).unwrap_or_default();
    let source = &page.form.source;
    let corrections: Vec<_> =
        changes.iter().map(|change| change.to_correction(&draw, now, &by, CorrectionOrigin::Hand, source)).collect();
    store::insert_corrections(&mut tx, &corrections).await?;
    for line in page.warnings.iter().filter(|line| line.acknowledged_reason.is_none()) {
        acknowledge_warning(&mut tx, &draw, &line.warning, &page.form.reason, &by, now).await?;
    }
    let action = if present.is_some() { "corrected a round" } else { "typed in a round" };
    let described: Vec<String> = changes
        .iter()
        .map(FieldChange::describe)
        .map(|words| format!("{} was {}, is {}", words.field, words.before, words.after))
        .collect();
    let described = described.join("; ");
    let subject = format!("round {}: {}", draw.round, [described.as_str(), source].join(" ").trim());
    staff::audit(&mut tx, now, &by, action, &subject).await?;
    page.ctx.set_flash(&mut tx, "Saved. Every page and every post that refers to it shows it from now on.").await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/draws/{}", draw.round)))
}

/// Where the form says what cannot be.
fn form_field_of(rule: Rule) -> &'static str {
    match rule {
        Rule::CrsOutOfRange => "crs",
        Rule::NobodyInvited => "invitations",
        Rule::OutOfTime => "date",
        _ => "reason",
    }
}

/// Which warning was looked into, and what was found.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct AcknowledgeForm {
    warning: String,
    #[serde(deserialize_with = "one_line")]
    reason: String,
}

/// `POST /admin/draws/{number}/acknowledgements`: the figure stands as it was published.
pub async fn acknowledge(
    ctx: StaffContext,
    round: Path<String>,
    form: Form<AcknowledgeForm>,
    services: Data<Services>,
) -> PageResult {
    let AcknowledgeForm { warning, reason } = form.0;
    let round = round.parse::<DrawNumber>().map_err(|_| PageError::NotFound)?;
    let mut tx = services.db.begin_write().await?;
    let draw = store::find(&mut *tx, &round).await?.ok_or(PageError::NotFound)?;
    let lines = warning_lines(&mut tx, &draw, &services.clock).await?;
    let sentence = match lines.iter().find(|line| line.warning.key() == warning) {
        None => "The round has changed, and this is doubted no longer.",
        Some(_) if reason.is_empty() => "Say what you found, so that the next to look at it knows. Nothing was kept.",
        Some(line) => {
            let reason: String = reason.chars().take(500).collect();
            acknowledge_warning(&mut tx, &draw, &line.warning, &reason, &ctx.member.name, services.clock.now()).await?;
            "Kept. It is shown as looked into."
        }
    };
    ctx.set_flash(&mut tx, sentence).await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/draws/{round}")))
}
