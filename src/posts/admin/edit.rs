//! Post editor: edit, check, preview, save and publish.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use jiff::Timestamp;

use crate::clock::Clock;
use crate::db::Database;
use crate::draws::{self, DrawField, TokenValues};
use crate::http::{PageError, PageResult, html, see_other};
use crate::media;
use crate::posts::admin::findings::EditorFindings;
use crate::posts::post::{Cover, Post, Revision, RevisionSummary};
use crate::posts::post_form::PostForm;
use crate::posts::stale_posts::RecordSnapshot;
use crate::posts::{public, store};
use crate::services::Services;
use crate::staff::{self, StaffContext};
use crate::web::{FieldErrors, Form, Issue, find_advice_offer, plain_line_issue, plural_len};

/// Limit for sentences quoted in the audit log when a post is published despite findings.
const MAX_FINDINGS_IN_AUDIT_ENTRY: usize = 10;

#[derive(Template)]
#[template(path = "posts/admin_edit.html")]
pub(super) struct EditPage {
    pub(super) ctx: StaffContext,
    /// `None` for a new post.
    pub(super) post: Option<Post>,
    pub(super) form: PostForm,
    pub(super) errors: FieldErrors,
    pub(super) preview: Option<Preview>,
    conflict: Option<Revision>,
    is_forbidden: bool,
    /// Text inserted by the pressed "Replace with" button; not saved yet.
    applied_fix: Option<String>,
    /// Whether "Fix all" changed the text; not saved yet.
    is_markdown_fixed: bool,
    /// Formatting problems of Markdown fields, each with its field label.
    issues: Vec<(&'static str, Issue)>,
    /// Formatting problems of the title and the summary, which are plain text.
    plain_issues: Vec<(&'static str, &'static str)>,
    /// Sentence that offers advice or representation although no licence is entered in the settings.
    advice_warning: Option<String>,
    findings: EditorFindings,
    revisions: Vec<RevisionSummary>,
    /// Addresses and file names of the newest pictures, as suggestions for the cover picture.
    new_pictures: Vec<(String, String)>,
    /// Title with its tokens expanded.
    rendered_title: String,
    /// Version of the record used for the findings.
    pub(super) record_version: String,
    now: Timestamp,
}

pub(super) struct Preview {
    title: String,
    summary: String,
    cover: Cover,
    body: String,
    correction: String,
}

impl EditPage {
    pub(super) fn new(ctx: StaffContext, post: Option<Post>, form: PostForm, now: Timestamp) -> Self {
        Self {
            ctx,
            post,
            form,
            errors: FieldErrors::default(),
            preview: None,
            conflict: None,
            is_forbidden: false,
            applied_fix: None,
            is_markdown_fixed: false,
            issues: vec![],
            plain_issues: vec![],
            advice_warning: None,
            findings: EditorFindings::default(),
            revisions: vec![],
            new_pictures: vec![],
            rendered_title: String::new(),
            record_version: String::new(),
            now,
        }
    }

    pub(super) async fn respond(mut self, status: StatusCode, db: &Database) -> PageResult {
        // The version is cleared when the text or the record changes after a check.
        if self.record_version.is_empty() {
            self.check(db).await?;
        }
        self.issues = self.form.issues();
        let plain = [("Title", &self.form.title), ("Summary", &self.form.summary)];
        self.plain_issues =
            plain.into_iter().filter_map(|(field, text)| Some((field, plain_line_issue(text)?))).collect();
        if self.ctx.layout.firm.licence().is_none() {
            self.advice_warning = self.form.texts().into_iter().find_map(|(_, text)| find_advice_offer(text));
        }
        self.rendered_title =
            TokenValues::for_texts(db.read(), &[&self.form.title]).await?.expand_line(&self.form.title);
        self.new_pictures = media::newest_addresses(db.read(), 30).await?;
        if let Some(post) = &self.post {
            self.revisions =
                public::revisions_with_token_values(db.read(), store::revisions(db.read(), post.id).await?).await?;
        }
        html(status, &self)
    }

    /// Runs the fact check.
    pub(super) async fn check(&mut self, db: &Database) -> Result<(), PageError> {
        let accepted = match &self.post {
            Some(post) => store::accepted_findings(db.read(), post.id).await?,
            None => vec![],
        };
        let record = RecordSnapshot::load(db.read()).await?;
        self.record_version = record.version.clone();
        let findings = record.findings(&self.form, self.post.as_ref(), self.now).await?;
        self.findings = EditorFindings::new(db.read(), findings, &accepted).await?;
        Ok(())
    }

    /// Number of errors that have not been accepted, such as "2 possible errors".
    fn error_count(&self) -> String {
        plural_len(self.findings.errors.len(), "possible error", "possible errors")
    }

    /// Rejects the save because the record changed after the fact check, and shows the new findings.
    pub(super) async fn respond_record_changed(mut self, db: &Database) -> PageResult {
        self.record_version.clear();
        self.errors.add("body", "The draw record has just changed. Review the possible errors below, then save again.");
        self.respond(StatusCode::CONFLICT, db).await
    }

    /// Whether the form has no errors, and a reason for possible errors in the text; adds an error otherwise.
    pub(super) fn can_publish(&mut self) -> bool {
        if !self.findings.errors.is_empty() && self.form.reason.is_empty() {
            let found = self.error_count();
            self.errors.add("reason", format!("{found}. Fix the text or enter a reason for keeping it."));
        }
        self.errors.is_empty()
    }

