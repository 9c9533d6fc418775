//! Journal of the last reference issued in each year, in `DATA_DIR/references`.
//!
//! A lost or restored database does not know the references issued since its last state: they continue after the journal's
//! numbers. If the journal is missing, too, or belongs to another site, they continue after a large gap.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use jiff::Timestamp;

use crate::db::Database;
use crate::http::SiteSecret;
use crate::inquiries::inquiry::{reference, reference_year};
use crate::inquiries::intake::store;
use crate::inquiries::store as inquiries;
use crate::secure_fs;

const FILE_NAME: &str = "references";
/// Numbers by which the journal may lag behind, because it is not flushed to disk each time.
const MAX_LAG: i64 = 100;
/// Numbers skipped, at least, if it is unknown which were issued.
const RECOVERY_GAP: i64 = 1000;

/// Last number issued, by year.
pub type LastNumbers = BTreeMap<i64, i64>;

pub struct ReferenceJournal {
    /// `None` if it cannot be written.
    file: Option<File>,
    /// Identifies the site.
    owner: String,
    last_numbers: Mutex<LastNumbers>,
}

impl ReferenceJournal {
    /// Opens the journal in `data_dir`, and raises the database's counters so that no reference is issued twice.
    ///
    /// `is_new_after_loss`: the database is new, but an earlier one issued references.
    pub async fn open(
        db: &Database,
        data_dir: &Path,
        key: &SiteSecret,
        is_new_after_loss: bool,
        now: Timestamp,
    ) -> Result<Arc<Self>> {
        // Read before the database, because another process with the same data writes the journal after its commit.
        let journal = read(data_dir, |owner| key.macs_for_all_keys("references").any(|token| token == owner));
        let known: LastNumbers = inquiries::reference_counters(db.read()).await?.into_iter().collect();
        let had_journal = store::has_reference_journal(db.read()).await?;
        let owner = journal.as_ref().map_or_else(|| key.mac("references"), |(owner, _)| owner.clone());
        let mut numbers = known.clone();
        let (journal, this_year) = (journal.map(|(_, numbers)| numbers), reference_year(now).into());
        for (year, last) in counters_to_raise(&known, journal, had_journal || is_new_after_loss, this_year) {
            let mut tx = db.begin_write().await?;
            inquiries::raise_reference_counter(&mut tx, year, last).await?;
            tx.commit().await?;
            numbers.insert(year, last);
            tracing::warn!(
                "references skipped, continuing with {}: the database is older than the journal (DATA_DIR/references)",
                reference(i16::try_from(year)?, last + 1)
            );
        }
        let file = secure_fs::owner_only()
            .create(true)
            .truncate(false)
            .open(data_dir.join(FILE_NAME))
            .inspect_err(log_write_error)
            .ok();
        let references = Arc::new(Self { file, owner, last_numbers: Mutex::default() });
        references.write(&numbers);
        if !had_journal && references.file.is_some() {
            let mut tx = db.begin_write().await?;
            store::mark_reference_journal(&mut tx).await?;
            tx.commit().await?;
        }
        Ok(references)
    }

    /// Records the last number issued. Await this before responding to the visitor, so that every reference shown is recorded.
    pub async fn record(self: &Arc<Self>, year: i64, last: i64) {
        let references = self.clone();
        // An error means that the runtime is shutting down, and nobody gets a response.
        let _ = tokio::task::spawn_blocking(move || references.write(&[(year, last)].into())).await;
    }

    fn write(&self, issued: &LastNumbers) {
        let Some(file) = &self.file else { return };
        let mut numbers = self.last_numbers.lock().unwrap_or_else(PoisonError::into_inner);
        // Without file locks, two processes with the same data may overwrite each other's newest number.
        let is_locked = file.lock().is_ok();
        let theirs = read_to_string(file).ok().and_then(|text| parse(&text)).filter(|(owner, _)| *owner == self.owner);
        let theirs = theirs.map(|(_, numbers)| numbers).unwrap_or_default();
        for (year, last) in issued.iter().chain(&theirs) {
            let highest = numbers.entry(*year).or_default();
            *highest = (*highest).max(*last);
        }
        let text = serialize(&self.owner, &numbers);
        let done = file.write_all_at(text.as_bytes(), 0).and_then(|()| file.set_len(text.len() as u64));
        if let Err(error) = done.and_then(|()| if is_locked { file.unlock() } else { Ok(()) }) {
            log_write_error(&error);
        }
    }
}

