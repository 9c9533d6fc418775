//! Applies a plan: adds everything in the caller's transaction.

use std::io::{BufRead, BufReader, Seek};

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use sqlx::SqliteConnection;

use crate::posts::{self, ImportedState};
use crate::wordpress::plan::Plan;
use crate::wordpress::planned_item::PlannedItem;
use crate::wordpress::store::{self, Imported};
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

/// Adds everything that was planned. An error means that nothing must be committed.
///
/// # Errors
/// Also if the site has changed since the plan was made.
pub async fn apply(
    tx: &mut SqliteConnection,
    plan: &mut Plan,
    decision: &ErrorDecision,
    by: &str,
    now: Timestamp,
) -> Result<()> {
    if let Some(reason) = rejection_reason(plan, decision) {
        bail!("{reason}");
    }
    if draws::record_version(&mut *tx).await? != plan.record_version {
        bail!("the draw record has changed in the meantime; check the report again");
    }
    let known = store::imported_items(&mut *tx, &plan.report.site).await?;
    plan.pictures.add_to_media(tx, by, now).await?;
    plan.items.rewind()?;
    for line in BufReader::new(&plan.items).lines() {
        let item: PlannedItem = serde_json::from_str(&line?).context("the temporary file is damaged")?;
        if known.contains(&item.id) {
            bail!("another import has added the same posts in the meantime; check the report again");
        }
        add_item(tx, &plan.report.site, item, decision, by, now).await?;
    }
    for (from, to) in &plan.picture_paths {
        store::add_redirect(tx, from, to).await?;
    }
    store::add_redirect(tx, "/feed", "/news/feed.atom").await?;
    let subject = format!("{}: {}", plan.report.site, plan.report.summary());
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
) -> sqlx::Result<()> {
    let has_errors = !item.errors.is_empty() && item.will_be_public();
    if has_errors && *decision == ErrorDecision::Drafts {
        item.state = ImportedState::Draft;
    }
    let accepted: Vec<&str> = item.errors.iter().map(String::as_str).collect();
    let reason = match decision {
        ErrorDecision::Keep(reason) if has_errors => Some(reason),
        _ => None,
    };
    let (imported, address) = if item.is_page {
        let (id, slug) = pages::insert_imported(tx, &item.form, item.is_public(), by, item.written_at).await?;
        if let Some(reason) = reason {
            pages::accept_findings(tx, id, &accepted, reason, by, now).await?;
        }
        (Imported::Page(id), format!("/{slug}"))
    } else {
        let (id, slug) = posts::insert_imported(tx, &item.form, item.state, by, item.written_at, now).await?;
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
