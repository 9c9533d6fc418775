//! Post editor: the page with the text, the findings, the preview and the version history.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use jiff::Timestamp;
use serde::Deserialize;

use crate::db::Database;
use crate::draws::{DrawField, TokenValues};
use crate::editing::{OpenEditor, find_autosave, open_editor, save_autosave};
use crate::http::{PageError, PageResult, html};
use crate::media;
use crate::posts::admin::autosave::{OfferedAutosave, offered_autosaves};
use crate::posts::admin::findings::EditorFindings;
use crate::posts::admin::merge::MergeProposal;
use crate::posts::admin::panel::WorkflowPanel;
use crate::posts::post::{Cover, HistoryEntry, Post, Revision};
use crate::posts::post_form::PostForm;
use crate::posts::reading_time::reading_time;
use crate::posts::stale_posts::RecordSnapshot;
use crate::posts::{public, staged, store};
use crate::services::Services;
use crate::staff::StaffContext;
use crate::web::{DiffRow, DisplayTime, FieldErrors, Issue, Query, find_advice_offer, plain_line_issue, plural_len};

#[derive(Template)]
#[template(path = "posts/admin_edit.html")]
pub(super) struct EditPage {
    pub(super) ctx: StaffContext,
    /// `None` for a new post.
    pub(super) post: Option<Post>,
    pub(super) form: PostForm,
    pub(super) errors: FieldErrors,
    pub(super) preview: Option<Preview>,
    pub(super) conflict: Option<Revision>,
    /// Merge of both versions after a concurrent change.
    pub(super) proposal: Option<MergeProposal>,
    /// Who else has this editor open.
    open: OpenEditor,
    pub(super) is_forbidden: bool,
    /// Whether the form was sent. Unless it is saved, its text is stored as an autosave.
    pub(super) is_submitted: bool,
    /// Unsaved text that was stored earlier.
    autosaves: Vec<OfferedAutosave>,
    /// Text inserted by the pressed "Replace with" button; not saved yet.
    applied_fix: Option<String>,
    /// Names of the pasted text and the file that were added to the text; not saved yet.
    pub(super) inserted: Option<String>,
    /// Whether "Fix all" changed the text; not saved yet.
    pub(super) is_markdown_fixed: bool,
    /// Formatting problems of Markdown fields, each with its field label.
    issues: Vec<(&'static str, Issue)>,
    /// Formatting problems of the title and the summary, which are plain text.
    plain_issues: Vec<(&'static str, &'static str)>,
    /// Sentence that offers advice or representation although no licence is entered in the settings.
    advice_warning: Option<String>,
    pub(super) findings: EditorFindings,
    revisions: Vec<HistoryEntry>,
    pub(super) workflow: WorkflowPanel,
    /// Addresses and file names of the newest pictures, as suggestions for the cover picture.
    new_pictures: Vec<(String, String)>,
    /// Title with its tokens expanded.
    rendered_title: String,
    /// Version of the record used for the findings.
    pub(super) record_version: String,
    pub(super) now: Timestamp,
}

pub(super) struct Preview {
    pub(super) title: String,
    pub(super) summary: String,
    pub(super) cover: Cover,
    pub(super) body: String,
    pub(super) correction: String,
}

impl Preview {
    /// Renders the texts of the form like the public page.
    pub(super) fn new(form: &PostForm, token_values: &TokenValues) -> Self {
        Self {
            title: token_values.expand_line(&form.title),
            summary: token_values.expand_line(&form.summary),
            cover: Cover {
                address: form.cover.clone(),
                alt: form.cover_alt.clone(),
                picture: token_values.pictures().find(&form.cover).cloned(),
            },
            body: token_values.markdown_html(&form.body),
            correction: token_values.note_html(&form.correction),
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
            proposal: None,
            open: OpenEditor::default(),
            is_forbidden: false,
            is_submitted: false,
            autosaves: vec![],
            applied_fix: None,
            inserted: None,
            is_markdown_fixed: false,
            issues: vec![],
            plain_issues: vec![],
            advice_warning: None,
            findings: EditorFindings::default(),
            revisions: vec![],
            workflow: WorkflowPanel::default(),
            new_pictures: vec![],
            rendered_title: String::new(),
            record_version: String::new(),
            now,
        }
    }

    pub(super) async fn respond(mut self, status: StatusCode, services: &Services) -> PageResult {
        let db = &services.db;
        if self.is_submitted && self.conflict.is_none() {
            self.store_autosave(db).await;
        }
        // The version is cleared when the text or the record changes after a check.
        if self.record_version.is_empty() {
            self.check(db).await?;
        }
        self.issues = self.form.issues();
        let plain = [
            ("Title", &self.form.title),
            ("Summary", &self.form.summary),
            ("Search title", &self.form.search_title),
            ("Search description", &self.form.search_description),
        ];
        self.plain_issues =
            plain.into_iter().filter_map(|(field, text)| Some((field, plain_line_issue(text)?))).collect();
        if self.ctx.layout.firm.licence().is_none() {
            self.advice_warning = self.form.texts().into_iter().find_map(|(_, text)| find_advice_offer(text));
        }
        // Without the text, which may be too long to be parsed.
        let PostForm { title, summary, search_title, search_description, cover, .. } = &self.form;
        let texts = [title.as_str(), summary, search_title, search_description, cover];
        let token_values = TokenValues::for_texts(db.read(), &texts).await?;
        self.rendered_title = token_values.expand_line(&self.form.title);
        self.workflow = WorkflowPanel::load(self.post.as_ref(), &self.form, &token_values, services, self.now).await?;
        self.new_pictures = media::newest_addresses(db.read(), 30).await?;
        if let Some(post) = &self.post {
            self.open = open_editor(db, "posts", post.id, &self.ctx, self.now).await?;
            self.revisions =
                public::revisions_with_token_values(db.read(), store::revisions(db.read(), post.id).await?).await?;
        }
        html(status, &self)
    }

