//! One import: its progress, its report, and how it ended.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::web::{Data, Path};
use askama::Template;

use crate::http::{PageError, PageResult, html};
use crate::services::Services;
use crate::staff::StaffContext;
use crate::web::{DisplayTime, plural_len};
use crate::wordpress::admin::confirm_form::ConfirmForm;
use crate::wordpress::plan::Plan;
use crate::wordpress::progress::Progress;
use crate::wordpress::report::{Loss, Report, ReportedFinding};
use crate::wordpress::store::{self, Import, ImportState};
use crate::wordpress::work_folder::WorkFolder;

/// Losses and findings that the page shows. The downloaded report contains all of them.
const MAX_SHOWN: usize = 200;

/// Progress while the file is read or imported.
#[derive(Template)]
#[template(path = "wordpress/admin_progress.html")]
struct ProgressPage {
    ctx: StaffContext,
    import: Import,
    received: DisplayTime,
    /// `Step 1 of 2: reading the file`
    step: String,
    /// `None` while the task waits to be started.
    percent: Option<u64>,
    /// `3 posts, 1 page and 2 pictures so far`
    counts: String,
}

#[derive(Template)]
#[template(path = "wordpress/admin_report.html")]
struct ReportPage {
    ctx: StaffContext,
    import: Import,
    received: DisplayTime,
    report: Report,
    fingerprint: String,
    form: ConfirmForm,
    error: String,
}

impl ReportPage {
    fn losses(&self) -> &[Loss] {
        &self.report.losses[..self.report.losses.len().min(MAX_SHOWN)]
    }

    fn findings(&self) -> &[ReportedFinding] {
        &self.report.findings[..self.report.findings.len().min(MAX_SHOWN)]
    }

    /// Note about a list that is not complete.
    fn more(&self, len: usize) -> Option<String> {
        (len > MAX_SHOWN)
            .then(|| format!("Only the first {MAX_SHOWN} are listed here. The downloaded report lists all {len}."))
    }
}

#[derive(Template)]
#[template(path = "wordpress/admin_ended.html")]
struct EndedPage {
    ctx: StaffContext,
    import: Import,
    received: DisplayTime,
    title: &'static str,
    is_imported: bool,
}

/// `GET /admin/posts/import/{id}`
pub async fn show(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let import = find(*id, &services).await?;
    if import.state == ImportState::Ready {
        return respond_with_report(ctx, import, StatusCode::OK, ConfirmForm::default(), String::new(), &services);
    }
    let received = DisplayTime::in_office(import.received_at);
    let title = match import.state {
        ImportState::Imported => "Import complete",
        ImportState::Failed => "Import failed",
        ImportState::Cancelled => "Import cancelled",
        _ => {
            let progress = import.is_started.then(|| services.imports.progress()).flatten();
            let page = ProgressPage {
                ctx,
                received,
                step: progress.map_or_else(|| waiting_text(&import), step_text),
                percent: progress.map(|progress| progress.percent()),
                counts: progress.map(counts_text).unwrap_or_default(),
                import,
            };
            return html(StatusCode::OK, &page);
        }
    };
    let is_imported = import.state == ImportState::Imported;
    html(StatusCode::OK, &EndedPage { ctx, import, received, title, is_imported })
}

fn waiting_text(import: &Import) -> String {
    let what = if import.state == ImportState::Importing { "the import" } else { "reading the file" };
    match import.is_started {
        true => format!("Another process of the site works on {what}."),
        false => format!("Waiting to start {what}."),
    }
}

fn step_text(progress: Progress) -> String {
    format!("Step {} of 2: {}", progress.step.number(), progress.step.text())
}

fn counts_text(progress: Progress) -> String {
    let counts = [
        plural_len(progress.posts, "post", "posts"),
        plural_len(progress.pages, "page", "pages"),
        plural_len(progress.pictures, "picture", "pictures"),
    ];
    format!("{} so far", counts.join(", "))
}

pub(super) async fn find(id: i64, services: &Services) -> Result<Import, PageError> {
    store::find_import(services.db.read(), id).await?.ok_or(PageError::NotFound)
}

pub(super) fn load(import: &Import, services: &Services) -> anyhow::Result<Plan> {
    Plan::load(&WorkFolder::open(&services.imports.folder, &import.folder))
}

/// The report. If its files are gone, for example after a backup was restored, says so.
pub(super) fn respond_with_report(
    ctx: StaffContext,
    import: Import,
    status: StatusCode,
    form: ConfirmForm,
    error: String,
    services: &Services,
) -> PageResult {
    let received = DisplayTime::in_office(import.received_at);
    match load(&import, services) {
        Ok(plan) => {
            let fingerprint = plan.fingerprint();
            let report = plan.report;
            html(status, &ReportPage { ctx, import, received, report, fingerprint, form, error })
        }
        Err(error) => {
            tracing::warn!("{error:#}");
            let notice = "The files of this import are no longer on the server, or another version of the site wrote them. \
                          Nothing was imported. Cancel the import, and upload the file again.";
            let import = Import { notice: notice.to_owned(), ..import };
            html(status, &EndedPage { ctx, import, received, title: "Import report", is_imported: false })
        }
    }
}

/// `GET /admin/posts/import/{id}/report.txt`: the whole report as a text file.
pub async fn download(_: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let import = find(*id, &services).await?;
    let plan = load(&import, &services).map_err(|_| PageError::NotFound)?;
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"import-report.txt\""))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(plan.report.lines().join("\r\n") + "\r\n"))
}
