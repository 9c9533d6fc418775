//! Changes to a published post: saves them without publishing, shows the differences, and publishes or discards them.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;

use crate::draws::{self, TokenValues};
use crate::editing::{delete_autosave, save_autosave};
use crate::http::{PageResult, html, see_other};
use crate::posts::admin::changes::{FieldChange, changes, has_changes};
use crate::posts::admin::conflict::{choose_slug, conflict};
use crate::posts::admin::edit::{EditPage, Preview, find, load_token_values};
use crate::posts::post::Post;
use crate::posts::post_form::PostForm;
use crate::posts::staged::{self, StagedChanges};
use crate::posts::store;
use crate::services::Services;
use crate::staff::{self, AuditChanges, StaffContext};
use crate::web::{DiffRow, FieldErrors, Form, Query, one_line};

/// Longest correction line, in characters.
const MAX_LINE_LEN: usize = 300;

/// Saves the form of a published post without changing what readers see.
pub(super) async fn stage(
    mut page: EditPage,
    post: Post,
    token_values: &TokenValues,
    services: &Services,
) -> PageResult {
    page.errors = page.form.errors(token_values, false);
    page.form.check_publish_date(page.now, &mut page.errors);
    if !page.form.slug.is_empty() && store::is_slug_taken(services.db.read(), &page.form.slug, post.id).await? {
        page.errors.add("slug", "Another post already uses this URL slug. Enter a different one or leave it empty.");
    }
    if !page.errors.is_empty() {
        return page.respond(StatusCode::UNPROCESSABLE_ENTITY, services).await;
    }
    if page.form.slug.is_empty() {
        page.form.slug.clone_from(&post.slug);
    }
    let (by, title) = (page.ctx.member.name.clone(), token_values.expand_line(&page.form.title));
    let mut tx = services.db.begin_write().await?;
    if !staged::store::save(&mut tx, post.id, &page.form, &by, page.now).await? {
        tx.rollback().await?;
        return stage_conflict(page, &post, services).await;
    }
    let is_changed = has_changes(&PostForm::of(&post), &page.form);
    let (flash, location) = if is_changed {
        let changes = AuditChanges::between(&PostForm::of(&post), &page.form);
        staff::audit_change(&mut tx, page.now, &by, "saved changes to a published post", &title, &changes).await?;
        ("Changes saved. Readers do not see them until you publish them.", format!("/admin/posts/{}/changes", post.id))
    } else {
        staged::store::delete(&mut tx, post.id).await?;
        ("The text is the same as on the site, so there is nothing to publish.", format!("/admin/posts/{}", post.id))
    };
    store::refresh_pictures(&mut tx, post.id).await?;
    if let Ok(autosave) = page.form.autosave.parse() {
        delete_autosave::<PostForm>(&mut tx, autosave, page.ctx.member.id).await?;
    }
    page.ctx.set_flash(&mut tx, flash).await?;
    tx.commit().await?;
    Ok(see_other(&location))
}

/// Returns the text because another member changed the post or its staged changes. The next save replaces these.
async fn stage_conflict(mut page: EditPage, post: &Post, services: &Services) -> PageResult {
    let current = find(&services.db, post.id).await?;
    if page.form.version != current.version.to_string() {
        return conflict(page, post.id, services).await;
    }
    let other = staged::store::find(services.db.read(), post.id).await?;
    page.form.staged = other.as_ref().map(|other| other.save_number.to_string()).unwrap_or_default();
    page.errors.add(
        "body",
        match other {
            Some(other) => format!(
                "{} saved other changes on {} Your text is below and not saved. Save again to replace the other changes.",
                other.saved_by,
                other.saved().text
            ),
            None => "The changes were published or discarded meanwhile. Your text is below. Save again to keep it.".into(),
        },
    );
    page.respond(StatusCode::CONFLICT, services).await
}

