//! Page editor: the text with its findings, the preview and the version history.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use jiff::Timestamp;
use serde::Deserialize;

use crate::db::Database;
use crate::draws::{DrawField, TokenValues};
use crate::editing::{OpenEditor, find_autosave, open_editor, save_autosave};
use crate::http::{PageError, PageResult, html};
use crate::pages::admin::autosave::offered_autosaves;
use crate::pages::outlines::outline;
use crate::pages::page::{Page, PageRevision, Placement};
use crate::pages::page_form::PageForm;
use crate::pages::slugs::is_fixed;
use crate::pages::store;
use crate::posts::{EditorFindings, HistoryEntry, MergeProposal, OfferedAutosave, RecordSnapshot, reading_time};
use crate::services::Services;
use crate::staff::StaffContext;
use crate::web::{DiffRow, DisplayTime, FieldErrors, Issue, Query, find_advice_offer, plain_line_issue, plural_len};

#[derive(Template)]
#[template(path = "pages/admin_edit.html")]
pub(super) struct EditPage {
    pub(super) ctx: StaffContext,
    /// `None` for a new page.
    pub(super) page: Option<Page>,
    pub(super) form: PageForm,
    pub(super) errors: FieldErrors,
    pub(super) preview: Option<Preview>,
    pub(super) conflict: Option<PageRevision>,
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
    pub(super) applied_fix: Option<String>,
    /// Whether "Fix all" changed the text; not saved yet.
    pub(super) is_markdown_fixed: bool,
    /// Formatting problems of the text, each with its field label.
    issues: Vec<(&'static str, Issue)>,
    /// Formatting problems of the title and the summary, which are plain text.
    plain_issues: Vec<(&'static str, &'static str)>,
    /// Sentence that offers advice or representation although no licence is entered in the settings.
    advice_warning: Option<String>,
    pub(super) findings: EditorFindings,
    revisions: Vec<HistoryEntry>,
    /// Version of the record used for the findings.
    pub(super) record_version: String,
    pub(super) now: Timestamp,
}

pub(super) struct Preview {
    pub(super) title: String,
    pub(super) summary: String,
    pub(super) body: String,
}

impl Preview {
    pub(super) fn of(form: &PageForm, token_values: &TokenValues) -> Self {
        Self {
            title: form.text.title.clone(),
            summary: token_values.expand_line(&form.text.summary),
            body: token_values.markdown_html(&form.text.body),
        }
    }
}

impl EditPage {
    pub(super) fn new(ctx: StaffContext, page: Option<Page>, form: PageForm, now: Timestamp) -> Self {
        Self {
            ctx,
            page,
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
            is_markdown_fixed: false,
            issues: vec![],
            plain_issues: vec![],
            advice_warning: None,
            findings: EditorFindings::default(),
            revisions: vec![],
            record_version: String::new(),
            now,
        }
    }

    pub(super) async fn respond(mut self, status: StatusCode, db: &Database) -> PageResult {
        if self.is_submitted && self.conflict.is_none() {
            self.store_autosave(db).await;
        }
        // The version is cleared when the text or the record changes after a check.
        if self.record_version.is_empty() {
            self.check(db).await?;
        }
        let text = &self.form.text;
        self.issues = text.issues();
        let plain = [("Title", &text.title), ("Summary", &text.summary)];
        self.plain_issues =
            plain.into_iter().filter_map(|(field, text)| Some((field, plain_line_issue(text)?))).collect();
        if self.ctx.layout.firm.licence().is_none() {
            self.advice_warning = text.texts().into_iter().find_map(|(_, text)| find_advice_offer(text));
        }
        if let Some(page) = &self.page {
            self.open = open_editor(db, "pages", page.id, &self.ctx, self.now).await?;
            self.revisions = store::revisions(db.read(), page.id).await?;
        }
        html(status, &self)
    }

    /// Stores the text that was sent and not saved.
    pub(super) async fn store_autosave(&mut self, db: &Database) {
        let (page_id, staff_id, now) = (self.page.as_ref().map(|page| page.id), self.ctx.member.id, self.now);
        let (form, mut stored) = (&self.form, None);
        let store = async |tx: &mut sqlx::SqliteConnection| {
            stored = Some(save_autosave(tx, page_id, staff_id, form, now).await?);
            Ok(())
        };
        db.write_best_effort("cannot store the text of an editor", store).await;
        if let Some(id) = stored {
            self.form.text.autosave = id.to_string();
        }
    }

    /// Runs the fact check.
    pub(super) async fn check(&mut self, db: &Database) -> Result<(), PageError> {
        let accepted = match &self.page {
            Some(page) => store::accepted_findings(db.read(), page.id).await?,
            None => vec![],
        };
        let record = RecordSnapshot::load(db.read()).await?;
        self.record_version = record.version.clone();
        let findings = record.findings_at(&self.form.text, self.now).await?;
        self.findings = EditorFindings::new(db.read(), findings, &accepted).await?;
        Ok(())
    }

