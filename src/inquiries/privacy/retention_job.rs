//! Deleting for good: what the clock says, and what a person asks for; and that nothing readable is left behind.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp};
use sqlx::SqliteConnection;

use crate::clock::MAX_CLOCK_SKEW;
use crate::db::{Database, WriteTx};
use crate::http::SiteSecret;
use crate::inquiries::InquiryKind;
use crate::inquiries::privacy::erasures::{self, Erasure};
use crate::inquiries::privacy::retention::{RetentionPeriod, TRASH_PERIOD};
use crate::inquiries::privacy::store::{self, DeletionReason};
use crate::inquiries::privacy::subject::Subject;
use crate::inquiries::store::record_event;
use crate::web::RetentionPeriods;

/// What the clock does in one transaction: a visitor's form waits no longer than this takes.
const BATCH_SIZE: i64 = 50;
/// How many batches it does in one go; the rest waits for the next minute, so that a site told to stop does.
const MAX_BATCHES: i64 = 40;

/// How long a digest is kept after it went out: it gives references, and old figures are of no use.
const DIGEST_RETENTION: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Who did what the clock does.
const SYSTEM_ACTOR: &str = "the clock";

/// What deletes for good.
pub struct Eraser {
    db: Database,
    key: SiteSecret,
    eml_dir: PathBuf,
    /// How often something was deleted, what went before this start counted as once.
    deletions: AtomicU64,
    /// How many of these the write-ahead log holds no more.
    truncated: AtomicU64,
}

/// What a person asked to have erased.
pub struct ErasureRequest<'a> {
    /// Whose address or number.
    pub subject: &'a Subject,
    /// Inquiries to erase.
    pub inquiries: &'a [i64],
    /// Inquiries of that address or number that stay, with their letters.
    pub excluded: &'a [i64],
    /// Whether letters to the address go as well: not where it is one of the firm's.
    pub emails_to_address: bool,
    /// Who does it.
    pub actor: &'a str,
}

impl Eraser {
    /// `written_letters` is where letters are written as files while there is no mail server.
    pub fn new(db: Database, key: SiteSecret, eml_dir: PathBuf) -> Self {
        Self { db, key, eml_dir, deletions: AtomicU64::new(1), truncated: AtomicU64::new(0) }
    }

    /// What the erasure log keeps instead of `subject`.
    pub fn hash(&self, subject: &Subject) -> String {
        subject.hash(&self.key)
    }

    /// The same, and what it kept before the site's secret was rotated.
    pub fn hashes(&self, subject: &Subject) -> Vec<String> {
        subject.hashes(&self.key).collect()
    }

    /// Both steps of the clock, the way back for what came too early, and old digests. Each may be done twice, or by two processes, without harm.
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
        self.fix_future_trash_dates(now).await?;
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
                // Looked at again under the lock: somebody may have answered meanwhile.
                let status = store::retention_status(&mut *tx, *id).await?;
                let is_expired = status.is_some_and(|standing| standing.is_expired(periods, now));
                if is_expired && store::trash(&mut tx, *id, DeletionReason::Retention, now).await? {
                    record_event(&mut tx, *id, "trashed", SYSTEM_ACTOR, DeletionReason::Retention.as_str(), now)
                        .await?;
                }
            }
            tx.commit().await?;
        }
        Ok(())
    }

    /// What was binned while the firm's record gave a shorter time, by a slip perhaps, comes out again.
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

    /// What was binned while the clock was far ahead would lie there until that day comes.
    async fn fix_future_trash_dates(&self, now: Timestamp) -> Result<()> {
        let limit = now + MAX_CLOCK_SKEW;
        if store::any_trashed_after(self.db.read(), limit).await? {
            let mut tx = self.db.begin_write().await?;
            store::fix_future_trash_dates(&mut tx, limit, now).await?;
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
                // More may have come too early than were given back in one turn.
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

    /// Erases what a person asked for, at once and past the bin, in the transaction that says who did it.
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
            // The housekeeping tries again each minute.
            tracing::warn!(error = format!("{error:#}"), "the write-ahead log could not be cleared yet");
        }
        Ok(())
    }

    /// Files go before the commit: should the machine die between, the rows are still there to be deleted again.
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
        removed.await?.context("a letter that was written as a file cannot be removed")?;
        tx.commit().await?;
        self.deletions.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    /// What was deleted is overwritten in the database itself, but stands in the log of writes until that is emptied.
    async fn truncate_wal(&self) -> Result<()> {
        // Counted before: what is deleted while the log is being emptied may stand in it afterwards.
        let deletions = self.deletions.load(Ordering::SeqCst);
        if self.truncated.load(Ordering::SeqCst) < deletions && self.db.truncate_wal().await? {
            self.truncated.fetch_max(deletions, Ordering::SeqCst);
        }
        Ok(())
    }
}

/// Takes out of the bin what the clock put there and whose time is not over; false where that is not so.
async fn restore_if_premature(
    tx: &mut SqliteConnection,
    id: i64,
    periods: &RetentionPeriods,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let status = store::retention_status(&mut *tx, id).await?;
    let is_premature = status.is_some_and(|standing| {
        standing.trash_reason == Some(DeletionReason::Retention) && !standing.is_expired(periods, now)
    });
    let is_restored = is_premature && store::untrash_silently(tx, id).await?;
    if is_restored {
        record_event(tx, id, "restored", SYSTEM_ACTOR, DeletionReason::Retention.as_str(), now).await?;
    }
    Ok(is_restored)
}

fn count<T>(things: &[T]) -> i64 {
    i64::try_from(things.len()).unwrap_or(i64::MAX)
}
