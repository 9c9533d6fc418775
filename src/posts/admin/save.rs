//! Saves what was entered in the post editor: preview, fixes, save, and save and publish.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};

use crate::clock::Clock;
use crate::db::Database;
use crate::draws;
use crate::http::{PageResult, see_other};
use crate::posts::admin::edit::{EditPage, find, load_token_values};
use crate::posts::admin::insert::insert;
use crate::posts::post::Post;
use crate::posts::post_form::PostForm;
use crate::posts::{autosaves, store};
use crate::services::Services;
use crate::staff::{self, StaffContext};
use crate::web::Form;

/// Limit for sentences quoted in the audit log when a post is published despite findings.
const MAX_FINDINGS_IN_AUDIT_ENTRY: usize = 10;

/// `POST /admin/posts/new`
pub async fn create(ctx: StaffContext, form: Form<PostForm>, services: Data<Services>) -> PageResult {
    submit(ctx, None, form.0, &services.db, &services.clock).await
}

/// `POST /admin/posts/{id}`
pub async fn save(ctx: StaffContext, id: Path<i64>, form: Form<PostForm>, services: Data<Services>) -> PageResult {
    let post = find(&services.db, *id).await?;
    submit(ctx, Some(post), form.0, &services.db, &services.clock).await
}

/// Handles the pressed button: apply a fix, preview, save, or save and publish.
async fn submit(ctx: StaffContext, post: Option<Post>, form: PostForm, db: &Database, clock: &Clock) -> PageResult {
    let now = clock.now();
    let publishes = form.action == "publish";
    let is_public = post.as_ref().is_some_and(Post::is_public);
    let mut page = EditPage::new(ctx, post, form, now);
    page.is_submitted = true;
    page.form.normalize_cover();
    // Every button adds a text that was pasted but not added yet. Otherwise it would be lost.
    if !page.form.formatted.trim().is_empty() {
        return insert(page, None, db).await;
    }
    if page.form.is_too_long() {
        page.errors = page.form.length_errors();
        return page.respond(StatusCode::UNPROCESSABLE_ENTITY, db).await;
    }
    page.check(db).await?;
    if !page.form.apply_fix.is_empty() {
        page.apply_fix();
        return page.respond(StatusCode::OK, db).await;
    }
    if !page.form.fix.is_empty() {
        page.form.fix();
        page.is_markdown_fixed = true;
        let token_values = load_token_values(db, &page.form).await?;
        page.show_preview(&token_values);
        return page.respond(StatusCode::OK, db).await;
    }
    let token_values = load_token_values(db, &page.form).await?;
    if page.form.action == "preview" {
        page.errors = page.form.errors(&token_values, false);
        page.show_preview(&token_values);
        return page.respond(StatusCode::OK, db).await;
    }
    if (publishes || is_public) && !page.ctx.member.can_publish() {
        // The post may have been published in the meantime. Return the text so that it is not lost.
        page.is_forbidden = true;
        return page.respond(StatusCode::FORBIDDEN, db).await;
    }
    page.errors = page.form.errors(&token_values, publishes || is_public);
    if !page.errors.is_empty() || ((publishes || is_public) && !page.can_publish()) {
        return page.respond(StatusCode::UNPROCESSABLE_ENTITY, db).await;
    }
    let by = page.ctx.member.name.clone();
    let mut tx = db.begin_write().await?;
    if draws::record_version(&mut *tx).await? != page.record_version {
        tx.rollback().await?;
        return page.respond_record_changed(db).await;
    }
    let post_id = page.post.as_ref().map_or(0, |post| post.id);
    let Some(slug) = choose_slug(&mut tx, &page.form, &page.form.slug_candidate(&token_values), post_id).await? else {
        tx.rollback().await?;
        page.errors.add("slug", "Another post already uses this URL slug. Enter a different one or leave it empty.");
        return page.respond(StatusCode::UNPROCESSABLE_ENTITY, db).await;
    };
    let id = match &page.post {
        None => store::create(&mut tx, &page.form, &slug, &by, now).await?,
        Some(post) => {
            if !store::update(&mut tx, post, &page.form, &slug, &by, None, now).await? {
                tx.rollback().await?;
                return conflict(page, post_id, db).await;
            }
            post.id
        }
    };
    let (audit_action, flash_message) = match (publishes, is_public) {
        (true, _) => ("published a post", "Published. The post is now on the site."),
        (false, true) => ("updated a published post", "Updated. The changes are now on the site."),
        (false, false) => ("saved a draft", "Draft saved. Only staff can see it."),
    };
    if publishes {
        store::publish(&mut tx, id, None, now).await?;
    }
    let title = token_values.expand_line(&page.form.title);
    staff::audit(&mut tx, now, &by, audit_action, &title).await?;
    if publishes || is_public {
        page.accept_findings(&mut tx, id, &title).await?;
    }
    if let Ok(autosave) = page.form.autosave.parse() {
        autosaves::delete(&mut tx, autosave, page.ctx.member.id).await?;
    }
    page.ctx.set_flash(&mut tx, flash_message).await?;
    tx.commit().await?;
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

/// The entered slug, or `None` if it is taken; without one, a unique slug made from the title.
async fn choose_slug(
    tx: &mut sqlx::SqliteConnection,
    form: &PostForm,
    wanted: &str,
    post_id: i64,
) -> sqlx::Result<Option<String>> {
    if !form.slug.is_empty() && store::is_slug_taken(&mut *tx, wanted, post_id).await? {
        return Ok(None);
    }
    store::unique_slug(tx, wanted, post_id).await.map(Some)
}

/// Shows both texts after a concurrent change. The next save overwrites the other version.
pub(super) async fn conflict(mut page: EditPage, id: i64, db: &Database) -> PageResult {
    let post = find(db, id).await?;
    // With the version that the text is based on, so that the editor can name the newer one when it is opened again.
    page.store_autosave(db).await;
    page.form.version = post.version.to_string();
    page.record_version.clear();
    page.conflict = store::revision(db.read(), id, post.version).await?;
    page.post = Some(post);
    page.respond(StatusCode::CONFLICT, db).await
}
