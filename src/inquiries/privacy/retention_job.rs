//! Permanent deletion, after the retention period or on request, without readable remains on disk.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp};
use sqlx::SqliteConnection;

use crate::db::{Database, WriteTx};
use crate::http::SiteSecret;
use crate::inquiries::InquiryKind;
use crate::inquiries::privacy::erasures::{self, Erasure};
use crate::inquiries::privacy::retention::{RetentionPeriod, TRASH_PERIOD};
use crate::inquiries::privacy::store::{self, DeletionReason};
use crate::inquiries::privacy::subject::Subject;
use crate::inquiries::store::record_event;
use crate::web::RetentionPeriods;

/// Inquiries per transaction. Form submissions wait for the transaction.
const BATCH_SIZE: i64 = 50;
/// Batches per run. The rest waits for the next run, so that a shutdown is not delayed.
const MAX_BATCHES: i64 = 40;

/// Time that a sent digest is kept.
const DIGEST_RETENTION: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Actor of automatic deletions in the history and the erasure log.
const SYSTEM_ACTOR: &str = "system";

/// Deletes inquiries permanently, with their e-mails and files.
pub struct Eraser {
    db: Database,
    key: SiteSecret,
    eml_dir: PathBuf,
    /// Number of deletions; starts at 1 to cover deletions before the start.
    deletions: AtomicU64,
    /// Number of deletions that are no longer in the write-ahead log.
    truncated: AtomicU64,
}

/// Erasure requested by a person.
pub struct ErasureRequest<'a> {
    pub subject: &'a Subject,
    pub inquiries: &'a [i64],
    /// Inquiries with this address or number to keep, with their e-mails.
    pub excluded: &'a [i64],
    /// Whether to delete all e-mails to the address; false for the company's own addresses.
    pub emails_to_address: bool,
    pub actor: &'a str,
}

impl Eraser {
    /// `eml_dir` is where e-mails are written as files if there is no mail server.
    pub fn new(db: Database, key: SiteSecret, eml_dir: PathBuf) -> Self {
        Self { db, key, eml_dir, deletions: AtomicU64::new(1), truncated: AtomicU64::new(0) }
    }

    /// Keyed hash of `subject` for the erasure log.
    pub fn hash(&self, subject: &Subject) -> String {
        subject.hash(&self.key)
    }

    /// The hash with the current secret and with each earlier one.
    pub fn hashes(&self, subject: &Subject) -> Vec<String> {
        subject.hashes(&self.key).collect()
    }

    /// Moves expired inquiries to the trash, restores those moved too early, and deletes old trash and digests. Safe to run
    /// twice or in two processes.
    pub async fn run_due(&self, periods: &RetentionPeriods, now: Timestamp) -> Result<()> {
        for (kind, is_quarantined) in [
            (InquiryKind::Contact, false),
            (InquiryKind::Apply, false),
            (InquiryKind::Contact, true),
            (InquiryKind::Apply, true),
        ] {
            self.trash_expired(kind, is_quarantined, periods, now).await?;
            self.restore_premature(kind, is_quarantined, periods, now).await?;
        }
        self.delete_trashed(periods, now).await?;
        self.delete_old_digests(now).await?;
        self.truncate_wal().await
    }

    async fn trash_expired(
        &self,
        kind: InquiryKind,
        is_quarantined: bool,
        periods: &RetentionPeriods,
        now: Timestamp,
    ) -> Result<()> {
        let period = RetentionPeriod::for_kind(kind, is_quarantined, periods);
        let found = store::oldest_inactive(
            self.db.read(),
            kind,
            is_quarantined,
            period.coarse_cutoff(now),
            MAX_BATCHES * BATCH_SIZE,
        )
        .await?;
        let due: Vec<i64> = found.iter().filter(|one| period.is_expired(one.since, now)).map(|one| one.id).collect();
        for batch in due.chunks(usize::try_from(BATCH_SIZE)?) {
            let mut tx = self.db.begin_write().await?;
            for id in batch {
                // Checked again under the lock: staff may have replied in the meantime.
                let status = store::retention_status(&mut *tx, *id).await?;
                let is_expired = status.is_some_and(|status| status.is_expired(periods, now));
                if is_expired && store::trash(&mut tx, *id, DeletionReason::Retention, now).await? {
                    record_event(&mut tx, *id, "trashed", SYSTEM_ACTOR, DeletionReason::Retention.as_str(), now)
                        .await?;
                }
            }
            tx.commit().await?;
        }
        Ok(())
    }

    /// Restores inquiries that were trashed under a shorter period, such as a mistyped setting.
    async fn restore_premature(
        &self,
        kind: InquiryKind,
        is_quarantined: bool,
        periods: &RetentionPeriods,
        now: Timestamp,
    ) -> Result<()> {
        let period = RetentionPeriod::for_kind(kind, is_quarantined, periods);
        let found = store::trashed_by_retention(self.db.read(), kind, is_quarantined, MAX_BATCHES * BATCH_SIZE).await?;
        let premature: Vec<i64> =
            found.iter().filter(|one| !period.is_expired(one.since, now)).map(|one| one.id).collect();
        for batch in premature.chunks(usize::try_from(BATCH_SIZE)?) {
            let mut tx = self.db.begin_write().await?;
            for id in batch {
                restore_if_premature(&mut tx, *id, periods, now).await?;
            }
            tx.commit().await?;
        }
        Ok(())
    }

