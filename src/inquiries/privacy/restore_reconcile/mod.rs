//! What a database that was put back from a backup must learn of the time since: what was erased is not to come back,
//! and a reference that somebody was given is not given to another.

mod store;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use jiff::Timestamp;
use sqlx::SqliteConnection;

use crate::http::SiteSecret;
use crate::inquiries::intake::{raise_reference_counter, reference_counters};
use crate::inquiries::privacy::erasures::{Erasure, erase, erasures_since, record_erasure};
use crate::inquiries::privacy::store::DeletionReason;
use crate::inquiries::privacy::subject::Subject;

/// No site gives out so many row ids between two backups.
const RESERVED_IDS: i64 = 1_000_000;

/// How many inquiries are looked at in one go.
const PAGE_SIZE: i64 = 1000;

/// What the database knows that goes.
#[derive(Debug)]
pub struct ChangesSinceBackup {
    erasures: Vec<Erasure>,
    numbers: Vec<(i64, i64)>,
    ids: Vec<(String, i64)>,
}

/// What happened after a backup was made, and what of it could be done again.
#[derive(Debug, Default)]
pub struct ReconcileReport {
    /// Inquiries that came since, and are in the old database alone.
    pub inquiries: i64,
    /// Erasures since.
    pub erasures: usize,
    /// Inquiries that were erased since by their references, and have been erased again.
    pub re_erased: i64,
    /// The letters that went with them, by Message-ID.
    pub emails: Vec<String>,
    /// People who had all that is known of them erased since.
    pub people: usize,
    /// The references of what came back of theirs, for somebody to erase again.
    pub restored_references: BTreeSet<String>,
}

/// Reads what happened after `made_at`.
pub async fn changes_since_backup(old: &mut SqliteConnection, made_at: Timestamp) -> Result<ChangesSinceBackup> {
    Ok(ChangesSinceBackup {
        erasures: erasures_since(&mut *old, made_at).await?,
        numbers: reference_counters(&mut *old).await?,
        ids: store::last_row_ids(old).await?,
    })
}

/// Brings a restored database as far as that can be done: inquiries that were erased by their references are erased again.
/// What a person asked for is for staff to do once more, since only they know what was meant to stay.
pub async fn reconcile(
    tx: &mut SqliteConnection,
    changes: ChangesSinceBackup,
    key: &SiteSecret,
    now: Timestamp,
) -> Result<ReconcileReport> {
    let mut report = ReconcileReport { erasures: changes.erasures.len(), ..ReconcileReport::default() };
    let known: BTreeMap<i64, i64> = reference_counters(&mut *tx).await?.into_iter().collect();
    for (year, last) in changes.numbers {
        // By the references that were given, since many can come within the second of the backup.
        report.inquiries += (last - known.get(&year).copied().unwrap_or(0)).max(0);
        raise_reference_counter(&mut *tx, year, last).await?;
    }
    // Links and open forms of the time since must not lead to what comes next.
    for (table, last) in changes.ids {
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
        for one in page {
            // Each was noted under the secret of its day.
            let reference = Subject::Reference(one.reference.clone());
            if let Some(erasure) = reference.hashes(key).find_map(|hash| by_hash.get(&hash)) {
                let emails = erase(&mut *tx, one.id).await?;
                record_erasure(&mut *tx, &Erasure { at: now, emails: count(&emails), ..erasure.clone() }).await?;
                report.emails.extend(emails);
                report.re_erased += 1;
                continue;
            }
            let mut contacts = one.contacts.split('\n').filter_map(Subject::parse_person);
            if contacts.any(|contact| contact.hashes(key).any(|hash| by_hash.contains_key(&hash))) {
                report.restored_references.insert(one.reference);
            }
        }
    }
}

/// Sees to it that no inquiry or e-mail gets the number of one that came after the backup, where nobody can say which
/// numbers these were: links in e-mails to staff would lead to another person's inquiry.
pub async fn reserve_ids(tx: &mut SqliteConnection) -> Result<()> {
    let given: BTreeMap<String, i64> = store::last_row_ids(&mut *tx).await?.into_iter().collect();
    for table in ["inquiries", "inquiry_events", "outbox"] {
        let last = given.get(table).copied().unwrap_or(0);
        store::advance_row_ids(&mut *tx, table, last + RESERVED_IDS).await?;
    }
    Ok(())
}

fn count(emails: &[String]) -> i64 {
    i64::try_from(emails.len()).unwrap_or(i64::MAX)
}
