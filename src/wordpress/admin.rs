//! Import in the admin area: upload a file, read the report, import everything or nothing.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;

use crate::db::Database;
use crate::http::{PageError, PageResult, html, see_other, sha256_hex};
use crate::media::PictureProcessor;
use crate::services::Services;
use crate::staff::StaffContext;
use crate::web::{Form, UploadedFile, UploadedFiles, one_line};
use crate::wordpress::apply::{ErrorDecision, apply, rejection_reason};
use crate::wordpress::export_file::ExportFile;
use crate::wordpress::plan::{Plan, Progress, plan};
use crate::wordpress::report::Report;
use crate::wordpress::store::{self, StoredExport};

#[derive(Template)]
#[template(path = "wordpress/admin_import.html")]
struct ImportPage {
    ctx: StaffContext,
    error: String,
    /// Maximum megabytes of an upload.
    max_mb: usize,
}

impl ImportPage {
    fn new(ctx: StaffContext, error: String) -> Self {
        Self { ctx, error, max_mb: UploadedFiles::MAX_FILE_BYTES / 1024 / 1024 }
    }
}

/// `GET /admin/posts/import`
pub async fn show(ctx: StaffContext) -> PageResult {
    html(StatusCode::OK, &ImportPage::new(ctx, String::new()))
}

/// `POST /admin/posts/import`: stores the file and redirects to its report.
pub async fn upload(ctx: StaffContext, mut files: UploadedFiles, services: Data<Services>) -> PageResult {
    let (name, content) = match files.next().await? {
        Some(UploadedFile { name, content: Some(content) }) => (name, content),
        refused => {
            let error = match refused {
                Some(file) => format!("{} is too large. Use the command import wordpress.", file.name),
                None => "Choose a file.".to_owned(),
            };
            return html(StatusCode::UNPROCESSABLE_ENTITY, &ImportPage::new(ctx, error));
        }
    };
    if let Err(error) = read(&content, None, &services).await {
        return html(StatusCode::UNPROCESSABLE_ENTITY, &ImportPage::new(ctx, sentence(&error)));
    }
    let mut tx = services.db.begin_write().await?;
    let id = store::insert_upload(&mut tx, &name, &content, &ctx.member.name, services.clock.now()).await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/posts/import/{id}")))
}

#[derive(Template)]
#[template(path = "wordpress/admin_report.html")]
struct ReportPage {
    ctx: StaffContext,
    id: i64,
    file_name: String,
    report: Report,
    fingerprint: String,
    form: ApplyForm,
    error: String,
}

/// Fingerprint of the report that was shown, and what to do with texts that have possible errors.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ApplyForm {
    fingerprint: String,
    /// `keep` or `drafts`.
    decision: String,
    #[serde(deserialize_with = "one_line")]
    reason: String,
}

impl ApplyForm {
    fn decision(&self) -> ErrorDecision {
        match (self.decision.as_str(), self.reason.as_str()) {
            ("drafts", _) => ErrorDecision::Drafts,
            ("keep", reason) if !reason.is_empty() => ErrorDecision::Keep(reason.chars().take(500).collect()),
            _ => ErrorDecision::Open,
        }
    }
}

/// `GET /admin/posts/import/{id}`: the report. Changes nothing.
pub async fn preview(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let StoredExport { file_name, content } =
        store::find_upload(services.db.read(), *id).await?.ok_or(PageError::NotFound)?;
    let Some(content) = content else { return already_imported(&ctx, &services.db).await };
    let report = read(&content, None, &services).await?.report;
    let fingerprint = fingerprint(&report);
    let form = ApplyForm::default();
    html(StatusCode::OK, &ReportPage { ctx, id: *id, file_name, report, fingerprint, form, error: String::new() })
}

/// `POST /admin/posts/import/{id}`: imports everything or nothing.
pub async fn import(ctx: StaffContext, id: Path<i64>, form: Form<ApplyForm>, services: Data<Services>) -> PageResult {
    let form = form.0;
    let StoredExport { file_name, content } =
        store::find_upload(services.db.read(), *id).await?.ok_or(PageError::NotFound)?;
    let Some(content) = content else { return already_imported(&ctx, &services.db).await };
    // Checked before the pictures are processed, which takes much longer.
    let mut plan = read(&content, None, &services).await?;
    let current = fingerprint(&plan.report);
    let decision = form.decision();
    let refused = if form.fingerprint == current {
        rejection_reason(&plan, &decision).map(|reason| (StatusCode::UNPROCESSABLE_ENTITY, reason))
    } else {
        let sentence = "The site or its draw record changed in the meantime. Check the new report, then import again.";
        Some((StatusCode::CONFLICT, sentence.to_owned()))
    };
    if let Some((status, error)) = refused {
        let report = plan.report;
        return html(status, &ReportPage { ctx, id: *id, file_name, report, fingerprint: current, form, error });
    }
    plan = read(&content, Some(&services.picture_processor), &services).await?;
    let (now, by) = (services.clock.now(), &ctx.member.name);
    let mut tx = services.db.begin_write().await?;
    if store::find_upload(&mut *tx, *id).await?.is_none_or(|stored| stored.content.is_none()) {
        // The form was submitted twice, and the first request imported the file.
        tx.rollback().await?;
        return already_imported(&ctx, &services.db).await;
    }
    apply(&mut tx, &mut plan, &decision, by, now).await?;
    store::clear_upload(&mut tx, *id).await?;
    ctx.set_flash(&mut tx, &format!("Imported: {}.", plan.report.summary())).await?;
    tx.commit().await?;
    Ok(see_other("/admin/posts"))
}

async fn read(content: &[u8], processor: Option<&PictureProcessor>, services: &Services) -> anyhow::Result<Plan> {
    let mut export = ExportFile::from_bytes(content)?;
    let (total, now) = (export.len, services.clock.now());
    plan(services.db.read(), &mut export, processor, now, Progress { total, report: &mut |_, _| {} }).await
}

/// Changes when the import would add or report something else.
fn fingerprint(report: &Report) -> String {
    sha256_hex(report.lines().join("\n"))
}

/// Error as a sentence.
fn sentence(error: &anyhow::Error) -> String {
    let text = format!("{error:#}");
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let rest = chars.as_str().trim_end_matches('.');
    format!("{first}{rest}.")
}

async fn already_imported(ctx: &StaffContext, db: &Database) -> PageResult {
    let mut tx = db.begin_write().await?;
    ctx.set_flash(&mut tx, "This file has already been imported.").await?;
    tx.commit().await?;
    Ok(see_other("/admin/posts"))
}