#[derive(Template)]
#[template(path = "posts/staged.html")]
struct StagedPage {
    ctx: StaffContext,
    post: Post,
    /// Title on the site, with its tokens expanded.
    title: String,
    staged: StagedChanges,
    changes: Vec<FieldChange>,
    is_side_by_side: bool,
    preview: Option<Preview>,
    errors: FieldErrors,
    form: PublishForm,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct StagedQuery {
    /// `inline` or `side-by-side`.
    view: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct PublishForm {
    /// Save number of the changes that the page showed.
    staged: String,
    /// Pressed button: `publish` or `correct`.
    action: String,
    #[serde(deserialize_with = "one_line")]
    correction_line: String,
    /// Reason for publishing despite findings.
    #[serde(deserialize_with = "one_line")]
    reason: String,
}

/// `GET /admin/posts/{id}/changes`
pub async fn show_changes(
    ctx: StaffContext,
    id: Path<i64>,
    query: Query<StagedQuery>,
    services: Data<Services>,
) -> PageResult {
    let result = (FieldErrors::default(), PublishForm::default());
    show(StatusCode::OK, ctx, *id, query.0, result, &services).await
}

async fn show(
    status: StatusCode,
    ctx: StaffContext,
    id: i64,
    query: StagedQuery,
    (errors, form): (FieldErrors, PublishForm),
    services: &Services,
) -> PageResult {
    let post = find(&services.db, id).await?;
    let Some(staged) = staged::store::find(services.db.read(), id).await? else {
        return Ok(see_other(&format!("/admin/posts/{id}")));
    };
    let title = TokenValues::for_texts(services.db.read(), &[&post.title]).await?.expand_line(&post.title);
    let changed = staged.form();
    let token_values = load_token_values(&services.db, &changed).await?;
    let differences = changes(PostForm::of(&post), changed.clone()).await?;
    let mut rendered = EditPage::new(ctx.clone(), Some(post.clone()), changed, services.clock.now());
    rendered.show_preview(&token_values);
    let page = StagedPage {
        ctx,
        post,
        title,
        staged,
        changes: differences,
        is_side_by_side: query.view == "side-by-side",
        preview: rendered.preview,
        errors,
        form,
    };
    html(status, &page)
}

/// `POST /admin/posts/{id}/changes/publication`: publishes the changes, as a correction if a line is entered for it.
pub async fn publish_changes(
    ctx: StaffContext,
    id: Path<i64>,
    form: Form<PublishForm>,
    services: Data<Services>,
) -> PageResult {
    let (id, form, now) = (*id, form.0, services.clock.now());
    let post = find(&services.db, id).await?;
    let Some(staged) = staged::store::find(services.db.read(), id).await? else {
        return Ok(see_other(&format!("/admin/posts/{id}")));
    };
    // Enter in the field presses the first button of the form.
    let is_correction = form.action == "correct" || !form.correction_line.trim().is_empty();
    let text = PostForm { reason: form.reason.clone(), ..staged.form() };
    if !post.is_public() {
        let mut errors = FieldErrors::default();
        errors.add("staged", "This post is not published any more, so its changes cannot be published.");
        return show(StatusCode::CONFLICT, ctx, id, StagedQuery::default(), (errors, form), &services).await;
    }
    let token_values = load_token_values(&services.db, &text).await?;
    let mut page = EditPage::new(ctx, Some(post.clone()), text, now);
    page.check(&services.db).await?;
    page.errors = page.form.errors(&token_values, true);
    page.form.check_publish_date(now, &mut page.errors);
    if is_correction && form.correction_line.is_empty() {
        page.errors.add("correction_line", "Enter a line that says what was corrected.");
    }
    if form.correction_line.chars().count() > MAX_LINE_LEN {
        page.errors.add("correction_line", "The line must be 300 characters or fewer.");
    }
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    if page.errors.is_empty() && page.can_publish() {
        let by = page.ctx.member.name.clone();
        let mut tx = services.db.begin_write().await?;
        let is_unchanged = draws::record_version(&mut *tx).await? == page.record_version
            && staged::store::find(&mut *tx, id).await?.is_some_and(|now| now.save_number.to_string() == form.staged);
        let slug = choose_slug(&mut tx, &page.form, &page.form.slug_candidate(&token_values), id).await?;
        if let Some(slug) = slug
            && is_unchanged
            && store::update(&mut tx, &post, &page.form, &slug, &by, None, now).await?
        {
            staged::store::delete(&mut tx, id).await?;
            let title = token_values.expand_line(&page.form.title);
            let action = if is_correction { "published a correction" } else { "published changes to a post" };
            let mut changes = AuditChanges::between(&PostForm::of(&post), &PostForm { slug, ..page.form.clone() });
            if is_correction {
                staged::store::insert_correction(&mut tx, id, &form.correction_line, &by, now).await?;
                changes = changes.field("correction", "", &form.correction_line);
            }
            staff::audit_change(&mut tx, now, &by, action, &title, &changes).await?;
            page.accept_findings(&mut tx, id, &title).await?;
            page.ctx.set_flash(&mut tx, "Published. The changes are now on the site.").await?;
            tx.commit().await?;
            return Ok(see_other(&format!("/admin/posts/{id}")));
        }
        tx.rollback().await?;
        status = StatusCode::CONFLICT;
        page.errors.add(
            "staged",
            "The post, its changes, its URL slug or the draw record have changed since you opened this page, so nothing was \
             published. Check the differences below, then publish again, or edit the changes.",
        );
    }
    show(status, page.ctx, id, StagedQuery::default(), (page.errors, form), &services).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct DiscardForm {
    /// Save number of the changes that the page showed.
    staged: String,
}

/// `POST /admin/posts/{id}/changes/removal`: discards the changes that the page showed. The editor offers their text to the
/// member for some time.
pub async fn discard_changes(
    ctx: StaffContext,
    id: Path<i64>,
    form: Form<DiscardForm>,
    services: Data<Services>,
) -> PageResult {
    let (post, now) = (find(&services.db, *id).await?, services.clock.now());
    let shown = form.0.staged.parse().unwrap_or_default();
    let mut tx = services.db.begin_write().await?;
    let Some(discarded) = staged::store::remove(&mut tx, post.id, shown).await? else {
        tx.rollback().await?;
        let mut errors = FieldErrors::default();
        errors.add(
            "discard",
            "The changes were saved again since you opened this page, so nothing was discarded. Check the differences \
             below, then discard again.",
        );
        let result = (errors, PublishForm::default());
        return show(StatusCode::CONFLICT, ctx, post.id, StagedQuery::default(), result, &services).await;
    };
    // The next changes start again without a save number.
    let text = PostForm { staged: String::new(), ..discarded.form() };
    save_autosave(&mut tx, Some(post.id), ctx.member.id, &text, now).await?;
    store::refresh_pictures(&mut tx, post.id).await?;
    staff::audit(&mut tx, now, &ctx.member.name, "discarded changes to a published post", &post.title).await?;
    let flash = "Changes discarded. The post itself is unchanged. For 30 days, this page offers the discarded text to you \
                 as unsaved text.";
    ctx.set_flash(&mut tx, flash).await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/posts/{id}")))
}
