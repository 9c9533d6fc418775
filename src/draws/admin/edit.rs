//! Draw editor: adds and corrects draws by hand, with the same validation as an import.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;
use sqlx::SqliteConnection;

use crate::clock::Clock;
use crate::db::Database;
use crate::draws::admin::form::DrawForm;
use crate::draws::admin::warnings::WarningLine;
use crate::draws::category::{CategoryName, category_names};
use crate::draws::correction_text::{ChangeText, CorrectionText};
use crate::draws::import::acknowledge_warning;
use crate::draws::import::field_change::{FieldChange, differences};
use crate::draws::pool::{BANDS, Band};
use crate::draws::store::{self, DrawMention};
use crate::draws::tokens::mentions_of;
use crate::draws::validation::{Neighbours, Rule, validate};
use crate::draws::{CorrectionOrigin, Draw, DrawNumber};
use crate::http::{PageError, PageResult, html, see_other, sha256_hex};
use crate::services::Services;
use crate::staff::{self, AuditChanges, StaffContext};
use crate::web::{FieldErrors, Form, office_date, one_line};

#[derive(Template)]
#[template(path = "draws/admin_edit.html")]
struct EditPage {
    ctx: StaffContext,
    /// `None` for a new draw.
    draw: Option<Draw>,
    form: DrawForm,
    errors: FieldErrors,
    warnings: Vec<WarningLine>,
    /// Differences to a version that someone else saved in the meantime.
    conflict: Vec<ChangeText>,
    names: Vec<CategoryName>,
    name_suggestions: Vec<String>,
    mentions: Vec<DrawMention>,
    changes: Vec<CorrectionText>,
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

    /// Whether a warning has not been acknowledged yet, so that the form asks for a reason.
    fn needs_reason(&self) -> bool {
        self.warnings.iter().any(|line| line.acknowledged_reason.is_none())
    }
}

fn fingerprint(draw: &Draw) -> String {
    sha256_hex(format!("{draw:?}"))[..16].to_owned()
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

/// Warnings about a draw, each with the reason if staff acknowledged it.
async fn warning_lines(db: &mut SqliteConnection, draw: &Draw, clock: &Clock) -> sqlx::Result<Vec<WarningLine>> {
    let before = store::previous(&mut *db, &draw.round).await?;
    let after = store::next(&mut *db, &draw.round).await?;
    let around = Neighbours { previous: before.as_ref(), next: after.as_ref() };
    // A draw added below the newest one fills a gap instead of leaving one.
    let fills_gap = after.is_some() && store::find(&mut *db, &draw.round).await?.is_none();
    let reasons = store::acknowledged_warnings(&mut *db).await?;
    let found = validate(draw, around, office_date(clock.now())).into_iter();
    let found = found.filter(|warning| !fills_gap || warning.rule != Rule::Gap);
    Ok(found.map(|warning| WarningLine::new(draw, warning, &reasons)).collect())
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
        page.errors.add("category", "Choose a category from the list.");
    }
    let (now, by) = (clock.now(), page.ctx.member.name.clone());
    let mut tx = db.begin_write().await?;
    let present = store::find(&mut *tx, &draw.round).await?;
    if page.draw.is_none() && present.is_some() {
        page.errors.add("round", format!("Draw {} already exists. Open it to correct it.", draw.round));
    }
    page.warnings = warning_lines(&mut tx, &draw, clock).await?;
    if let Some(line) = page.warnings.iter().find(|line| line.warning.rule.is_error()) {
        page.errors.add(form_field_of(line.warning.rule), line.warning.sentence.clone());
    }
    if page.errors.is_empty() && page.needs_reason() && page.form.reason.is_empty() {
        page.errors.add("reason", "Fix the values that cause the warnings, or enter a reason for ignoring them.");
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
    store::mark_checked(&mut tx, &[draw.round.to_string()], office_date(now)).await?;
    let changes = present.as_ref().map(|present| differences(present, &draw)).unwrap_or_default();
    let (source, number) = (&page.form.source, draw.round.to_string());
    let corrections: Vec<_> =
        changes.iter().map(|change| change.to_correction(&number, now, &by, CorrectionOrigin::Hand, source)).collect();
    store::insert_corrections(&mut tx, &corrections).await?;
    for line in page.warnings.iter().filter(|line| line.acknowledged_reason.is_none()) {
        acknowledge_warning(&mut tx, &draw, &line.warning, &page.form.reason, &by, now).await?;
    }
    let action = if present.is_some() { "corrected a draw" } else { "added a draw" };
    let described: Vec<_> = changes.iter().map(FieldChange::describe).collect();
    let texts: Vec<String> =
        described.iter().map(|text| format!("{} changed from {} to {}", text.field, text.before, text.after)).collect();
    let changed = if texts.is_empty() { String::new() } else { format!("{}. ", texts.join("; ")) };
    let subject = format!("draw {}: {changed}Source: {source}", draw.round);
    let audited = described
        .iter()
        .fold(AuditChanges::default(), |audited, text| audited.field(&text.field, &text.before, &text.after));
    staff::audit_change(&mut tx, now, &by, action, &subject, &audited).await?;
    page.ctx.set_flash(&mut tx, "Saved. All pages and posts that refer to this draw are updated.").await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/draws/{}", draw.round)))
}

/// Form field that shows the error of a rule.
fn form_field_of(rule: Rule) -> &'static str {
    match rule {
        Rule::CrsOutOfRange => "crs",
        Rule::NobodyInvited => "invitations",
        Rule::OutOfTime => "date",
        _ => "reason",
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct AcknowledgeForm {
    warning: String,
    #[serde(deserialize_with = "one_line")]
    reason: String,
}

/// `POST /admin/draws/{number}/acknowledgements`: keeps the published figure despite a warning.
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
        None => "This warning no longer applies because the draw has changed.",
        Some(_) if reason.is_empty() => "Enter a reason for keeping it. Nothing was saved.",
        Some(line) => {
            let reason: String = reason.chars().take(500).collect();
            acknowledge_warning(&mut tx, &draw, &line.warning, &reason, &ctx.member.name, services.clock.now()).await?;
            "Warning acknowledged."
        }
    };
    ctx.set_flash(&mut tx, sentence).await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/draws/{round}")))
}