    /// Applies the suggested fix of one finding without saving.
    fn apply_fix(&mut self) {
        let found = self.findings.find(&self.form.apply_fix);
        let Some((field, fix)) = found.and_then(|finding| Some((finding.field, finding.suggested_fix.clone()?))) else {
            self.errors.add(
                "body",
                "That sentence has changed, so nothing was replaced. Check the list of possible errors again.",
            );
            return;
        };
        let text = match field {
            "title" => &mut self.form.title,
            "summary" => &mut self.form.summary,
            "body" => &mut self.form.body,
            _ => &mut self.form.correction,
        };
        if text.get(fix.range.clone()).is_some() {
            text.replace_range(fix.range, &fix.replacement);
            self.applied_fix = Some(fix.replacement);
            self.record_version.clear();
        }
    }

    fn has_fixable_issues(&self) -> bool {
        !self.plain_issues.is_empty() || self.issues.iter().any(|(_, issue)| issue.is_fixable())
    }

    pub(super) fn show_preview(&mut self, token_values: &TokenValues) {
        self.preview = Some(Preview {
            title: token_values.expand_line(&self.form.title),
            summary: token_values.expand_line(&self.form.summary),
            cover: Cover {
                address: self.form.cover.clone(),
                alt: self.form.cover_alt.clone(),
                picture: token_values.pictures().find(&self.form.cover).cloned(),
            },
            body: token_values.markdown_html(&self.form.body),
            correction: token_values.note_html(&self.form.correction),
        });
    }

    /// Whether the user may save. Writers cannot change published posts.
    fn can_save(&self) -> bool {
        self.ctx.member.can_publish() || !self.post.as_ref().is_some_and(Post::is_public)
    }

    /// Whether the form asks a publisher for a reason to keep possible errors.
    fn needs_reason(&self) -> bool {
        self.ctx.member.can_publish() && !self.findings.errors.is_empty()
    }

    fn draw_fields(&self) -> [(DrawField, &'static str, &'static str); 11] {
        DrawField::ALL
    }
}

pub(super) async fn load_token_values(db: &Database, form: &PostForm) -> sqlx::Result<TokenValues> {
    let [title, summary, body, correction] = form.texts().map(|(_, text)| text);
    TokenValues::for_texts(db.read(), &[title, summary, body, correction, &form.cover]).await
}

/// `GET /admin/posts/new`
pub async fn new(ctx: StaffContext, services: Data<Services>) -> PageResult {
    let form = PostForm { author: ctx.member.name.clone(), ..PostForm::default() };
    EditPage::new(ctx, None, form, services.clock.now()).respond(StatusCode::OK, &services.db).await
}

/// `POST /admin/posts/new`
pub async fn create(ctx: StaffContext, form: Form<PostForm>, services: Data<Services>) -> PageResult {
    submit(ctx, None, form.0, &services.db, &services.clock).await
}

/// `GET /admin/posts/{id}`
pub async fn edit(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let post = find(&services.db, *id).await?;
    let form = PostForm::of(&post);
    EditPage::new(ctx, Some(post), form, services.clock.now()).respond(StatusCode::OK, &services.db).await
}

/// `POST /admin/posts/{id}`
pub async fn save(ctx: StaffContext, id: Path<i64>, form: Form<PostForm>, services: Data<Services>) -> PageResult {
    let post = find(&services.db, *id).await?;
    submit(ctx, Some(post), form.0, &services.db, &services.clock).await
}

pub(super) async fn find(db: &Database, id: i64) -> Result<Post, PageError> {
    store::find(db.read(), id).await?.ok_or(PageError::NotFound)
}

/// Handles the pressed button: apply a fix, preview, save, or save and publish.
async fn submit(ctx: StaffContext, post: Option<Post>, form: PostForm, db: &Database, clock: &Clock) -> PageResult {
    let now = clock.now();
    let publishes = form.action == "publish";
    let is_public = post.as_ref().is_some_and(Post::is_public);
    let mut page = EditPage::new(ctx, post, form, now);
    page.form.normalize_cover();
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
            if !store::update(&mut tx, post, &page.form, &slug, &by, now).await? {
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
    page.form.version = post.version.to_string();
    page.record_version.clear();
    page.conflict = store::revision(db.read(), id, post.version).await?;
    page.post = Some(post);
    page.respond(StatusCode::CONFLICT, db).await
}

/// `GET /admin/posts/{id}/revisions/{version}`: opens an earlier version in the editor; saving restores it.
pub async fn revision(mut ctx: StaffContext, path: Path<(i64, i64)>, services: Data<Services>) -> PageResult {
    let (id, version) = path.into_inner();
    let post = find(&services.db, id).await?;
    let old = store::revision(services.db.read(), id, version).await?.ok_or(PageError::NotFound)?;
    let form = PostForm {
        title: old.meta.title,
        summary: old.summary,
        author: old.author,
        topics: old.topics,
        body: old.body,
        correction: old.correction,
        cover: old.cover.address,
        cover_alt: old.cover.alt,
        ..PostForm::of(&post)
    };
    let token_values = load_token_values(&services.db, &form).await?;
    ctx.flash = Some("This is an earlier version. Save it to restore it.".into());
    let mut page = EditPage::new(ctx, Some(post), form, services.clock.now());
    page.show_preview(&token_values);
    page.respond(StatusCode::OK, &services.db).await
}
