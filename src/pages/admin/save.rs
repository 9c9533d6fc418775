//! Saves what was entered in the page editor: preview, fixes, save, and save and publish.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};

use crate::db::Database;
use crate::draws::{self, TokenValues};
use crate::editing::delete_autosave;
use crate::http::{PageResult, see_other};
use crate::pages::admin::changes::changes;
use crate::pages::admin::edit::{EditPage, Preview, find, load_token_values};
use crate::pages::page::Page;
use crate::pages::page_form::PageForm;
use crate::pages::slugs::{is_fixed, slug_problem};
use crate::pages::store;
use crate::posts::{self, MergeProposal, PostForm};
use crate::services::Services;
use crate::staff::{self, AuditChanges, StaffContext};
use crate::web::Form;

/// Pages in the menu beside the fixed entries, so that it stays short on phones and within the weight of a page.
const MAX_IN_MENU: i64 = 6;
const MAX_IN_FOOTER: i64 = 12;

/// `POST /admin/pages/new`
pub async fn create(ctx: StaffContext, form: Form<PageForm>, services: Data<Services>) -> PageResult {
    submit(ctx, None, form.0, &services).await
}

/// `POST /admin/pages/{id}`
pub async fn save(ctx: StaffContext, id: Path<i64>, form: Form<PageForm>, services: Data<Services>) -> PageResult {
    let page = find(&services.db, *id).await?;
    submit(ctx, Some(page), form.0, &services).await
}

/// Handles the pressed button: apply a fix, preview, save, or save and publish.
async fn submit(ctx: StaffContext, page: Option<Page>, mut form: PageForm, services: &Services) -> PageResult {
    let (db, now) = (&services.db, services.clock.now());
    form.complete(page.as_ref());
    let mut editor = EditPage::new(ctx, page, form, now);
    editor.is_submitted = true;
    if editor.form.text.is_too_long() {
        editor.errors = editor.form.text.length_errors();
        return editor.respond(StatusCode::UNPROCESSABLE_ENTITY, db).await;
    }
    editor.check(db).await?;
    let key = editor.form.text.apply_fix.clone();
    if !key.is_empty() {
        editor.applied_fix = editor.findings.apply_fix(&key, &mut editor.form.text);
        match editor.applied_fix {
            Some(_) => editor.record_version.clear(),
            None => editor.errors.add(
                "body",
                "That sentence has changed, so nothing was replaced. Check the list of possible errors again.",
            ),
        }
        return editor.respond(StatusCode::OK, db).await;
    }
    if !editor.form.text.fix.is_empty() {
        editor.form.text.fix();
        editor.is_markdown_fixed = true;
        editor.record_version.clear();
    }
    let token_values = load_token_values(db, &editor.form).await?;
    if editor.is_markdown_fixed || editor.form.text.action == "preview" {
        editor.errors = editor.form.errors(&token_values, false);
        editor.preview = Some(Preview::of(&editor.form, &token_values));
        return editor.respond(StatusCode::OK, db).await;
    }
    if editor.is_trashed() {
        editor.errors.add("body", "This page is in the trash, so nothing was saved. Restore it, then save again.");
        return editor.respond(StatusCode::CONFLICT, db).await;
    }
    let becomes_public = editor.form.publishes() || editor.is_public();
    if becomes_public && !editor.ctx.member.can_publish() {
        // The page may have been published in the meantime. Return the text so that it is not lost.
        editor.is_forbidden = true;
        return editor.respond(StatusCode::FORBIDDEN, db).await;
    }
    editor.errors = editor.form.errors(&token_values, becomes_public);
    if !editor.errors.is_empty() || (becomes_public && !editor.can_publish()) {
        return editor.respond(StatusCode::UNPROCESSABLE_ENTITY, db).await;
    }
    write(editor, &token_values, becomes_public, services).await
}

/// Saves a form without errors, unless the page or the record has changed or its address is taken.
async fn write(
    mut editor: EditPage,
    token_values: &TokenValues,
    becomes_public: bool,
    services: &Services,
) -> PageResult {
    let (db, now) = (&services.db, editor.now);
    let by = editor.ctx.member.name.clone();
    let page_id = editor.page.as_ref().map_or(0, |page| page.id);
    let mut tx = db.begin_write().await?;
    if draws::record_version(&mut *tx).await? != editor.record_version {
        tx.rollback().await?;
        editor.record_version.clear();
        editor.errors.add("body", "The draw record has just changed. Review the possible errors, then save again.");
        return editor.respond(StatusCode::CONFLICT, db).await;
    }
    let slug = match choose_slug(&mut tx, &editor.form, token_values, page_id).await? {
        Ok(slug) => slug,
        Err(problem) => {
            tx.rollback().await?;
            editor.errors.add("slug", problem);
            return editor.respond(StatusCode::UNPROCESSABLE_ENTITY, db).await;
        }
    };
    if becomes_public && let Some(problem) = lack_of_space(&mut tx, &editor.form, page_id).await? {
        tx.rollback().await?;
        editor.errors.add("placement", problem);
        return editor.respond(StatusCode::UNPROCESSABLE_ENTITY, db).await;
    }
    let id = match &editor.page {
        None => store::create(&mut tx, &editor.form, &slug, &by, now).await?,
        Some(page) => {
            if !store::update(&mut tx, page, &editor.form, &slug, &by, None, now).await? {
                tx.rollback().await?;
                return conflict(editor, page_id, db).await;
            }
            page.id
        }
    };
    let (audit_action, flash) = match (editor.is_public(), editor.form.publishes()) {
        (true, _) => ("updated a page", "Page updated. The changes are live."),
        (false, true) => ("published a page", "Published. The page is now on the site."),
        (false, false) => ("saved a draft page", "Draft saved. Only staff can see it."),
    };
    let before = editor.page.as_ref().map(PageForm::of).unwrap_or_default();
    let after = PostForm { slug, author: String::new(), ..editor.form.text.clone() };
    let status = |is_public: bool| if is_public { "published" } else { "draft" };
    let changes = AuditChanges::between(&before.text, &after)
        .field("placement", &before.placement, &editor.form.placement)
        .field("menu_label", &before.menu_label, &editor.form.menu_label)
        .field("status", status(editor.is_public()), status(becomes_public));
    staff::audit_change(&mut tx, now, &by, audit_action, &editor.form.text.title, &changes).await?;
    if becomes_public {
        editor.accept_findings(&mut tx, id).await?;
    }
    if let Ok(autosave) = editor.form.text.autosave.parse() {
        delete_autosave::<PageForm>(&mut tx, autosave, editor.ctx.member.id).await?;
    }
    editor.ctx.set_flash(&mut tx, flash).await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/pages/{id}")))
}

