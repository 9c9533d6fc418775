//! Import in the admin area: upload a file, preview the changes, apply them.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;

use crate::db::Database;
use crate::draws::Draw;
use crate::draws::category::{CategoryName, category_name, category_names};
use crate::draws::import::feed_parser::{self, FeedRound};
use crate::draws::import::plan::Plan;
use crate::draws::import::store::{self, StoredUpload};
use crate::draws::import::{self, WarningReasons};
use crate::draws::store::DrawMention;
use crate::draws::tokens::mentions_of;
use crate::draws::validation::Warning;
use crate::http::{PageError, PageResult, html, see_other};
use crate::services::Services;
use crate::staff::StaffContext;
use crate::web::{Form, Upload, office_date, plural_len};

#[derive(Template)]
#[template(path = "draws/admin_import.html")]
struct ImportPage {
    ctx: StaffContext,
    error: String,
    text: String,
}

/// `GET /admin/draws/import`
pub async fn show(ctx: StaffContext) -> PageResult {
    html(StatusCode::OK, &ImportPage { ctx, error: String::new(), text: String::new() })
}

/// `POST /admin/draws/import`: stores the file and redirects to its preview.
pub async fn upload(ctx: StaffContext, upload: Upload, services: Data<Services>) -> PageResult {
    let Upload { file_name, file, text, .. } = upload;
    let pasted = text.trim();
    let has_file = !file_name.is_empty() || !file.is_empty();
    let content = if has_file { &file } else { pasted.as_bytes() };
    let published = if !has_file && pasted.is_empty() {
        Err("Choose a file or paste its contents.".to_owned())
    } else if has_file && !pasted.is_empty() {
        Err("Choose a file or paste its contents, not both.".to_owned())
    } else {
        feed_parser::parse(content).map_err(|error| error.to_string())
    };
    let published = match published {
        Ok(published) => published,
        Err(error) => return html(StatusCode::UNPROCESSABLE_ENTITY, &ImportPage { ctx, error, text }),
    };
    let now = services.clock.now();
    let mut tx = services.db.begin_write().await?;
    let id = store::insert_upload(&mut tx, &file_name, content, &ctx.member.name, now).await?;
    // There is nothing to confirm if the record agrees with the file.
    let plan = import::plan(&mut tx, published, &import::source(now), office_date(now)).await?;
    if plan.is_empty() {
        import::record_check(&mut tx, &plan, office_date(now)).await?;
    }
    tx.commit().await?;
    Ok(see_other(&format!("/admin/draws/import/{id}")))
}

#[derive(Template)]
#[template(path = "draws/admin_preview.html")]
struct PreviewPage {
    ctx: StaffContext,
    id: i64,
    file_name: String,
    plan: Plan,
    fingerprint: String,
    summary: String,
    reverted: String,
    mentions: Vec<DrawMention>,
    names: Vec<CategoryName>,
    reasons: WarningReasons,
    error: String,
    has_errors: bool,
    has_warnings: bool,
}

impl PreviewPage {
    fn category_of(&self, draw: &Draw) -> &str {
        category_name(&self.names, draw.category.as_deref())
    }

    fn reason_field(&self, draw: &Draw, warning: &Warning) -> String {
        WarningReasons::field_name(draw, warning)
    }
}

/// `GET /admin/draws/import/{id}`: compares the file with the current record.
pub async fn preview(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let stored = store::find_upload(services.db.read(), *id).await?.ok_or(PageError::NotFound)?;
    let Some(published) = parse_upload(&stored)? else { return already_applied(&ctx, &services.db).await };
    let mut connection = services.db.read().acquire().await?;
    let today = office_date(services.clock.now());
    let plan = import::plan(&mut connection, published, &import::source(stored.received_at), today).await?;
    drop(connection);
    html(StatusCode::OK, &PreviewPage::new(ctx, *id, stored, plan, &services.db).await?)
}

/// Draws in an upload; `None` if it was applied. A stored upload always parses, because it was parsed before it was stored.
fn parse_upload(stored: &StoredUpload) -> Result<Option<Vec<FeedRound>>, PageError> {
    let Some(content) = &stored.content else { return Ok(None) };
    feed_parser::parse(content).map(Some).map_err(|error| PageError::Internal(error.into()))
}

async fn already_applied(ctx: &StaffContext, db: &Database) -> PageResult {
    let mut tx = db.begin_write().await?;
    ctx.set_flash(&mut tx, "This file has already been imported. Each draw’s page shows what changed.").await?;
    tx.commit().await?;
    Ok(see_other("/admin/draws"))
}

impl PreviewPage {
    async fn new(
        ctx: StaffContext,
        id: i64,
        stored: StoredUpload,
        plan: Plan,
        db: &Database,
    ) -> Result<Self, PageError> {
        let has_errors = plan.warnings().any(|(_, warning)| warning.rule.is_error());
        let has_warnings = plan.warnings().next().is_some();
        Ok(Self {
            ctx,
            id,
            file_name: stored.file_name,
            mentions: mentions_of(db.read(), &plan.draw_numbers()).await?,
            names: category_names(db.read()).await?,
            has_errors,
            has_warnings,
            fingerprint: plan.fingerprint(),
            summary: import::summary(&plan),
            reverted: plural_len(plan.count_reverted(), "field", "fields"),
            plan,
            reasons: WarningReasons::default(),
            error: String::new(),
        })
    }
}

/// Fingerprint of the preview that was shown, and the reasons for ignoring its warnings.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ApplyForm {
    fingerprint: String,
    #[serde(flatten)]
    reasons: WarningReasons,
}

/// `POST /admin/draws/import/{id}`: applies all changes or none.
pub async fn apply(ctx: StaffContext, id: Path<i64>, form: Form<ApplyForm>, services: Data<Services>) -> PageResult {
    let ApplyForm { fingerprint, reasons } = form.0;
    let now = services.clock.now();
    let today = office_date(now);
    let stored = store::find_upload(services.db.read(), *id).await?.ok_or(PageError::NotFound)?;
    let Some(published) = parse_upload(&stored)? else { return already_applied(&ctx, &services.db).await };
    let source = import::source(stored.received_at);
    let mut tx = services.db.begin_write().await?;
    if store::find_upload(&mut *tx, *id).await?.is_none_or(|handed| handed.content.is_none()) {
        // The form was submitted twice, and the first request applied it.
        tx.rollback().await?;
        return already_applied(&ctx, &services.db).await;
    }
    let plan = import::plan(&mut tx, published, &source, today).await?;
    let error = if fingerprint != plan.fingerprint() {
        let sentence = "The record changed in the meantime. Check the new preview, then import again.";
        Some((StatusCode::CONFLICT, sentence.to_owned()))
    } else {
        import::rejection_reason(&plan, &reasons).map(|reason| (StatusCode::UNPROCESSABLE_ENTITY, reason))
    };
    if let Some((status, error)) = error {
        tx.rollback().await?;
        let page = PreviewPage::new(ctx, *id, stored, plan, &services.db).await?;
        return html(status, &PreviewPage { reasons, error, ..page });
    }
    import::apply(&mut tx, &plan, &ctx.member.name, &source, &reasons, now).await?;
    store::mark_applied(&mut tx, *id, now).await?;
    ctx.set_flash(&mut tx, &format!("Imported: {}.", import::summary(&plan))).await?;
    tx.commit().await?;
    Ok(see_other("/admin/draws"))
}
