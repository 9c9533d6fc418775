//! Reconciliation of a restored backup with the database it replaces.
//!
//! Erased inquiries must stay erased, and references and row IDs must not be given out twice.

mod store;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use jiff::Timestamp;
use sqlx::SqliteConnection;

use crate::http::SiteSecret;
use crate::inquiries::privacy::erasures::{Erasure, erase, erasures_since, record_erasure};
use crate::inquiries::privacy::store::DeletionReason;
use crate::inquiries::privacy::subject::Subject;
use crate::inquiries::store::{raise_reference_counter, reference_counters};

/// More row IDs than any site uses between two backups.
const RESERVED_IDS: i64 = 1_000_000;

const PAGE_SIZE: i64 = 1000;

/// Changes in the replaced database since the backup was made.
#[derive(Debug)]
pub struct ChangesSinceBackup {
    erasures: Vec<Erasure>,
    /// Year and last reference number.
    reference_counters: Vec<(i64, i64)>,
    /// Table and last row ID.
    last_row_ids: Vec<(String, i64)>,
}

/// Changes since the backup, and what was applied again.
#[derive(Debug, Default)]
pub struct ReconcileReport {
    /// Inquiries received since; they exist only in the old database.
    pub inquiries: i64,
    pub erasures: usize,
    /// Restored inquiries that had been erased since, and were erased again.
    pub re_erased: i64,
    /// Message-IDs of the e-mails erased with them.
    pub emails: Vec<String>,
    /// Erasures requested by a person since.
    pub people: usize,
    /// References of their restored inquiries, for staff to erase again.
    pub restored_references: BTreeSet<String>,
}

/// Reads the changes after `made_at`.
pub async fn changes_since_backup(old: &mut SqliteConnection, made_at: Timestamp) -> Result<ChangesSinceBackup> {
    Ok(ChangesSinceBackup {
        erasures: erasures_since(&mut *old, made_at).await?,
        reference_counters: reference_counters(&mut *old).await?,
        last_row_ids: store::last_row_ids(old).await?,
    })
}

/// Applies the changes to a restored database: deletes inquiries again that retention or staff had deleted.
///
/// Erasures requested by a person are only reported, because only staff know which inquiries were meant to stay.
pub async fn reconcile(
    tx: &mut SqliteConnection,
    changes: ChangesSinceBackup,
    key: &SiteSecret,
    now: Timestamp,
) -> Result<ReconcileReport> {
    let mut report = ReconcileReport { erasures: changes.erasures.len(), ..ReconcileReport::default() };
    let known: BTreeMap<i64, i64> = reference_counters(&mut *tx).await?.into_iter().collect();
    for (year, last) in changes.reference_counters {
        // Counted by reference, because timestamps have a resolution of one second.
        report.inquiries += (last - known.get(&year).copied().unwrap_or(0)).max(0);
        raise_reference_counter(&mut *tx, year, last).await?;
    }
    // Links and open forms from that time must not lead to new inquiries.
    for (table, last) in changes.last_row_ids {
        store::advance_row_ids(&mut *tx, &table, last).await?;
    }
    let by_hash: BTreeMap<String, Erasure> =
        changes.erasures.into_iter().map(|erasure| (erasure.subject_hash.clone(), erasure)).collect();
    report.people = by_hash.values().filter(|erasure| erasure.reason == DeletionReason::Request).count();
    if by_hash.is_empty() {
        return Ok(report);
    }
    let mut after = 0;
    loop {
        let page = store::inquiry_contacts(&mut *tx, after, PAGE_SIZE).await?;
        let Some(last) = page.last() else { return Ok(report) };
        after = last.id;
        for inquiry in page {
            // Each erasure was hashed with the secret of its time.
            let reference = Subject::Reference(inquiry.reference.clone());
            if let Some(erasure) = reference.hashes(key).find_map(|hash| by_hash.get(&hash)) {
                let emails = erase(&mut *tx, inquiry.id).await?;
                record_erasure(&mut *tx, &Erasure { at: now, emails: count(&emails), ..erasure.clone() }).await?;
                report.emails.extend(emails);
                report.re_erased += 1;
                continue;
            }
            let mut contacts = inquiry.contacts.split('\n').filter_map(Subject::parse_person);
            if contacts.any(|contact| contact.hashes(key).any(|hash| by_hash.contains_key(&hash))) {
                report.restored_references.insert(inquiry.reference);
            }
        }
    }
}

/// Skips row IDs that may have been used after the backup, if the replaced database is not readable. Otherwise links in
/// e-mails to staff could lead to another person's inquiry.
pub async fn reserve_ids(tx: &mut SqliteConnection) -> Result<()> {
    let last_ids: BTreeMap<String, i64> = store::last_row_ids(&mut *tx).await?.into_iter().collect();
    for table in ["inquiries", "inquiry_events", "outbox"] {
        let last = last_ids.get(table).copied().unwrap_or(0);
        store::advance_row_ids(&mut *tx, table, last + RESERVED_IDS).await?;
    }
    Ok(())
}

fn count(emails: &[String]) -> i64 {
    i64::try_from(emails.len()).unwrap_or(i64::MAX)
}