    /// Stores the text that was sent and not saved.
    pub(super) async fn store_autosave(&mut self, db: &Database) {
        let (post_id, staff_id, now) = (self.post.as_ref().map(|post| post.id), self.ctx.member.id, self.now);
        let (form, mut stored) = (&self.form, None);
        let store = async |tx: &mut sqlx::SqliteConnection| {
            stored = Some(save_autosave(tx, post_id, staff_id, form, now).await?);
            Ok(())
        };
        db.write_best_effort("cannot store the text of an editor", store).await;
        if let Some(id) = stored {
            self.form.autosave = id.to_string();
        }
    }

    /// Whether the form contains text that is not saved.
    fn is_unsaved(&self) -> bool {
        self.is_submitted || !self.form.autosave.is_empty()
    }

    /// Word count and reading time of the text.
    fn text_length(&self) -> String {
        reading_time(&self.form.body)
    }

    /// Path of the editor.
    fn path(&self) -> String {
        self.post.as_ref().map_or_else(|| "/admin/posts/new".to_owned(), |post| format!("/admin/posts/{}", post.id))
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
    pub(super) fn error_count(&self) -> String {
        plural_len(self.findings.errors.len(), "possible error", "possible errors")
    }

    /// Rejects the save because the record changed after the fact check, and shows the new findings.
    pub(super) async fn respond_record_changed(mut self, services: &Services) -> PageResult {
        self.record_version.clear();
        self.errors.add("body", "The draw record has just changed. Review the possible errors below, then save again.");
        self.respond(StatusCode::CONFLICT, services).await
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
    pub(super) fn apply_fix(&mut self) {
        let key = self.form.apply_fix.clone();
        self.applied_fix = self.findings.apply_fix(&key, &mut self.form);
        if self.applied_fix.is_some() {
            self.record_version.clear();
        } else {
            self.errors.add(
                "body",
                "That sentence has changed, so nothing was replaced. Check the list of possible errors again.",
            );
        }
    }

    fn has_fixable_issues(&self) -> bool {
        !self.plain_issues.is_empty() || self.issues.iter().any(|(_, issue)| issue.is_fixable())
    }

    pub(super) fn show_preview(&mut self, token_values: &TokenValues) {
        self.preview = Some(Preview::new(&self.form, token_values));
    }

    /// Whether the user may save. Writers cannot change published and scheduled posts.
    pub(super) fn can_save(&self) -> bool {
        self.ctx.member.can_publish() || !self.post.as_ref().is_some_and(Post::is_approved)
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
    let texts: Vec<&str> = form.texts().into_iter().map(|(_, text)| text).chain([form.cover.as_str()]).collect();
    TokenValues::for_texts(db.read(), &texts).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct EditQuery {
    /// ID of the autosave to continue with.
    autosave: String,
    /// Set when a form that was sent without a session is filled in.
    #[serde(rename = "unsaved-form")]
    unsaved_form: String,
}

/// `GET /admin/posts/new`
pub async fn new(ctx: StaffContext, query: Query<EditQuery>, services: Data<Services>) -> PageResult {
    let form = PostForm { author: ctx.member.name.clone(), ..PostForm::default() };
    open(ctx, None, form, query.0, &services).await
}

/// `GET /admin/posts/{id}`
pub async fn edit(ctx: StaffContext, id: Path<i64>, query: Query<EditQuery>, services: Data<Services>) -> PageResult {
    let post = find(&services.db, *id).await?;
    let form = PostForm::of(&post);
    open(ctx, Some(post), form, query.0, &services).await
}

/// Opens the editor with the saved text, or with the autosave that was chosen. Offers the others.
async fn open(
    mut ctx: StaffContext,
    post: Option<Post>,
    saved: PostForm,
    query: EditQuery,
    services: &Services,
) -> PageResult {
    let (db, now, staff_id) = (&services.db, services.clock.now(), ctx.member.id);
    let post_id = post.as_ref().map(|post| post.id);
    let chosen = match query.autosave.parse() {
        Ok(id) => find_autosave(db.read(), id, post_id, staff_id).await?,
        Err(_) => None,
    };
    let is_offering = chosen.is_none() && query.unsaved_form.is_empty();
    let offered = if is_offering { offered_autosaves(db, post.as_ref(), staff_id, now).await? } else { Vec::default() };
    let form = match chosen {
        Some(autosave) => {
            let saved_at = DisplayTime::in_office(autosave.saved_at).text;
            ctx.flash = Some(format!("This is your unsaved text of {saved_at} It is not saved yet."));
            autosave.into_form()
        }
        // Changes that were staged before the post was unpublished or trashed are kept, but they are not its text.
        None => match post.as_ref().filter(|post| post.is_public()) {
            Some(post) => staged::store::find(db.read(), post.id).await?.map_or(saved, |staged| staged.form()),
            None => saved,
        },
    };
    let mut page = EditPage::new(ctx, post, form, now);
    page.autosaves = offered;
    page.respond(StatusCode::OK, services).await
}

pub(super) async fn find(db: &Database, id: i64) -> Result<Post, PageError> {
    store::find(db.read(), id).await?.ok_or(PageError::NotFound)
}