    async fn delete_trashed(&self, periods: &RetentionPeriods, now: Timestamp) -> Result<()> {
        let before = now - TRASH_PERIOD;
        for _ in 0..MAX_BATCHES {
            if store::trashed_before(self.db.read(), before, 1).await?.is_empty() {
                break;
            }
            let mut tx = self.db.begin_write().await?;
            let mut message_ids = vec![];
            for one in store::trashed_before(&mut *tx, before, BATCH_SIZE).await? {
                // One run restores a limited number, so some may still be in the trash too early.
                if restore_if_premature(&mut tx, one.id, periods, now).await? {
                    continue;
                }
                let emails = erasures::erase(&mut tx, one.id).await?;
                let erasure = Erasure {
                    at: now,
                    actor: SYSTEM_ACTOR.into(),
                    reason: one.reason,
                    subject_hash: self.hash(&Subject::Reference(one.reference)),
                    inquiries: 1,
                    emails: count(&emails),
                };
                erasures::record_erasure(&mut tx, &erasure).await?;
                message_ids.extend(emails);
            }
            self.delete_files_and_commit(tx, message_ids).await?;
        }
        Ok(())
    }

    async fn delete_old_digests(&self, now: Timestamp) -> Result<()> {
        let before = now - DIGEST_RETENTION;
        if erasures::has_old_digests(self.db.read(), before).await? {
            let mut tx = self.db.begin_write().await?;
            let emails = erasures::delete_old_digests(&mut tx, before, BATCH_SIZE).await?;
            self.delete_files_and_commit(tx, emails).await?;
        }
        Ok(())
    }

    /// Erases data on request, immediately and bypassing the trash, in the transaction that wrote the audit log.
    pub async fn erase(&self, mut tx: WriteTx, request: &ErasureRequest<'_>, now: Timestamp) -> Result<()> {
        let mut message_ids = vec![];
        for id in request.inquiries {
            message_ids.extend(erasures::erase(&mut tx, *id).await?);
        }
        if request.emails_to_address {
            message_ids.extend(erasures::erase_emails_to(&mut tx, request.subject.email(), request.excluded).await?);
        }
        if request.excluded.is_empty() {
            erasures::clear_bounce(&mut tx, request.subject.email()).await?;
        }
        let erasure = Erasure {
            at: now,
            actor: request.actor.to_owned(),
            reason: DeletionReason::Request,
            subject_hash: self.hash(request.subject),
            inquiries: count(request.inquiries),
            emails: count(&message_ids),
        };
        erasures::record_erasure(&mut tx, &erasure).await?;
        self.delete_files_and_commit(tx, message_ids).await?;
        if let Err(error) = self.truncate_wal().await {
            // Each retention run tries again.
            tracing::warn!("cannot truncate the write-ahead log after an erasure: {error:#} (DATA_DIR)");
        }
        Ok(())
    }

    /// Deletes files before the commit: after a crash in between, the rows still exist and are deleted again.
    async fn delete_files_and_commit(&self, tx: WriteTx, message_ids: Vec<String>) -> Result<()> {
        let directory = self.eml_dir.clone();
        let removed = tokio::task::spawn_blocking(move || -> std::io::Result<()> {
            for message_id in message_ids {
                match std::fs::remove_file(directory.join(format!("{message_id}.eml"))) {
                    Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
            }
            Ok(())
        });
        removed.await?.context("cannot delete an e-mail file")?;
        tx.commit().await?;
        self.deletions.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    /// Removes deleted data from the write-ahead log. In the database file itself it is overwritten (`secure_delete`).
    async fn truncate_wal(&self) -> Result<()> {
        // Read first: deletions during the truncation may remain in the log.
        let deletions = self.deletions.load(Ordering::SeqCst);
        if self.truncated.load(Ordering::SeqCst) < deletions && self.db.truncate_wal().await? {
            self.truncated.fetch_max(deletions, Ordering::SeqCst);
        }
        Ok(())
    }
}

/// Restores an inquiry that was trashed by retention but is not expired. Returns false otherwise.
async fn restore_if_premature(
    tx: &mut SqliteConnection,
    id: i64,
    periods: &RetentionPeriods,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let status = store::retention_status(&mut *tx, id).await?;
    let is_premature = status.is_some_and(|status| {
        status.trash_reason == Some(DeletionReason::Retention) && !status.is_expired(periods, now)
    });
    let is_restored = is_premature && store::untrash_silently(tx, id).await?;
    if is_restored {
        record_event(tx, id, "restored", SYSTEM_ACTOR, DeletionReason::Retention.as_str(), now).await?;
    }
    Ok(is_restored)
}

fn count<T>(items: &[T]) -> i64 {
    i64::try_from(items.len()).unwrap_or(i64::MAX)
}
