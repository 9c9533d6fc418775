//! Saves what was entered in the post editor: preview, fixes, save, and save and publish.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};

use crate::draws;
use crate::editing::delete_autosave;
use crate::http::{PageResult, see_other};
use crate::posts::admin::changes::has_changes;
use crate::posts::admin::conflict::{choose_slug, conflict};
use crate::posts::admin::edit::{EditPage, find, load_token_values};
use crate::posts::admin::insert::insert;
use crate::posts::admin::staged::stage;
use crate::posts::admin::workflow::SaveAction;
use crate::posts::post::{Post, PostState};
use crate::posts::post_form::PostForm;
use crate::posts::{staged, store, workflow};
use crate::services::Services;
use crate::staff::{self, AuditChanges, StaffContext};
use crate::web::Form;

/// Limit for sentences quoted in the audit log when a post is published despite findings.
const MAX_FINDINGS_IN_AUDIT_ENTRY: usize = 10;

/// `POST /admin/posts/new`
pub async fn create(ctx: StaffContext, form: Form<PostForm>, services: Data<Services>) -> PageResult {
    submit(ctx, None, form.0, &services).await
}

/// `POST /admin/posts/{id}`
pub async fn save(ctx: StaffContext, id: Path<i64>, form: Form<PostForm>, services: Data<Services>) -> PageResult {
    let post = find(&services.db, *id).await?;
    submit(ctx, Some(post), form.0, &services).await
}

/// Handles the pressed button: apply a fix, preview, or save and do what a [`SaveAction`] says.
async fn submit(ctx: StaffContext, post: Option<Post>, form: PostForm, services: &Services) -> PageResult {
    let (db, now) = (&services.db, services.clock.now());
    let mut action = SaveAction::of(&form.action);
    if action == SaveAction::Save && post.as_ref().is_some_and(|post| form.changes_schedule(post)) {
        action = SaveAction::Schedule;
    }
    let is_approved = action.approves() || post.as_ref().is_some_and(Post::is_approved);
    let mut page = EditPage::new(ctx, post, form, now);
    page.is_submitted = true;
    page.form.normalize_cover();
    // Every button adds a text that was pasted but not added yet. Otherwise it would be lost.
    if !page.form.formatted.trim().is_empty() {
        return insert(page, None, services).await;
    }
    if page.form.is_too_long() {
        page.errors = page.form.length_errors();
        return page.respond(StatusCode::UNPROCESSABLE_ENTITY, services).await;
    }
    page.check(db).await?;
    if !page.form.apply_fix.is_empty() {
        page.apply_fix();
        return page.respond(StatusCode::OK, services).await;
    }
    if !page.form.fix.is_empty() {
        page.form.fix();
        page.is_markdown_fixed = true;
        let token_values = load_token_values(db, &page.form).await?;
        page.show_preview(&token_values);
        return page.respond(StatusCode::OK, services).await;
    }
    let token_values = load_token_values(db, &page.form).await?;
    if page.form.action == "preview" {
        page.errors = page.form.errors(&token_values, false);
        page.show_preview(&token_values);
        return page.respond(StatusCode::OK, services).await;
    }
    if (is_approved || action.needs_publisher()) && !page.ctx.member.can_publish() {
        // The post may have been published in the meantime. Return the text so that it is not lost.
        page.is_forbidden = true;
        return page.respond(StatusCode::FORBIDDEN, services).await;
    }
    if let (SaveAction::Stage, Some(post)) = (action, page.post.clone().filter(Post::is_public)) {
        return stage(page, post, &token_values, services).await;
    }
    page.errors = page.form.errors(&token_values, is_approved);
    page.form.check_publish_date(now, &mut page.errors);
    let scheduled_for = page.check_action(action);
    if !page.errors.is_empty() || (is_approved && !page.can_publish()) {
        return page.respond(StatusCode::UNPROCESSABLE_ENTITY, services).await;
    }
    let by = page.ctx.member.name.clone();
    let mut tx = db.begin_write().await?;
    if draws::record_version(&mut *tx).await? != page.record_version {
        tx.rollback().await?;
        return page.respond_record_changed(services).await;
    }
    let post_id = page.post.as_ref().map_or(0, |post| post.id);
    let Some(slug) = choose_slug(&mut tx, &page.form, &page.form.slug_candidate(&token_values), post_id).await? else {
        tx.rollback().await?;
        page.errors.add("slug", "Another post already uses this URL slug. Enter a different one or leave it empty.");
        return page.respond(StatusCode::UNPROCESSABLE_ENTITY, services).await;
    };
    let id = match &page.post {
        None => store::create(&mut tx, &page.form, &slug, &by, now).await?,
        Some(post) => {
            // The saved text replaces the staged changes that it is based on.
            if let Ok(number) = page.form.staged.parse() {
                staged::store::remove(&mut tx, post.id, number).await?;
            }
            let is_unchanged = action.only_moves() && !has_changes(&PostForm::of(post), &page.form);
            let is_saved = if is_unchanged {
                let seen = page.form.version.parse().unwrap_or_default();
                workflow::store::is_current(&mut tx, post, seen).await?
            } else {
                store::update(&mut tx, post, &page.form, &slug, &by, None, now).await?
            };
            if !is_saved {
                tx.rollback().await?;
                return conflict(page, post_id, services).await;
            }
            post.id
        }
    };
    let title = token_values.expand_line(&page.form.title);
    let (audit_action, flash_message) =
        page.apply_action(&mut tx, action, (id, &title), scheduled_for, services).await?;
    let before = page.post.as_ref().map(PostForm::of).unwrap_or_default();
    let state_before = page.post.as_ref().map_or(PostState::Draft, |post| post.state);
    let changes = AuditChanges::between(&before, &PostForm { slug, ..page.form.clone() });
    let changes = changes.field("status", state_before.label(), action.state_after(state_before).label());
    staff::audit_change(&mut tx, now, &by, audit_action, &title, &changes).await?;
    if is_approved {
        page.accept_findings(&mut tx, id, &title).await?;
    }
    if let Ok(autosave) = page.form.autosave.parse() {
        delete_autosave::<PostForm>(&mut tx, autosave, page.ctx.member.id).await?;
    }
    page.ctx.set_flash(&mut tx, &flash_message).await?;
    tx.commit().await?;
    services.notifier.notify();
    Ok(see_other(&format!("/admin/posts/{id}")))
}

impl EditPage {
    /// Records the possible errors that are published with a reason, in the database and the audit log.
    pub(super) async fn accept_findings(
        &self,
        tx: &mut sqlx::SqliteConnection,
        id: i64,
        title: &str,
    ) -> sqlx::Result<()> {
        let open = &self.findings.errors;
        if open.is_empty() {
            return Ok(());
        }
        let (by, reason) = (&self.ctx.member.name, &self.form.reason);
        let keys: Vec<&str> = open.iter().map(|line| line.key.as_str()).collect();
        store::accept_findings(tx, id, &keys, reason, by, self.now).await?;
        let sentences = open.iter().map(|line| line.finding.sentence.as_str());
        let more = open.len().saturating_sub(MAX_FINDINGS_IN_AUDIT_ENTRY);
        let more = if more > 0 { format!(" / and {more} more") } else { String::new() };
        let sentences: Vec<&str> = sentences.take(MAX_FINDINGS_IN_AUDIT_ENTRY).collect();
        let subject = format!("{title} | Reason: {reason} | Findings: {}{more}", sentences.join(" / "));
        staff::audit(tx, self.now, by, "published with possible errors", &subject).await
    }
}
