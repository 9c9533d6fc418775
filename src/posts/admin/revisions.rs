//! Version history of a post: shows an earlier version with its differences, and restores it.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;

use crate::draws;
use crate::http::{PageError, PageResult, html, see_other};
use crate::posts::admin::changes::{FieldChange, changes};
use crate::posts::admin::edit::{EditPage, Preview, find, load_token_values};
use crate::posts::post::{Post, RevisionSummary};
use crate::posts::post_form::PostForm;
use crate::posts::store;
use crate::services::Services;
use crate::staff::{self, AuditChanges, Role, StaffContext};
use crate::web::{DiffRow, FieldErrors, Form, Query, one_line};

#[derive(Template)]
#[template(path = "posts/revision.html")]
struct RevisionPage {
    ctx: StaffContext,
    post: Post,
    /// Title of the version with its tokens expanded.
    title: String,
    meta: RevisionSummary,
    /// Older and newer version that are compared; `None` if there is no other one.
    compared: Option<(RevisionSummary, RevisionSummary)>,
    changes: Vec<FieldChange>,
    compares_previous: bool,
    is_side_by_side: bool,
    preview: Option<Preview>,
    author: String,
    errors: FieldErrors,
    reason: String,
}

impl RevisionPage {
    fn is_current(&self) -> bool {
        self.meta.version == self.post.version
    }

    fn can_restore(&self) -> bool {
        !self.is_current() && (self.ctx.member.can_publish() || !self.post.is_approved())
    }

    /// Address of this page with another comparison or view.
    fn href(&self, compares_previous: bool, is_side_by_side: bool) -> String {
        let compared = if compares_previous { "previous" } else { "current" };
        let view = if is_side_by_side { "side-by-side" } else { "inline" };
        format!("/admin/posts/{}/revisions/{}?with={compared}&view={view}", self.post.id, self.meta.version)
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

/// `GET /admin/posts/{id}/revisions/{version}`
pub async fn revision(
    ctx: StaffContext,
    path: Path<(i64, i64)>,
    query: Query<RevisionQuery>,
    services: Data<Services>,
) -> PageResult {
    let (id, version) = path.into_inner();
    let post = find(&services.db, id).await?;
    show(StatusCode::OK, ctx, post, version, query.0, (FieldErrors::default(), String::new()), &services).await
}

async fn show(
    status: StatusCode,
    ctx: StaffContext,
    post: Post,
    version: i64,
    query: RevisionQuery,
    (errors, reason): (FieldErrors, String),
    services: &Services,
) -> PageResult {
    let db = services.db.read();
    let shown = store::revision(db, post.id, version).await?.ok_or(PageError::NotFound)?;
    let compares_previous = version == post.version || query.with == "previous";
    let other = match compares_previous {
        true => store::previous_revision(db, post.id, version).await?,
        false => store::revision(db, post.id, post.version).await?,
    };
    let (meta, form) = (shown.meta.clone(), PostForm::of_revision(shown));
    let mut page = RevisionPage {
        ctx: ctx.clone(),
        title: String::new(),
        compared: None,
        changes: vec![],
        compares_previous,
        is_side_by_side: query.view == "side-by-side",
        preview: None,
        author: form.author.clone(),
        errors,
        reason,
        meta: meta.clone(),
        post: post.clone(),
    };
    if let Some(other) = other {
        let (other_meta, other) = (other.meta.clone(), PostForm::of_revision(other));
        let (old, new, metas) = match compares_previous {
            true => (other, form.clone(), (other_meta, meta)),
            false => (form.clone(), other, (meta, other_meta)),
        };
        page.compared = Some(metas);
        page.changes = changes(old, new).await?;
    }
    let token_values = load_token_values(&services.db, &form).await?;
    let mut rendered = EditPage::new(ctx, Some(post), form, services.clock.now());
    rendered.show_preview(&token_values);
    page.title = token_values.expand_line(&rendered.form.title);
    page.preview = rendered.preview;
    html(status, &page)
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

/// `POST /admin/posts/{id}/revisions/{version}/restoration`: saves the text of an earlier version as a new one.
///
/// The URL slug stays, so that links keep working. For a published post, the rules of publication apply.
pub async fn restore_revision(
    ctx: StaffContext,
    path: Path<(i64, i64)>,
    form: Form<RestoreForm>,
    services: Data<Services>,
) -> PageResult {
    let (id, version) = path.into_inner();
    let (post, now) = (find(&services.db, id).await?, services.clock.now());
    let is_approved = post.is_approved();
    if is_approved {
        ctx.member.require_role(Role::Publisher)?;
    }
    let old = store::revision(services.db.read(), id, version).await?.ok_or(PageError::NotFound)?;
    let RestoreForm { version: seen, reason } = form.0;
    let slug = post.slug.clone();
    let mut form = PostForm { slug: slug.clone(), version: seen, reason, ..PostForm::of_revision(old) };
    let token_values = load_token_values(&services.db, &form).await?;
    // Pictures that only earlier versions use can be deleted.
    let lacks_cover = !form.cover.is_empty() && token_values.pictures().find(&form.cover).is_none();
    if lacks_cover {
        (form.cover, form.cover_alt) = (String::new(), String::new());
    }
    let mut page = EditPage::new(ctx, Some(post.clone()), form, now);
    page.check(&services.db).await?;
    page.errors = page.form.errors(&token_values, is_approved);
    let can_save = page.errors.is_empty() && (!is_approved || page.can_publish());
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    if can_save {
        let by = page.ctx.member.name.clone();
        let mut tx = services.db.begin_write().await?;
        let is_unchanged = draws::record_version(&mut *tx).await? == page.record_version;
        if is_unchanged && store::update(&mut tx, &post, &page.form, &slug, &by, Some(version), now).await? {
            let title = token_values.expand_line(&page.form.title);
            let changes = AuditChanges::between(&PostForm::of(&post), &page.form);
            let subject = format!("{title} | Version {version}");
            staff::audit_change(&mut tx, now, &by, "restored a version of a post", &subject, &changes).await?;
            if is_approved {
                page.accept_findings(&mut tx, id, &title).await?;
            }
            let cover = if lacks_cover { " without its cover picture, which was deleted" } else { "" };
            let restored =
                format!("Version {version} restored{cover}. The other versions stay in the version history.");
            page.ctx.set_flash(&mut tx, &restored).await?;
            tx.commit().await?;
            return Ok(see_other(&format!("/admin/posts/{id}")));
        }
        tx.rollback().await?;
        status = StatusCode::CONFLICT;
        page.errors.add(
            "version",
            "The post or the draw record has changed since you opened this page, so nothing was restored. Check the \
             differences below, then restore again.",
        );
    }
    let post = find(&services.db, id).await?;
    let result = (page.errors, page.form.reason);
    show(status, page.ctx, post, version, RevisionQuery::default(), result, &services).await
}
