//! Version history of a page: shows an earlier version with its differences, and restores it.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;

use crate::draws;
use crate::http::{PageError, PageResult, html, see_other};
use crate::pages::admin::changes::changes;
use crate::pages::admin::edit::{EditPage, Preview, find, load_token_values};
use crate::pages::page::Page;
use crate::pages::page_form::PageForm;
use crate::pages::store;
use crate::posts::{FieldChange, PostForm, RevisionSummary};
use crate::services::Services;
use crate::staff::{self, AuditChanges, Role, StaffContext};
use crate::web::{DiffRow, FieldErrors, Form, Query, one_line};

#[derive(Template)]
#[template(path = "pages/revision.html")]
struct RevisionPage {
    ctx: StaffContext,
    page: Page,
    meta: RevisionSummary,
    /// Older and newer version that are compared; `None` if there is no other one.
    compared: Option<(RevisionSummary, RevisionSummary)>,
    changes: Vec<FieldChange>,
    compares_previous: bool,
    is_side_by_side: bool,
    preview: Preview,
    errors: FieldErrors,
    reason: String,
}

impl RevisionPage {
    fn is_current(&self) -> bool {
        self.meta.version == self.page.version
    }

    fn can_restore(&self) -> bool {
        !self.is_current() && !self.page.trashed && (self.ctx.member.can_publish() || !self.page.is_public())
    }

    /// Address of this page with another comparison or view.
    fn href(&self, compares_previous: bool, is_side_by_side: bool) -> String {
        let compared = if compares_previous { "previous" } else { "current" };
        let view = if is_side_by_side { "side-by-side" } else { "inline" };
        format!("/admin/pages/{}/revisions/{}?with={compared}&view={view}", self.page.id, self.meta.version)
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct RevisionQuery {
    /// `previous` or `current`.
    with: String,
    /// `inline` or `side-by-side`.
    view: String,
}

/// `GET /admin/pages/{id}/revisions/{version}`
pub async fn revision(
    ctx: StaffContext,
    path: Path<(i64, i64)>,
    query: Query<RevisionQuery>,
    services: Data<Services>,
) -> PageResult {
    let (id, version) = path.into_inner();
    let page = find(&services.db, id).await?;
    show(StatusCode::OK, ctx, page, version, query.0, (FieldErrors::default(), String::new()), &services).await
}

async fn show(
    status: StatusCode,
    ctx: StaffContext,
    page: Page,
    version: i64,
    query: RevisionQuery,
    (errors, reason): (FieldErrors, String),
    services: &Services,
) -> PageResult {
    let db = services.db.read();
    let shown = store::revision(db, page.id, version).await?.ok_or(PageError::NotFound)?;
    let compares_previous = version == page.version || query.with == "previous";
    let other = match compares_previous {
        true => store::previous_revision(db, page.id, version).await?,
        false => store::revision(db, page.id, page.version).await?,
    };
    let (meta, form) = (shown.meta.clone(), PageForm::of_revision(shown));
    let (mut compared, mut changed) = (None, vec![]);
    if let Some(other) = other {
        let (other_meta, other) = (other.meta.clone(), PageForm::of_revision(other));
        let (old, new, metas) = match compares_previous {
            true => (other, form.clone(), (other_meta, meta.clone())),
            false => (form.clone(), other, (meta.clone(), other_meta)),
        };
        compared = Some(metas);
        changed = changes(old, new).await?;
    }
    let preview = Preview::of(&form, &load_token_values(&services.db, &form).await?);
    let is_side_by_side = query.view == "side-by-side";
    html(
        status,
        &RevisionPage {
            ctx,
            page,
            meta,
            compared,
            changes: changed,
            compares_previous,
            is_side_by_side,
            preview,
            errors,
            reason,
        },
    )
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct RestoreForm {
    /// Current version that the page was opened with; detects concurrent changes.
    version: String,
    /// Reason for publishing despite findings.
    #[serde(deserialize_with = "one_line")]
    reason: String,
}

/// `POST /admin/pages/{id}/revisions/{version}/restoration`: saves the text of an earlier version as a new one.
///
/// The URL slug and the place in the menu stay. For a published page, the rules of publication apply.
pub async fn restore_revision(
    ctx: StaffContext,
    path: Path<(i64, i64)>,
    form: Form<RestoreForm>,
    services: Data<Services>,
) -> PageResult {
    let (id, version) = path.into_inner();
    let (page, now) = (find(&services.db, id).await?, services.clock.now());
    let is_public = page.is_public();
    if is_public {
        ctx.member.require_role(Role::Publisher)?;
    }
    let old = store::revision(services.db.read(), id, version).await?.ok_or(PageError::NotFound)?;
    let mut restored = PageForm::of_revision(old);
    restored.complete(Some(&page));
    restored.text.slug.clone_from(&page.slug);
    restored.text.version = form.0.version;
    restored.text.reason = form.0.reason;
    let token_values = load_token_values(&services.db, &restored).await?;
    let mut editor = EditPage::new(ctx, Some(page.clone()), restored, now);
    editor.check(&services.db).await?;
    editor.errors = editor.form.errors(&token_values, is_public);
    let can_save = editor.errors.is_empty() && (!is_public || editor.can_publish());
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    if can_save {
        let by = editor.ctx.member.name.clone();
        let mut tx = services.db.begin_write().await?;
        let is_unchanged = draws::record_version(&mut *tx).await? == editor.record_version;
        if is_unchanged && store::update(&mut tx, &page, &editor.form, &page.slug, &by, Some(version), now).await? {
            let subject = format!("{} | Version {version}", editor.form.text.title);
            let changes = AuditChanges::between(
                &PageForm::of(&page).text,
                &PostForm { author: String::new(), ..editor.form.text.clone() },
            );
            staff::audit_change(&mut tx, now, &by, "restored a version of a page", &subject, &changes).await?;
            if is_public {
                editor.accept_findings(&mut tx, id).await?;
            }
            let flash = format!("Version {version} restored. The other versions stay in the version history.");
            editor.ctx.set_flash(&mut tx, &flash).await?;
            tx.commit().await?;
            return Ok(see_other(&format!("/admin/pages/{id}")));
        }
        tx.rollback().await?;
        status = StatusCode::CONFLICT;
        editor.errors.add(
            "version",
            "The page or the draw record has changed since you opened this version, so nothing was restored. Check the \
             differences below, then restore again.",
        );
    }
    let page = find(&services.db, id).await?;
    let result = (editor.errors, editor.form.text.reason);
    show(status, editor.ctx, page, version, RevisionQuery::default(), result, &services).await
}
