//! Draws by number and by day, with counts and sums of periods.

use std::collections::{BTreeMap, HashMap};

use jiff::ToSpan;
use jiff::civil::Date;

use crate::draws::{Draw, DrawNumber};

/// Draws by number and by day, oldest first.
pub(super) struct DrawIndex<'r> {
    by_number: HashMap<&'r DrawNumber, &'r Draw>,
    /// Oldest first.
    pub all: Vec<&'r Draw>,
}

impl<'r> DrawIndex<'r> {
    pub fn of(draws: &'r [Draw]) -> Self {
        let mut all: Vec<&Draw> = draws.iter().collect();
        all.sort_by_key(|draw| (draw.date, draw.round.sort_key()));
        Self { by_number: draws.iter().map(|draw| (&draw.round, draw)).collect(), all }
    }

    pub fn with_number(&self, number: &DrawNumber) -> Option<&'r Draw> {
        self.by_number.get(number).copied()
    }

    /// Draws from one day to another, both included.
    pub fn between(&self, first: Date, last: Date) -> &[&'r Draw] {
        let start = self.all.partition_point(|draw| draw.date < first);
        let end = self.all.partition_point(|draw| draw.date <= last);
        self.all.get(start..end).unwrap_or_default()
    }

    /// Draws at most `days` days before or after a day.
    pub fn around(&self, day: Date, days: i64) -> &[&'r Draw] {
        self.between(day.saturating_sub(days.days()), day.saturating_add(days.days()))
    }

    pub fn newest(&self) -> Option<&'r Draw> {
        self.all.last().copied()
    }

    /// Draws of a year up to a day, in their order.
    pub fn of_year(&self, year: i16, last: Date) -> &[&'r Draw] {
        let first = Date::new(year, 1, 1).unwrap_or(Date::MAX);
        self.between(first, last.min(Date::new(year, 12, 31).unwrap_or(Date::MAX)))
    }

    /// Draw before this one, of the same category or of any.
    pub fn before(&self, draw: &Draw, category: Option<&str>) -> Option<&'r Draw> {
        let mut earlier = self.all.iter().rev().filter(|other| other.round.sort_key() < draw.round.sort_key());
        earlier.find(|other| category.is_none_or(|key| other.category.as_deref() == Some(key))).copied()
    }

    /// Whether a number is the sum of the invitations of consecutive draws around a day, of a category or of all.
    pub fn is_sum(&self, number: i64, day: Date) -> bool {
        const MAX_DAYS: i64 = 35;
        let mut by_category: BTreeMap<Option<&str>, Vec<i64>> = BTreeMap::new();
        for draw in self.around(day, MAX_DAYS) {
            by_category.entry(None).or_default().push(draw.invitations());
            by_category.entry(draw.category.as_deref()).or_default().push(draw.invitations());
        }
        by_category.values().any(|figures| {
            (0..figures.len()).any(|first| {
                let sums = figures[first..].iter().scan(0, |sum, figure| {
                    *sum += figure;
                    Some(*sum)
                });
                sums.skip(1).any(|sum| sum == number)
            })
        })
    }
}

/// Removes repeated draws, and sorts the rest by number.
pub(super) fn sort_unique(draws: &mut Vec<&Draw>) {
    draws.sort_by_key(|draw| draw.round.sort_key());
    draws.dedup_by_key(|draw| &draw.round);
}
