//! Detection of feed files that are older than the record.

use crate::draws::import::feed_parser::FeedRound;
use crate::draws::{Draw, DrawNumber};
use crate::web::DisplayDate;

/// Feed file whose latest draw is older than that of the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OlderFile {
    pub last_draw: DrawNumber,
    pub date: DisplayDate,
    pub latest_recorded_draw: DrawNumber,
    /// Whether the file is a copy of the feed and not a selection of draws.
    pub is_full_copy: bool,
}

/// Minimum number of consecutive draws in a copy of the feed. Fewer may be a selection.
const MIN_COPY_LEN: usize = 10;

impl OlderFile {
    /// Returns `None` if the file includes the latest draw of the record.
    pub fn of(published: &[FeedRound], known: &[Draw]) -> Option<Self> {
        let last = published.iter().map(|round| &round.draw).max_by_key(|draw| draw.round.sort_key())?;
        let newest = known.iter().max_by_key(|draw| draw.round.sort_key())?;
        if last.round.sort_key() >= newest.round.sort_key() {
            return None;
        }
        let mut numbers: Vec<u32> = published.iter().map(|round| round.draw.round.number()).collect();
        numbers.sort_unstable();
        let is_copy = numbers.len() >= MIN_COPY_LEN && numbers.windows(2).all(|pair| pair[1] - pair[0] <= 1);
        Some(Self {
            last_draw: last.round.clone(),
            date: last.day(),
            latest_recorded_draw: newest.round.clone(),
            is_full_copy: is_copy,
        })
    }

    /// `This file ends with draw 291 of March 26, 2024; the record goes to draw 447.`
    pub fn sentence(&self) -> String {
        let Self { last_draw: ends_with, date: of, latest_recorded_draw: record_goes_to, .. } = self;
        format!("This file ends with draw {ends_with} of {}; the record goes to draw {record_goes_to}.", of.text)
    }
}
