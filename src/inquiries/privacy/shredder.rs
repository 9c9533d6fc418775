//! Deleting for good: what the clock says, and what a person asks for; and that nothing readable is left behind.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp};
use sqlx::SqliteConnection;

use crate::clock::AHEAD;
use crate::db::{Database, Write};
use crate::inquiries::Kind;
use crate::inquiries::privacy::erasures::{self, Erasure};
use crate::inquiries::privacy::retention::{IN_BIN, Term};
use crate::inquiries::privacy::store::{self, Why};
use crate::inquiries::privacy::subject::Subject;
use crate::inquiries::store::note;
use crate::web::{Keeping, Key};

/// What the clock does in one transaction: a visitor's form waits no longer than this takes.
const BATCH: i64 = 50;
/// How many batches it does in one go; the rest waits for the next minute, so that a site told to stop does.
const A_TURN: i64 = 40;

/// How long a digest is kept after it went out: it gives references, and old figures are of no use.
const DIGESTS_KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Who did what the clock does.
const CLOCK: &str = "the clock";

/// What deletes for good.
pub struct Shredder {
    db: Database,
    key: Key,
    written_letters: PathBuf,
    /// How often something was deleted, what went before this start counted as once.
    deletions: AtomicU64,
    /// How many of these the write-ahead log holds no more.
    cleared: AtomicU64,
}

/// What a person asked to have erased.
pub struct Request<'a> {
    /// Whose address or number.
    pub subject: &'a Subject,
    /// Inquiries to erase.
    pub inquiries: &'a [i64],
    /// Inquiries of that address or number that stay, with their letters.
    pub spared: &'a [i64],
    /// Whether letters to the address go as well: not where it is one of the firm's.
    pub letters_to_it: bool,
    /// Who does it.
    pub actor: &'a str,
}