impl EditPage {
    /// Records the possible errors that are published with a reason, in the database and the audit log.
    pub(super) async fn accept_findings(&self, tx: &mut sqlx::SqliteConnection, id: i64) -> sqlx::Result<()> {
        let open = &self.findings.errors;
        if open.is_empty() {
            return Ok(());
        }
        let (by, reason) = (&self.ctx.member.name, &self.form.text.reason);
        let keys: Vec<&str> = open.iter().map(|line| line.key.as_str()).collect();
        store::accept_findings(tx, id, &keys, reason, by, self.now).await?;
        let sentences: Vec<&str> = open.iter().take(10).map(|line| line.finding.sentence.as_str()).collect();
        let subject = format!("{} | Reason: {reason} | Findings: {}", self.form.text.title, sentences.join(" / "));
        staff::audit(tx, self.now, by, "published with possible errors", &subject).await
    }
}

/// The entered slug or why it cannot be used; without an entered one, a free slug made from the title.
async fn choose_slug(
    tx: &mut sqlx::SqliteConnection,
    form: &PageForm,
    token_values: &TokenValues,
    page_id: i64,
) -> sqlx::Result<Result<String, String>> {
    let wanted = form.text.slug_candidate(token_values);
    if is_fixed(&wanted) && store::slug_owner(&mut *tx, &wanted, page_id).await?.is_none() {
        return Ok(Ok(wanted));
    }
    if form.text.slug.is_empty() {
        let (mut slug, mut number) = (wanted.clone(), 1);
        while slug_problem(&slug).is_some() || store::slug_owner(&mut *tx, &slug, page_id).await?.is_some() {
            number += 1;
            // A title of digits only gets a word in front.
            let start = if slug_problem(&format!("{wanted}-1")).is_some() { "page-" } else { "" };
            slug = format!("{start}{wanted}-{number}");
        }
        return Ok(Ok(slug));
    }
    if let Some(problem) = slug_problem(&wanted) {
        return Ok(Err(problem));
    }
    Ok(match store::slug_owner(&mut *tx, &wanted, page_id).await? {
        None => Ok(wanted),
        Some((title, false)) => {
            Err(format!("The page “{title}” already uses this URL slug. Enter a different one or leave it empty."))
        }
        Some((title, true)) => {
            Err(format!("The page “{title}” in the trash uses this URL slug. Enter a different one or leave it empty."))
        }
    })
}

/// Why the menu or the footer cannot take another page.
async fn lack_of_space(tx: &mut sqlx::SqliteConnection, form: &PageForm, page_id: i64) -> sqlx::Result<Option<String>> {
    let (in_menu, in_footer) = store::count_placed(&mut *tx, page_id).await?;
    let full =
        |what, max| Some(format!("The {what} already has {max} pages. Take one out first, or choose another place."));
    Ok(match form.place() {
        place if place.is_in_menu() && in_menu >= MAX_IN_MENU => full("menu", MAX_IN_MENU),
        place if place.is_in_footer() && in_footer >= MAX_IN_FOOTER => full("footer", MAX_IN_FOOTER),
        _ => None,
    })
}

/// Shows both texts after a concurrent change. The next save overwrites the other version.
async fn conflict(mut editor: EditPage, id: i64, db: &Database) -> PageResult {
    let page = find(db, id).await?;
    // With the version that the text is based on, so that the editor can name the newer one when it is opened again.
    editor.store_autosave(db).await;
    let base = editor.form.text.version.parse().unwrap_or_default();
    if let Some(base) = store::revision(db.read(), id, base).await? {
        editor.proposal = Some(propose(PageForm::of_revision(base), editor.form.clone(), &page).await?);
    }
    editor.form.text.version = page.version.to_string();
    editor.record_version.clear();
    editor.conflict = store::revision(db.read(), id, page.version).await?;
    editor.page = Some(page);
    editor.respond(StatusCode::CONFLICT, db).await
}

/// Proposes the changes of both. A version has no place in the menu, so the entered one stays.
async fn propose(base: PageForm, mut mine: PageForm, page: &Page) -> anyhow::Result<MergeProposal> {
    if mine.text.slug.is_empty() {
        mine.text.slug.clone_from(&base.text.slug);
    }
    let theirs = PageForm { placement: String::new(), ..PageForm::of(page) };
    let merged = posts::merge(base, mine.clone(), theirs.clone()).await?;
    let form: PageForm = posts::form_of(&merged)?;
    Ok(MergeProposal {
        version: page.version,
        autosave: mine.text.autosave.clone(),
        differences: changes(theirs, mine.clone()).await?,
        additions: changes(mine, form).await?,
        merged,
    })
}
