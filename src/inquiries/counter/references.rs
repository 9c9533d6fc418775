//! The last reference given out in each year, noted beside the database in `DATA_DIR/references`.
//!
//! A database that was lost, or replaced by an older copy, no longer knows what was given out since: then references go on
//! after the note. Where the database says that there was a note, and there is none that belongs to the site, as on another
//! machine, they go on after a gap that is wide enough.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use jiff::Timestamp;

use crate::db::Database;
use crate::inquiries::counter::store;
use crate::inquiries::inquiry::{reference, reference_year};
use crate::web::Key;

/// What it is called in `DATA_DIR`.
const NAME: &str = "references";
/// What a note may be behind: it is not written through to the disk each time.
const BEHIND: i64 = 100;
/// Left free, at least, where nothing is known of what was given out.
const UNKNOWN: i64 = 1000;

/// The last number given out in each year.
pub type Numbers = BTreeMap<i64, i64>;

/// Keeps the note.
pub struct References {
    /// `None` where it cannot be written.
    file: Option<File>,
    /// Shows whose note it is.
    owner: String,
    noted: Mutex<Numbers>,
}

impl References {
    /// Reads the note in `data_dir`, sees to it that the database gives out no reference again, and keeps the note from
    /// here on. With `is_new_after_loss` the database is new, and an earlier one gave out references.
    pub async fn open(
        db: &Database,
        data_dir: &Path,
        key: &Key,
        is_new_after_loss: bool,
        now: Timestamp,
    ) -> Result<Arc<Self>> {
        // Before the database is asked: another process on the same data notes what is committed.
        let noted = read(data_dir, |owner| key.tokens_for("references").any(|token| token == owner));
        let known: Numbers = store::reference_numbers(db.read()).await?.into_iter().collect();
        let was_noted = store::are_noted(db.read()).await?;
        let owner = noted.as_ref().map_or_else(|| key.token_for("references"), |(owner, _)| owner.clone());
        let mut numbers = known.clone();
        let (noted, this_year) = (noted.map(|(_, numbers)| numbers), reference_year(now).into());
        for (year, last) in from(&known, noted, was_noted || is_new_after_loss, this_year) {
            let mut tx = db.begin_write().await?;
            store::number_from(&mut tx, year, last).await?;
            tx.commit().await?;
            numbers.insert(year, last);
            tracing::warn!(
                "references go on with {}: the database does not know what was given out before (DATA_DIR/references)",
                reference(i16::try_from(year)?, last + 1)
            );
        }
        let file = options().open(data_dir.join(NAME)).inspect_err(unwritten).ok();
        let references = Arc::new(Self { file, owner, noted: Mutex::default() });
        references.note(&numbers);
        if !was_noted && references.file.is_some() {
            let mut tx = db.begin_write().await?;
            store::say_noted(&mut tx).await?;
            tx.commit().await?;
        }
        Ok(references)
    }

    /// Notes that these numbers were given out. The visitor is answered after this, so that every reference that was shown
    /// is noted.
    pub async fn note_later(self: &Arc<Self>, year: i64, last: i64) {
        let references = self.clone();
        // Where the runtime is going, nobody gets an answer any more.
        let _ = tokio::task::spawn_blocking(move || references.note(&[(year, last)].into())).await;
    }

    fn note(&self, given: &Numbers) {
        let Some(file) = &self.file else { return };
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        // Where a file system knows no locks, two processes on the same data may overwrite each other's newest number.
        let is_locked = file.lock().is_ok();
        let theirs = text_of(file).ok().and_then(|text| parse(&text)).filter(|(owner, _)| *owner == self.owner);
        let theirs = theirs.map(|(_, numbers)| numbers).unwrap_or_default();
        for (year, last) in given.iter().chain(&theirs) {
            let highest = noted.entry(*year).or_default();
            *highest = (*highest).max(*last);
        }
        let text = written(&self.owner, &noted);
        let done = file.write_all_at(text.as_bytes(), 0).and_then(|()| file.set_len(text.len() as u64));
        if let Err(error) = done.and_then(|()| if is_locked { file.unlock() } else { Ok(()) }) {
            unwritten(&error);
        }
    }
}

/// The numbers in the note of `data_dir`, whichever site wrote it. Only reads.
pub fn noted_references(data_dir: &Path) -> Numbers {
    read(data_dir, |_| true).map(|(_, numbers)| numbers).unwrap_or_default()
}

/// From which numbers the database must go on, for the years in which it would give out a reference again. `is_lost` says
/// that there was a note, or a database, of which nothing is known any more.
fn from(known: &Numbers, noted: Option<Numbers>, is_lost: bool, this_year: i64) -> Numbers {
    if let Some(noted) = noted {
        let is_behind = |(year, last): &(i64, i64)| known.get(year).copied().unwrap_or(0) < *last;
        return noted.into_iter().filter(is_behind).map(|(year, last)| (year, last + BEHIND)).collect();
    }
    if !is_lost {
        return Numbers::new();
    }
    let first = known.keys().next().copied().unwrap_or(this_year);
    let after = |year: i64| {
        let last = known.get(&year).copied().unwrap_or(0);
        (year, last + last.max(UNKNOWN))
    };
    (first.min(this_year)..=this_year.max(first)).map(after).collect()
}

fn read(data_dir: &Path, is_ours: impl Fn(&str) -> bool) -> Option<(String, Numbers)> {
    let text = std::fs::read_to_string(data_dir.join(NAME)).ok()?;
    parse(&text).filter(|(owner, _)| is_ours(owner))
}

fn text_of(mut file: &File) -> std::io::Result<String> {
    use std::io::{Read, Seek};
    let mut text = String::new();
    file.rewind()?;
    file.read_to_string(&mut text)?;
    Ok(text)
}

/// Every line has the same length each time, so that a write over it leaves nothing of the last one.
fn written(owner: &str, numbers: &Numbers) -> String {
    let lines: String = numbers.iter().map(|(year, last)| format!("{year:04} {last:012}\n")).collect();
    format!("site {owner}\n{lines}")
}

fn parse(text: &str) -> Option<(String, Numbers)> {
    let mut lines = text.lines();
    let owner = lines.next()?.strip_prefix("site ")?.to_owned();
    let numbers = lines.map(|line| {
        let (year, last) = line.split_once(' ')?;
        Some((year.parse().ok()?, last.parse().ok()?))
    });
    Some((owner, numbers.collect::<Option<_>>()?))
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    options
}

fn unwritten(error: &std::io::Error) {
    tracing::warn!("the references that were given out cannot be noted: {error} (DATA_DIR/references)");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers<const N: usize>(numbers: [(i64, i64); N]) -> Numbers {
        numbers.into()
    }

    #[test]
    fn no_number_is_given_out_again_whatever_the_database_has_forgotten() {
        let year = 2026;
        for (known, noted, is_lost, expected) in [
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
            assert_eq!(from(&known, noted.clone(), is_lost, year), expected, "{known:?} {noted:?}");
        }
    }

    #[test]
    fn a_note_is_read_as_it_was_written_and_half_of_one_is_none() {
        let text = written("ab12", &numbers([(2025, 40), (2026, 7)]));
        assert_eq!(parse(&text), Some(("ab12".into(), numbers([(2025, 40), (2026, 7)]))));
        for half in ["", "site", "2026 1", "site ab12\n2026", "site ab12\n2026 x"] {
            assert_eq!(parse(half), None, "{half}");
        }
    }
}
