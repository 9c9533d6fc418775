//! Admin pages for settings and pages, for admins only.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;
use validator::Validate;

use crate::db::Database;
use crate::http::{PageError, PageResult, html, see_other};
use crate::media;
use crate::services::Services;
use crate::site::advice::find_in_page;
use crate::site::store::{self, Page, PageRevision};
use crate::site::{MailSettings, SiteSettings};
use crate::staff::{self, AuditChanges, StaffContext};
use crate::web::{
    DisplayTime, FieldErrors, Form, Issue, fix_markdown, markdown_issues, multi_line, one_line, picture_problems,
};

#[derive(Template)]
#[template(path = "site/admin_settings.html")]
struct SettingsPage {
    ctx: StaffContext,
    settings: SiteSettings,
    errors: FieldErrors,
    conflict: bool,
    pages: Vec<Page>,
    inbox_set_by_operator: bool,
    sender_set_by_operator: bool,
}

#[derive(Deserialize)]
pub struct SettingsForm {
    #[serde(flatten)]
    settings: SiteSettings,
    #[serde(default)]
    version: String,
}

/// `GET /admin/site`
pub async fn show(ctx: StaffContext, services: Data<Services>) -> PageResult {
    let settings = store::find(services.db.read()).await?;
    settings_page(StatusCode::OK, ctx, settings, FieldErrors::default(), false, &services.db, &services.mail_settings)
        .await
}

/// `POST /admin/site`
pub async fn save(ctx: StaffContext, form: Form<SettingsForm>, services: Data<Services>) -> PageResult {
    let SettingsForm { mut settings, version } = form.0;
    settings.version = version.parse().unwrap_or_default();
    let errors = FieldErrors::of(&settings, &SiteSettings::FIELDS);
    if !errors.is_empty() {
        return settings_page(
            StatusCode::UNPROCESSABLE_ENTITY,
            ctx,
            settings,
            errors,
            false,
            &services.db,
            &services.mail_settings,
        )
        .await;
    }
    let mut tx = services.db.begin_write().await?;
    let before = store::find(&mut *tx).await?;
    if !store::replace(&mut tx, &settings, services.clock.now()).await? {
        tx.rollback().await?;
        settings.version = store::find(services.db.read()).await?.version;
        return settings_page(StatusCode::CONFLICT, ctx, settings, errors, true, &services.db, &services.mail_settings)
            .await;
    }
    let (now, changes) = (services.clock.now(), AuditChanges::between(&before, &settings));
    staff::audit_change(&mut tx, now, &ctx.member.name, "changed the settings", &settings.name, &changes).await?;
    ctx.set_flash(&mut tx, "Settings saved. The changes are live.").await?;
    tx.commit().await?;
    Ok(see_other("/admin/site"))
}

async fn settings_page(
    status: StatusCode,
    ctx: StaffContext,
    settings: SiteSettings,
    errors: FieldErrors,
    conflict: bool,
    db: &Database,
    mail: &MailSettings,
) -> PageResult {
    let pages = store::all_pages(db.read()).await?;
    let inbox_set_by_operator = !mail.staff_inbox.is_empty();
    let sender_set_by_operator = mail.mail_from.is_some();
    html(
        status,
        &SettingsPage { ctx, settings, errors, conflict, pages, inbox_set_by_operator, sender_set_by_operator },
    )
}

#[derive(Template)]
#[template(path = "site/admin_page.html")]
struct EditPage {
    ctx: StaffContext,
    slug: String,
    form: PageForm,
    errors: FieldErrors,
    conflict: bool,
    /// Sentence that offers advice or representation while there is no licence.
    offer: Option<String>,
    /// Formatting problems in the text.
    issues: Vec<Issue>,
    fixed: bool,
    revisions: Vec<(DisplayTime, PageRevision)>,
}

impl EditPage {
    fn has_fixable_issues(&self) -> bool {
        self.issues.iter().any(Issue::is_fixable)
    }
}

#[derive(Default, Deserialize, Validate)]
#[serde(default)]
pub struct PageForm {
    #[serde(deserialize_with = "one_line")]
    #[validate(length(min = 1, max = 200, message = "Enter a title of 200 characters or fewer."))]
    title: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(min = 1, max = 300, message = "Enter a summary of 300 characters or fewer."))]
    summary: String,
    #[serde(deserialize_with = "multi_line")]
    #[validate(length(min = 1, max = 100_000, message = "Enter the text in 100,000 characters or fewer."))]
    body: String,
    version: String,
    /// `all` fixes formatting problems in the form; empty saves the page.
    fix: String,
}

