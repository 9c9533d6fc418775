//! What a database that was put back from a backup must learn of the time since: what was erased is not to come back,
//! and a reference that somebody was given is not given to another.

mod store;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use jiff::Timestamp;
use sqlx::SqliteConnection;

use crate::inquiries::counter::{number_from, reference_numbers};
use crate::inquiries::privacy::erasures::{Erasure, erase, erasures_since, note_erasure};
use crate::inquiries::privacy::store::Why;
use crate::inquiries::privacy::subject::Subject;
use crate::web::Key;

/// No site gives out so many row ids between two backups.
const LEFT_OUT: i64 = 1_000_000;

/// How many inquiries are looked at in one go.
const A_PAGE: i64 = 1000;

/// What the database knows that goes.
#[derive(Debug)]
pub struct Happened {
    erasures: Vec<Erasure>,
    numbers: Vec<(i64, i64)>,
    ids: Vec<(String, i64)>,
}

/// What happened after a backup was made, and what of it could be done again.
#[derive(Debug, Default)]
pub struct Since {
    /// Inquiries that came since, and are in the old database alone.
    pub inquiries: i64,
    /// Erasures since.
    pub erasures: usize,
    /// Inquiries that were erased since by their references, and have been erased again.
    pub erased_again: i64,
    /// The letters that went with them, by Message-ID.
    pub letters: Vec<String>,
    /// People who had all that is known of them erased since.
    pub people: usize,
    /// The references of what came back of theirs, for somebody to erase again.
    pub came_back: BTreeSet<String>,
}

/// Reads what happened after `made_at`.
pub async fn happened_since(old: &mut SqliteConnection, made_at: Timestamp) -> Result<Happened> {
    Ok(Happened {
        erasures: erasures_since(&mut *old, made_at).await?,
        numbers: reference_numbers(&mut *old).await?,
        ids: store::row_ids(old).await?,
    })
}

/// Brings a restored database as far as that can be done: inquiries that were erased by their references are erased again.
/// What a person asked for is for staff to do once more, since only they know what was meant to stay.
pub async fn catch_up(tx: &mut SqliteConnection, happened: Happened, key: &Key, now: Timestamp) -> Result<Since> {
    let mut since = Since { erasures: happened.erasures.len(), ..Since::default() };
    let known: BTreeMap<i64, i64> = reference_numbers(&mut *tx).await?.into_iter().collect();
    for (year, last) in happened.numbers {
        // By the references that were given, since many can come within the second of the backup.
        since.inquiries += (last - known.get(&year).copied().unwrap_or(0)).max(0);
        number_from(&mut *tx, year, last).await?;
    }
    // Links and open forms of the time since must not lead to what comes next.
    for (table, last) in happened.ids {
        store::ids_from(&mut *tx, &table, last).await?;
    }
    let by_hash: BTreeMap<String, Erasure> =
        happened.erasures.into_iter().map(|erasure| (erasure.subject_hash.clone(), erasure)).collect();
    since.people = by_hash.values().filter(|erasure| erasure.why == Why::Request).count();
    if by_hash.is_empty() {
        return Ok(since);
    }
    let mut after = 0;
    loop {
        let page = store::given(&mut *tx, after, A_PAGE).await?;
        let Some(last) = page.last() else { return Ok(since) };
        after = last.id;
        for one in page {
            // Each was noted under the secret of its day.
            let reference = Subject::Reference(one.reference.clone());
            if let Some(erasure) = reference.hashes(key).find_map(|hash| by_hash.get(&hash)) {
                let letters = erase(&mut *tx, one.id).await?;
                note_erasure(&mut *tx, &Erasure { at: now, letters: count(&letters), ..erasure.clone() }).await?;
                since.letters.extend(letters);
                since.erased_again += 1;
                continue;
            }
            let mut contacts = one.contacts.split('\n').filter_map(Subject::person);
            if contacts.any(|contact| contact.hashes(key).any(|hash| by_hash.contains_key(&hash))) {
                since.came_back.insert(one.reference);
            }
        }
    }
}

/// Sees to it that no inquiry or e-mail gets the number of one that came after the backup, where nobody can say which
/// numbers these were: links in e-mails to staff would lead to another person's inquiry.
pub async fn leave_out_ids(tx: &mut SqliteConnection) -> Result<()> {
    let given: BTreeMap<String, i64> = store::row_ids(&mut *tx).await?.into_iter().collect();
    for table in ["inquiries", "inquiry_events", "outbox"] {
        let last = given.get(table).copied().unwrap_or(0);
        store::ids_from(&mut *tx, table, last + LEFT_OUT).await?;
    }
    Ok(())
}

fn count(letters: &[String]) -> i64 {
    i64::try_from(letters.len()).unwrap_or(i64::MAX)
}
