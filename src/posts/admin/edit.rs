//! The editor: write a post, hold it against the record, look at it, save it, publish it.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use jiff::Timestamp;

use crate::clock::Clock;
use crate::db::Database;
use crate::draws::{self, DrawField, TokenValues};
use crate::fact_check::Finding;
use crate::http::{PageError, PageResult, html, see_other};
use crate::posts::post::{PostForm, Revision, RevisionSummary};
use crate::posts::stale_posts::RecordSnapshot;
use crate::posts::{Post, public, store};
use crate::services::Services;
use crate::staff::{self, StaffContext};
use crate::web::{FieldErrors, Form, Issue, find_advice_offer, plain_line_issue, plural};

/// How many sentences the audit log repeats that were published over the doubts of the checks.
const MAX_FINDINGS_IN_AUDIT_ENTRY: usize = 10;

#[derive(Template)]
#[template(path = "posts/admin_edit.html")]
pub(super) struct EditPage {
    pub(super) ctx: StaffContext,
    /// `None` while the post is new.
    pub(super) post: Option<Post>,
    pub(super) form: PostForm,
    pub(super) errors: FieldErrors,
    pub(super) preview: Option<Preview>,
    conflict: Option<Revision>,
    is_forbidden: bool,
    /// What the last button put in the text's place, not saved yet.
    applied_fix: Option<String>,
    /// The fix button was pressed: the text below differs from what was sent, and is not saved.
    is_markdown_fixed: bool,
    /// Places that will not come out as intended, each with the name of its field.
    issues: Vec<(&'static str, Issue)>,
    /// The same for the title and the summary, which are no Markdown.
    plain_issues: Vec<(&'static str, &'static str)>,
    /// A sentence that offers advice or representation while the licence is not filled in.
    advice_warning: Option<String>,
    findings: Vec<EditorFinding>,
    revisions: Vec<RevisionSummary>,
    /// Its title with figures.
    rendered_title: String,
    /// The record that the findings were found in.
    pub(super) record_version: String,
    now: Timestamp,
}

pub(super) struct Preview {
    title: String,
    summary: String,
    body: String,
    correction: String,
}

/// A finding as the editor shows it.
struct EditorFinding {
    key: String,
    finding: Finding,
    /// It was published over before, with a reason.
    accepted: bool,
}

impl EditorFinding {
    fn location(&self) -> String {
        let EditorFinding { finding, .. } = self;
        match finding.field {
            "body" => format!("Text, line {}", finding.line),
            "correction" => format!("Correction note, line {}", finding.line),
            "title" => "Title".into(),
            _ => "Summary".into(),
        }
    }
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
            findings: vec![],
            revisions: vec![],
            rendered_title: String::new(),
            record_version: String::new(),
            now,
        }
    }

    pub(super) async fn respond(mut self, status: StatusCode, db: &Database) -> PageResult {
        // Once for each text: what changes it, or the record, forgets the version.
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
        if let Some(post) = &self.post {
            self.revisions =
                public::revisions_with_token_values(db.read(), store::revisions(db.read(), post.id).await?).await?;
        }
        html(status, &self)
    }

    /// Holds the text against the record.
    pub(super) async fn check(&mut self, db: &Database) -> Result<(), PageError> {
        let accepted = match &self.post {
            Some(post) => store::accepted_findings(db.read(), post.id).await?,
            None => vec![],
        };
        let record = RecordSnapshot::load(db.read()).await?;
        self.record_version = record.version.clone();
        self.findings = record
            .findings(&self.form, self.post.as_ref(), self.now)
            .await?
            .into_iter()
            .map(|finding| EditorFinding { accepted: accepted.contains(&finding.key()), key: finding.key(), finding })
            .collect();
        Ok(())
    }

    /// Findings that nobody has let stand yet.
    pub(super) fn open_findings(&self) -> Vec<String> {
        self.findings.iter().filter(|line| !line.accepted).map(|line| line.key.clone()).collect()
    }

    /// The record changed while it was held against it: nothing is saved before somebody has seen what that means.
    pub(super) async fn respond_record_changed(mut self, db: &Database) -> PageResult {
        self.record_version.clear();
        self.errors.add("body", "The record of rounds changed just now. Look at what the checks say, and save again.");
        self.respond(StatusCode::CONFLICT, db).await
    }

    /// Whether it may go out: nothing was found, or there is a reason to let it stand. If not, says so in the form.
    pub(super) fn can_publish(&mut self) -> bool {
        let open = self.open_findings().len();
        if open > 0 && self.form.reason.is_empty() {
            let found = plural(i64::try_from(open).unwrap_or(i64::MAX), "sentence", "sentences");
            self.errors.add(
                "reason",
                format!("The checks doubt {found}. Mend the text, or say here why it is right, and publish again."),
            );
        }
        self.errors.is_empty()
    }

    /// Puts what the record says in the place of what was found. The text is not saved yet.
    fn apply_fix(&mut self) {
        let found = self.findings.iter().find(|line| line.key == self.form.apply_fix);
        let Some((field, fix)) = found.and_then(|line| Some((line.finding.field, line.finding.suggested_fix.clone()?)))
        else {
            self.errors
                .add("body", "That sentence is another one by now, so nothing was put in. Look at the list again.");
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

    /// Whether the fix button has something to do.
    fn has_fixable_issues(&self) -> bool {
        !self.plain_issues.is_empty() || self.issues.iter().any(|(_, issue)| issue.is_fixable())
    }

    /// Shows what readers would see.
    pub(super) fn show_preview(&mut self, token_values: &TokenValues) {
        self.preview = Some(Preview {
            title: token_values.expand_line(&self.form.title),
            summary: token_values.expand_line(&self.form.summary),
            body: token_values.markdown_html(&self.form.body),
            correction: token_values.note_html(&self.form.correction),
        });
    }

    /// Whether the member of staff may save: a writer may not change what readers see.
    fn can_save(&self) -> bool {
        self.ctx.member.can_publish() || !self.post.as_ref().is_some_and(Post::is_public)
    }

    /// Whether the form asks for a reason: somebody who may publish would publish over a finding.
    fn needs_reason(&self) -> bool {
        self.ctx.member.can_publish() && self.findings.iter().any(|line| !line.accepted)
    }

    fn parts(&self) -> [(DrawField, &'static str, &'static str); 11] {
        DrawField::ALL
    }
}

/// The token values that a form's texts refer to.
pub(super) async fn load_token_values(db: &Database, form: &PostForm) -> sqlx::Result<TokenValues> {
    TokenValues::for_texts(db.read(), &form.texts().map(|(_, text)| text)).await
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

/// Does what the pressed button says: mends a sentence, shows a preview, saves, or saves and publishes.
async fn submit(ctx: StaffContext, post: Option<Post>, form: PostForm, db: &Database, clock: &Clock) -> PageResult {
    let now = clock.now();
    let publishes = form.action == "publish";
    let is_public = post.as_ref().is_some_and(Post::is_public);
    let mut page = EditPage::new(ctx, post, form, now);
    if page.form.is_too_long() {
        // Nothing is done with such a text but to give it back.
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
        // It may have been published while they wrote: they keep their text, to hand it to a publisher.
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
        page.errors.add("slug", "Another post has this address already. Choose another, or leave it empty.");
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
        (true, _) => ("published a post", "Published. Readers see it now."),
        (false, true) => ("changed a published post", "Saved. Readers see the change now."),
        (false, false) => ("saved a draft", "Saved as a draft. Only staff see it."),
    };
    if publishes {
        store::publish(&mut tx, id, now).await?;
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
    /// Notes what goes out although the checks doubt it, and why.
    pub(super) async fn accept_findings(
        &self,
        tx: &mut sqlx::SqliteConnection,
        id: i64,
        title: &str,
    ) -> sqlx::Result<()> {
        let open = self.open_findings();
        if open.is_empty() {
            return Ok(());
        }
        let (by, reason) = (&self.ctx.member.name, &self.form.reason);
        store::accept_findings(tx, id, &open, reason, by, self.now).await?;
        let sentences = self.findings.iter().filter(|line| !line.accepted).map(|line| line.finding.sentence.as_str());
        let more = open.len().saturating_sub(MAX_FINDINGS_IN_AUDIT_ENTRY);
        let more = if more > 0 { format!(" / and {more} more") } else { String::new() };
        let sentences: Vec<&str> = sentences.take(MAX_FINDINGS_IN_AUDIT_ENTRY).collect();
        let subject = format!("{title}: {} Doubted: {}{more}", reason, sentences.join(" / "));
        staff::audit(tx, self.now, by, "published over the doubts of the checks", &subject).await
    }
}

/// The address to save under: as typed, if no other post has it; else made from the title, with a number if need be.
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

/// Somebody else saved or published in between: both texts are shown, and the next save replaces theirs knowingly.
pub(super) async fn conflict(mut page: EditPage, id: i64, db: &Database) -> PageResult {
    let post = find(db, id).await?;
    page.form.version = post.version.to_string();
    page.record_version.clear();
    page.conflict = store::revision(db.read(), id, post.version).await?;
    page.post = Some(post);
    page.respond(StatusCode::CONFLICT, db).await
}

/// `GET /admin/posts/{id}/revisions/{version}`: an earlier text in the editor; saving brings it back.
pub async fn revision(ctx: StaffContext, path: Path<(i64, i64)>, services: Data<Services>) -> PageResult {
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
        ..PostForm::of(&post)
    };
    let token_values = load_token_values(&services.db, &form).await?;
    let mut page = EditPage::new(ctx, Some(post), form, services.clock.now());
    page.show_preview(&token_values);
    page.respond(StatusCode::OK, &services.db).await
}