/// `GET /admin/site/pages/{slug}`
pub async fn show_page(ctx: StaffContext, slug: Path<String>, services: Data<Services>) -> PageResult {
    let page = store::find_page(services.db.read(), &slug).await?.ok_or(PageError::NotFound)?;
    let form = PageForm {
        title: page.title,
        summary: page.summary,
        body: page.body,
        version: page.version.to_string(),
        ..PageForm::default()
    };
    edit_page(StatusCode::OK, ctx, page.slug, form, FieldErrors::default(), false, &services.db).await
}

/// `GET /admin/site/pages/{slug}/revisions/{version}`: opens an earlier version in the editor; saving restores it.
pub async fn show_page_revision(
    mut ctx: StaffContext,
    path: Path<(String, i64)>,
    services: Data<Services>,
) -> PageResult {
    let (slug, version) = path.into_inner();
    let page = store::find_page(services.db.read(), &slug).await?.ok_or(PageError::NotFound)?;
    let old = store::page_revision(services.db.read(), &slug, version).await?;
    let (title, summary, body) = old.ok_or(PageError::NotFound)?;
    let form = PageForm { title, summary, body, version: page.version.to_string(), ..PageForm::default() };
    ctx.flash = Some("This is an earlier version. Save it to restore it.".into());
    edit_page(StatusCode::OK, ctx, slug, form, FieldErrors::default(), false, &services.db).await
}

/// `POST /admin/site/pages/{slug}`
pub async fn save_page(
    ctx: StaffContext,
    slug: Path<String>,
    form: Form<PageForm>,
    services: Data<Services>,
) -> PageResult {
    let mut form = form.0;
    let page = store::find_page(services.db.read(), &slug).await?.ok_or(PageError::NotFound)?;
    let mut errors = FieldErrors::of(&form, &["title", "summary", "body"]);
    if !form.fix.is_empty() && errors.is_empty() {
        form.body = fix_markdown(&form.body);
        return edit_page(StatusCode::OK, ctx, page.slug, form, FieldErrors::default(), false, &services.db).await;
    }
    if errors.is_empty() {
        let pictures = media::pictures_in(services.db.read(), &[&form.body]).await?;
        for (line, problem) in picture_problems(&form.body, &pictures).into_iter().take(1) {
            errors.add("body", format!("Line {line}: {problem}"));
        }
    }
    if !errors.is_empty() {
        return edit_page(StatusCode::UNPROCESSABLE_ENTITY, ctx, page.slug, form, errors, false, &services.db).await;
    }
    let changes = AuditChanges::default()
        .field("title", &page.title, &form.title)
        .field("summary", &page.summary, &form.summary)
        .field("text", &page.body, &form.body);
    let changed = Page {
        slug: page.slug,
        title: form.title.clone(),
        summary: form.summary.clone(),
        body: form.body.clone(),
        version: form.version.parse().unwrap_or_default(),
        updated_at: services.clock.now(),
    };
    let mut tx = services.db.begin_write().await?;
    if !store::replace_page(&mut tx, &changed, &ctx.member.name).await? {
        tx.rollback().await?;
        form.version = page.version.to_string();
        return edit_page(StatusCode::CONFLICT, ctx, changed.slug, form, errors, true, &services.db).await;
    }
    let now = services.clock.now();
    staff::audit_change(&mut tx, now, &ctx.member.name, "updated a page", &changed.title, &changes).await?;
    ctx.set_flash(&mut tx, "Page updated. The changes are live.").await?;
    tx.commit().await?;
    Ok(see_other("/admin/site"))
}

async fn edit_page(
    status: StatusCode,
    ctx: StaffContext,
    slug: String,
    form: PageForm,
    errors: FieldErrors,
    conflict: bool,
    db: &Database,
) -> PageResult {
    let revisions = store::page_revisions(db.read(), &slug).await?;
    let revisions =
        revisions.into_iter().map(|revision| (DisplayTime::in_office(revision.saved_at), revision)).collect();
    let offer = match ctx.layout.firm.licence() {
        None if errors.is_empty() => find_in_page(&form.title, &form.summary, &form.body),
        _ => None,
    };
    // Text that is too long is not checked.
    let issues = if errors.is_empty() { markdown_issues(&form.body) } else { vec![] };
    let fixed = errors.is_empty() && !form.fix.is_empty();
    html(status, &EditPage { ctx, slug, form, errors, conflict, offer, issues, fixed, revisions })
}
