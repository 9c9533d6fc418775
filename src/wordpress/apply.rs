//! Applies a plan: first the pictures, then all posts and pages in one transaction.

use anyhow::{Result, bail};
use jiff::Timestamp;
use sqlx::SqliteConnection;

use crate::db::Database;
use crate::posts::{self, ImportedState};
use crate::wordpress::plan::{Plan, items};
use crate::wordpress::planned_item::PlannedItem;
use crate::wordpress::progress::{Outdated, Progress, ProgressReporter, Step};
use crate::wordpress::staged_pictures::{add_to_media, confirm_in_media, delete_pending};
use crate::wordpress::store::{self, Imported};
use crate::wordpress::work_folder::WorkFolder;
use crate::{draws, pages, staff};

/// What to do with texts in which the fact check found errors and that would be public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorDecision {
    /// Nothing was decided.
    Open,
    /// Publish them for this reason, which is stored with each text.
    Keep(String),
    /// Import them as drafts.
    Drafts,
}

/// Why a plan cannot be applied; `None` if it can.
pub fn rejection_reason(plan: &Plan, decision: &ErrorDecision) -> Option<String> {
    let open = plan.report.public_with_errors;
    (open > 0 && *decision == ErrorDecision::Open).then(|| {
        let texts = crate::web::plural_len(open, "public text has", "public texts have");
        format!("{texts} possible errors. Enter a reason for keeping them, or import these texts as drafts.")
    })
}

/// Imports everything that was planned, or nothing. `also` runs in the transaction of the posts and pages.
///
/// # Errors
/// `Outdated` if the site has changed since the plan was made.
pub async fn apply(
    db: &Database,
    plan: &Plan,
    folder: &WorkFolder,
    (decision, by): (&ErrorDecision, &str),
    now: Timestamp,
    report: ProgressReporter<'_>,
    also: impl AsyncFnOnce(&mut SqliteConnection) -> Result<()>,
) -> Result<()> {
    if let Some(reason) = rejection_reason(plan, decision) {
        bail!("{reason}");
    }
    // Of an import that was killed.
    delete_pending(db).await?;
    let added = async {
        add_to_media(db, &plan.pictures, folder, by, now, report).await?;
        let mut tx = db.begin_write().await?;
        also(&mut tx).await?;
        add_everything(&mut tx, plan, folder, (decision, by), now, report).await?;
        tx.commit().await?;
        Ok(())
    };
    let added = added.await;
    if added.is_err() {
        delete_pending(db).await?;
    }
    added
}

async fn add_everything(
    tx: &mut SqliteConnection,
    plan: &Plan,
    folder: &WorkFolder,
    (decision, by): (&ErrorDecision, &str),
    now: Timestamp,
    report: ProgressReporter<'_>,
) -> Result<()> {
    let source = &plan.report.site;
    if draws::record_version(&mut *tx).await? != plan.record_version {
        bail!(Outdated("The draw record has changed."));
    }
    let known = store::imported_items(&mut *tx, source).await?;
    confirm_in_media(tx, &plan.pictures).await?;
    let total = u64::try_from(plan.item_count())?;
    let (mut posts, mut pages) = (0, 0);
    for item in items(folder)? {
        let item = item?;
        if known.contains(&item.id) {
            bail!(Outdated("Another import has added the same posts."));
        }
        *(if item.is_page { &mut pages } else { &mut posts }) += 1;
        add_item(tx, source, item, decision, by, now).await?;
        let done = u64::try_from(posts + pages)?;
        report(Progress {
            posts,
            pages,
            pictures: plan.pictures.len(),
            ..Progress::of(Step::AddingTexts, done, total)
        })?;
    }
    for (from, to) in &plan.picture_paths {
        store::add_redirect(tx, from, to).await?;
    }
    store::add_redirect(tx, "/feed", "/news/feed.atom").await?;
    let subject = format!("{source}: {}", plan.report.summary());
    staff::audit(tx, now, by, "imported a WordPress export", &subject).await?;
    Ok(())
}

async fn add_item(
    tx: &mut SqliteConnection,
    source: &str,
    mut item: PlannedItem,
    decision: &ErrorDecision,
    by: &str,
    now: Timestamp,
) -> Result<()> {
    let has_errors = !item.errors.is_empty() && item.will_be_public();
    if has_errors && *decision == ErrorDecision::Drafts {
        item.state = ImportedState::Draft;
    }
    let slug = item.form.slug.clone();
    let is_taken = match item.is_page {
        true => pages::is_slug_taken(&mut *tx, &slug).await?,
        false => posts::is_slug_taken(&mut *tx, &slug, 0).await?,
    };
    if is_taken {
        bail!(Outdated("An address of the imported texts is now used by another text."));
    }
    let accepted: Vec<&str> = item.errors.iter().map(String::as_str).collect();
    let reason = match decision {
        ErrorDecision::Keep(reason) if has_errors => Some(reason),
        _ => None,
    };
    let (imported, address) = if item.is_page {
        let id = pages::insert_imported(tx, &item.form, item.is_public(), by, item.written_at).await?;
        if let Some(reason) = reason {
            pages::accept_findings(tx, id, &accepted, reason, by, now).await?;
        }
        (Imported::Page(id), format!("/{slug}"))
    } else {
        let id = posts::insert_imported(tx, &item.form, item.state, by, item.written_at, now).await?;
        if let Some(reason) = reason {
            posts::accept_findings(tx, id, &accepted, reason, by, now).await?;
        }
        (Imported::Post(id), format!("/news/{slug}"))
    };
    store::insert_item(tx, source, item.id, imported, now).await?;
    for from in item.old_paths.iter().filter(|from| **from != address) {
        store::add_redirect(tx, from, &address).await?;
    }
    for (from, topic) in &item.topic_paths {
        let topic: String = form_urlencoded::byte_serialize(topic.as_bytes()).collect();
        store::add_redirect(tx, from, &format!("/news?topic={topic}")).await?;
    }
    Ok(())
}