/// Numbers in the journal of `data_dir`, of any site. Read-only.
pub fn read_reference_journal(data_dir: &Path) -> LastNumbers {
    read(data_dir, |_| true).map(|(_, numbers)| numbers).unwrap_or_default()
}

/// New counters of the years in which the database would issue a reference twice. `is_lost`: an earlier journal or database
/// existed, but its numbers are unknown.
fn counters_to_raise(known: &LastNumbers, journal: Option<LastNumbers>, is_lost: bool, this_year: i64) -> LastNumbers {
    if let Some(journal) = journal {
        let is_behind = |(year, last): &(i64, i64)| known.get(year).copied().unwrap_or(0) < *last;
        return journal.into_iter().filter(is_behind).map(|(year, last)| (year, last + MAX_LAG)).collect();
    }
    if !is_lost {
        return LastNumbers::new();
    }
    let first = known.keys().next().copied().unwrap_or(this_year);
    let after = |year: i64| {
        let last = known.get(&year).copied().unwrap_or(0);
        (year, last + last.max(RECOVERY_GAP))
    };
    (first.min(this_year)..=this_year.max(first)).map(after).collect()
}

fn read(data_dir: &Path, is_ours: impl Fn(&str) -> bool) -> Option<(String, LastNumbers)> {
    let text = std::fs::read_to_string(data_dir.join(FILE_NAME)).ok()?;
    parse(&text).filter(|(owner, _)| is_ours(owner))
}

fn read_to_string(mut file: &File) -> std::io::Result<String> {
    use std::io::{Read, Seek};
    let mut text = String::new();
    file.rewind()?;
    file.read_to_string(&mut text)?;
    Ok(text)
}

/// Lines have a fixed length, so that overwriting leaves no rest of the previous text.
fn serialize(owner: &str, numbers: &LastNumbers) -> String {
    let lines: String = numbers.iter().map(|(year, last)| format!("{year:04} {last:012}\n")).collect();
    format!("site {owner}\n{lines}")
}

fn parse(text: &str) -> Option<(String, LastNumbers)> {
    let mut lines = text.lines();
    let owner = lines.next()?.strip_prefix("site ")?.to_owned();
    let numbers = lines.map(|line| {
        let (year, last) = line.split_once(' ')?;
        Some((year.parse().ok()?, last.parse().ok()?))
    });
    Some((owner, numbers.collect::<Option<_>>()?))
}

fn log_write_error(error: &std::io::Error) {
    tracing::warn!("cannot write the reference journal: {error} (DATA_DIR/references)");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers<const N: usize>(numbers: [(i64, i64); N]) -> LastNumbers {
        numbers.into()
    }

    #[test]
    fn no_reference_is_issued_twice_after_data_loss() {
        let year = 2026;
        for (known, journal, is_lost, expected) in [
            (numbers([]), None, false, numbers([])),
            (numbers([(2026, 7)]), Some(numbers([(2026, 7)])), false, numbers([])),
            (numbers([(2026, 8)]), Some(numbers([(2026, 7)])), false, numbers([])),
            (numbers([(2026, 7)]), Some(numbers([(2026, 9)])), false, numbers([(2026, 109)])),
            (numbers([]), Some(numbers([(2025, 40), (2026, 9)])), true, numbers([(2025, 140), (2026, 109)])),
            (numbers([]), None, true, numbers([(2026, 1000)])),
            (numbers([(2026, 7)]), None, false, numbers([])),
            (numbers([(2026, 7)]), None, true, numbers([(2026, 1007)])),
            (numbers([(2026, 5000)]), None, true, numbers([(2026, 10_000)])),
            (numbers([(2025, 30)]), None, true, numbers([(2025, 1030), (2026, 1000)])),
        ] {
            assert_eq!(counters_to_raise(&known, journal.clone(), is_lost, year), expected, "{known:?} {journal:?}");
        }
    }

    #[test]
    fn journal_round_trips_and_a_truncated_one_is_rejected() {
        let text = serialize("ab12", &numbers([(2025, 40), (2026, 7)]));
        assert_eq!(parse(&text), Some(("ab12".into(), numbers([(2025, 40), (2026, 7)]))));
        for half in ["", "site", "2026 1", "site ab12\n2026", "site ab12\n2026 x"] {
            assert_eq!(parse(half), None, "{half}");
        }
    }
}