    /// Whether the form has no errors, and a reason for possible errors in the text; adds an error otherwise.
    pub(super) fn can_publish(&mut self) -> bool {
        if !self.findings.errors.is_empty() && self.form.text.reason.is_empty() {
            let found = self.error_count();
            self.errors.add("reason", format!("{found}. Fix the text or enter a reason for keeping it."));
        }
        self.errors.is_empty()
    }

    /// Number of errors that have not been accepted, such as "2 possible errors".
    fn error_count(&self) -> String {
        plural_len(self.findings.errors.len(), "possible error", "possible errors")
    }

    pub(super) fn is_public(&self) -> bool {
        self.page.as_ref().is_some_and(Page::is_public)
    }

    /// Whether the form contains text that is not saved.
    fn is_unsaved(&self) -> bool {
        self.is_submitted || !self.form.text.autosave.is_empty()
    }

    /// Word count and reading time of the text.
    fn text_length(&self) -> String {
        reading_time(&self.form.text.body)
    }

    /// Path of the editor.
    fn path(&self) -> String {
        self.page.as_ref().map_or_else(|| "/admin/pages/new".to_owned(), |page| format!("/admin/pages/{}", page.id))
    }

    fn has_fixable_issues(&self) -> bool {
        !self.plain_issues.is_empty() || self.issues.iter().any(|(_, issue)| issue.is_fixable())
    }

    /// Whether the user may save. Writers cannot change published pages. A page in the trash must be restored first.
    fn can_save(&self) -> bool {
        (self.ctx.member.can_publish() || !self.is_public()) && !self.is_trashed()
    }

    pub(super) fn is_trashed(&self) -> bool {
        self.page.as_ref().is_some_and(|page| page.trashed)
    }

    /// Whether the form asks a publisher for a reason to keep possible errors.
    fn needs_reason(&self) -> bool {
        self.ctx.member.can_publish() && !self.findings.errors.is_empty()
    }

    fn is_fixed(&self) -> bool {
        self.page.as_ref().is_some_and(|page| is_fixed(&page.slug))
    }

    fn draw_fields(&self) -> [(DrawField, &'static str, &'static str); 11] {
        DrawField::ALL
    }

    fn places(&self) -> [(Placement, &'static str, &'static str); 4] {
        Placement::ALL
    }
}

pub(super) async fn load_token_values(db: &Database, form: &PageForm) -> sqlx::Result<TokenValues> {
    let texts = form.text.texts().map(|(_, text)| text);
    TokenValues::for_texts(db.read(), &texts).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct EditQuery {
    /// ID of the autosave to continue with.
    autosave: String,
    /// Slug of the outline that a new page starts with.
    outline: String,
    /// Set when a form that was sent without a session is filled in.
    #[serde(rename = "unsaved-form")]
    unsaved_form: String,
}

/// `GET /admin/pages/new`
pub async fn new(ctx: StaffContext, query: Query<EditQuery>, services: Data<Services>) -> PageResult {
    let form = outline(&query.0.outline);
    open(ctx, None, form, query.0, &services).await
}

/// `GET /admin/pages/{id}`
pub async fn edit(ctx: StaffContext, id: Path<i64>, query: Query<EditQuery>, services: Data<Services>) -> PageResult {
    let page = find(&services.db, *id).await?;
    let form = PageForm::of(&page);
    open(ctx, Some(page), form, query.0, &services).await
}

/// Opens the editor with the saved text, or with the autosave that was chosen. Offers the others.
async fn open(
    mut ctx: StaffContext,
    page: Option<Page>,
    saved: PageForm,
    query: EditQuery,
    services: &Services,
) -> PageResult {
    let (db, now, staff_id) = (&services.db, services.clock.now(), ctx.member.id);
    let page_id = page.as_ref().map(|page| page.id);
    let chosen = match query.autosave.parse() {
        Ok(id) => find_autosave(db.read(), id, page_id, staff_id).await?,
        Err(_) => None,
    };
    let is_offering = chosen.is_none() && query.unsaved_form.is_empty();
    let offered = if is_offering { offered_autosaves(db, page.as_ref(), staff_id, now).await? } else { vec![] };
    let form = match chosen {
        Some(autosave) => {
            let saved_at = DisplayTime::in_office(autosave.saved_at).text;
            ctx.flash = Some(format!("This is your unsaved text of {saved_at} It is not saved yet."));
            autosave.into_form()
        }
        None => saved,
    };
    let mut page = EditPage::new(ctx, page, form, now);
    page.autosaves = offered;
    page.respond(StatusCode::OK, db).await
}

pub(super) async fn find(db: &Database, id: i64) -> Result<Page, PageError> {
    store::find(db.read(), id).await?.ok_or(PageError::NotFound)
}