impl Shredder {
    /// `written_letters` is where letters are written as files while there is no mail server.
    pub fn new(db: Database, key: Key, written_letters: PathBuf) -> Self {
        Self { db, key, written_letters, deletions: AtomicU64::new(1), cleared: AtomicU64::new(0) }
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
    pub async fn do_what_is_due(&self, keeps: &Keeping, now: Timestamp) -> Result<()> {
        for (kind, is_quarantined) in
            [(Kind::Contact, false), (Kind::Apply, false), (Kind::Contact, true), (Kind::Apply, true)]
        {
            self.fill_bin(kind, is_quarantined, keeps, now).await?;
            self.give_back(kind, is_quarantined, keeps, now).await?;
        }
        self.date_bin_anew(now).await?;
        self.empty_bin(keeps, now).await?;
        self.forget_digests(now).await?;
        self.clear_log().await
    }

    async fn fill_bin(&self, kind: Kind, is_quarantined: bool, keeps: &Keeping, now: Timestamp) -> Result<()> {
        let term = Term::of(kind, is_quarantined, keeps);
        let found =
            store::longest_untouched(self.db.read(), kind, is_quarantined, term.sieve(now), A_TURN * BATCH).await?;
        let due: Vec<i64> = found.iter().filter(|one| term.is_over(one.since, now)).map(|one| one.id).collect();
        for batch in due.chunks(usize::try_from(BATCH)?) {
            let mut tx = self.db.begin_write().await?;
            for id in batch {
                // Looked at again under the lock: somebody may have answered meanwhile.
                let standing = store::standing(&mut *tx, *id).await?;
                let is_over = standing.is_some_and(|standing| standing.is_over(keeps, now));
                if is_over && store::bin(&mut tx, *id, Why::Retention, now).await? {
                    note(&mut tx, *id, "binned", CLOCK, Why::Retention.as_str(), now).await?;
                }
            }
            tx.commit().await?;
        }
        Ok(())
    }

    /// What was binned while the firm's record gave a shorter time, by a slip perhaps, comes out again.
    async fn give_back(&self, kind: Kind, is_quarantined: bool, keeps: &Keeping, now: Timestamp) -> Result<()> {
        let term = Term::of(kind, is_quarantined, keeps);
        let found = store::binned_by_clock(self.db.read(), kind, is_quarantined, A_TURN * BATCH).await?;
        let early: Vec<i64> = found.iter().filter(|one| !term.is_over(one.since, now)).map(|one| one.id).collect();
        for batch in early.chunks(usize::try_from(BATCH)?) {
            let mut tx = self.db.begin_write().await?;
            for id in batch {
                give_back_if_early(&mut tx, *id, keeps, now).await?;
            }
            tx.commit().await?;
        }
        Ok(())
    }

    /// What was binned while the clock was far ahead would lie there until that day comes.
    async fn date_bin_anew(&self, now: Timestamp) -> Result<()> {
        let ahead = now + AHEAD;
        if store::any_binned_after(self.db.read(), ahead).await? {
            let mut tx = self.db.begin_write().await?;
            store::date_bin_anew(&mut tx, ahead, now).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    async fn empty_bin(&self, keeps: &Keeping, now: Timestamp) -> Result<()> {
        let before = now - IN_BIN;
        for _ in 0..A_TURN {
            if store::binned_before(self.db.read(), before, 1).await?.is_empty() {
                break;
            }
            let mut tx = self.db.begin_write().await?;
            let mut message_ids = vec![];
            for one in store::binned_before(&mut *tx, before, BATCH).await? {
                // More may have come too early than were given back in one turn.
                if give_back_if_early(&mut tx, one.id, keeps, now).await? {
                    continue;
                }
                let letters = erasures::erase(&mut tx, one.id).await?;
                let erasure = Erasure {
                    at: now,
                    actor: CLOCK.into(),
                    why: one.why,
                    subject_hash: self.hash(&Subject::Reference(one.reference)),
                    inquiries: 1,
                    letters: count(&letters),
                };
                erasures::note_erasure(&mut tx, &erasure).await?;
                message_ids.extend(letters);
            }
            self.finish(tx, message_ids).await?;
        }
        Ok(())
    }

    async fn forget_digests(&self, now: Timestamp) -> Result<()> {
        let before = now - DIGESTS_KEPT;
        if erasures::any_old_digest(self.db.read(), before).await? {
            let mut tx = self.db.begin_write().await?;
            let letters = erasures::erase_old_digests(&mut tx, before, BATCH).await?;
            self.finish(tx, letters).await?;
        }
        Ok(())
    }

    /// Erases what a person asked for, at once and past the bin, in the transaction that says who did it.
    pub async fn erase(&self, mut tx: Write, request: &Request<'_>, now: Timestamp) -> Result<()> {
        let mut message_ids = vec![];
        for id in request.inquiries {
            message_ids.extend(erasures::erase(&mut tx, *id).await?);
        }
        if request.letters_to_it {
            message_ids.extend(erasures::erase_letters_to(&mut tx, request.subject.email(), request.spared).await?);
        }
        if request.spared.is_empty() {
            erasures::forget_refusal(&mut tx, request.subject.email()).await?;
        }
        let erasure = Erasure {
            at: now,
            actor: request.actor.to_owned(),
            why: Why::Request,
            subject_hash: self.hash(request.subject),
            inquiries: count(request.inquiries),
            letters: count(&message_ids),
        };
        erasures::note_erasure(&mut tx, &erasure).await?;
        self.finish(tx, message_ids).await?;
        if let Err(error) = self.clear_log().await {
            // The housekeeping tries again each minute.
            tracing::warn!(error = format!("{error:#}"), "the write-ahead log could not be cleared yet");
        }
        Ok(())
    }

    /// Files go before the commit: should the machine die between, the rows are still there to be deleted again.
    async fn finish(&self, tx: Write, message_ids: Vec<String>) -> Result<()> {
        let directory = self.written_letters.clone();
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
    async fn clear_log(&self) -> Result<()> {
        // Counted before: what is deleted while the log is being emptied may stand in it afterwards.
        let deletions = self.deletions.load(Ordering::SeqCst);
        if self.cleared.load(Ordering::SeqCst) < deletions && self.db.clear_log().await? {
            self.cleared.fetch_max(deletions, Ordering::SeqCst);
        }
        Ok(())
    }
}

/// Takes out of the bin what the clock put there and whose time is not over; false where that is not so.
async fn give_back_if_early(tx: &mut SqliteConnection, id: i64, keeps: &Keeping, now: Timestamp) -> sqlx::Result<bool> {
    let standing = store::standing(&mut *tx, id).await?;
    let is_early =
        standing.is_some_and(|standing| standing.binned_for == Some(Why::Retention) && !standing.is_over(keeps, now));
    let is_given_back = is_early && store::take_out(tx, id).await?;
    if is_given_back {
        note(tx, id, "restored", CLOCK, Why::Retention.as_str(), now).await?;
    }
    Ok(is_given_back)
}

fn count<T>(things: &[T]) -> i64 {
    i64::try_from(things.len()).unwrap_or(i64::MAX)
}
